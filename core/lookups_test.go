package core

import (
	"context"
	"log/slog"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

type partly struct {
	office
	parents map[int]int
}

func (o *partly) DepartmentParents(context.Context, string) (map[int]int, error) {
	return o.parents, nil
}

func TestNotTreeAndWhatTheAppCannotSee(t *testing.T) {
	for _, tc := range []struct {
		name    string
		parents map[int]int
		own     int
		top     int
		in      bool
	}{
		{"the person's department is newer than what is known", map[int]int{1: 0, 2: 1, 3: 1}, 77, 2, false},
		{"the rule's department is known only as somebody's parent", map[int]int{5: 2, 9: 8}, 9, 2, false},
		{"all is known", map[int]int{1: 0, 2: 1, 3: 1}, 3, 2, true},
		{"all is known, but what is above the range", map[int]int{2: 1, 3: 1}, 3, 2, true},
	} {
		c := company{corpID: "ww1", corps: corps{ids: []string{"ww1"}}, look: newLookups(&partly{parents: tc.parents}, slog.New(slog.DiscardHandler))}
		err := admit(t.Context(), c, Not(DepartmentTree(tc.top)), Identity{CorpID: "ww1", UserID: "a", Departments: []int{tc.own}})
		if (err == nil) != tc.in {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}

type exits struct{ office }

func (*exits) DepartmentParents(context.Context, string) (map[int]int, error) {
	runtime.Goexit()
	return nil, nil
}

type never struct{ office }

func (*never) DepartmentParents(context.Context, string) (map[int]int, error) {
	time.Sleep(100 * time.Hour) // obeys no context
	return nil, nil
}

func TestADirectoryThatNeverAnswers(t *testing.T) {
	for name, dir := range map[string]Client{"it ends its goroutine": &exits{}, "it hangs": &never{}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				look := newLookups(dir, slog.New(slog.DiscardHandler))
				before := time.Now()
				_, err := look.parents(t.Context(), "ww1")
				if err == nil || time.Since(before) > 10*time.Second {
					t.Errorf("%v after %v", err, time.Since(before))
				}
				time.Sleep(101 * time.Hour) // so that nothing is left
			})
		})
	}
}
