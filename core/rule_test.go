package core

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// office is a Directory that a test makes up. Department 5 is below 2, 2 below 1.
type office struct {
	Client
	err   error
	calls int
}

func (o *office) App() AppInfo { return AppInfo{CorpID: "ww1", LinkedCorps: []string{"ww2"}} }
func (o *office) Member(context.Context, string, string) (Identity, error) {
	return Identity{}, o.err
}
func (o *office) DepartmentParents(context.Context, string) (map[int]int, error) {
	o.calls++
	return map[int]int{2: 1, 3: 1, 5: 2, 8: 9, 9: 8}, o.err
}
func (o *office) TagMembers(_ context.Context, _ string, id int) (TagMembers, error) {
	o.calls++
	if id == 404 {
		return TagMembers{}, errors.New("no such tag")
	}
	return map[int]TagMembers{
		1: {UserIDs: []string{"WangWu"}},
		2: {Departments: []int{2}},
	}[id], o.err
}

func TestRules(t *testing.T) {
	anybody := Identity{CorpID: "ww1", UserID: "ZhangSan", Departments: []int{5}}
	wangwu := Identity{CorpID: "ww1", UserID: "wangwu", Departments: []int{3}}
	unknown := Identity{CorpID: "ww1", UserID: "lisi"}
	guest := Identity{CorpID: "ww1", OpenID: "ZhangSan"}
	linked := Identity{CorpID: "ww2", UserID: "ZhangSan"}
	cannotTell := RuleFunc(func(context.Context, Identity) error { return errors.New("the database is down") })
	never := RuleFunc(func(context.Context, Identity) error { return ErrForbidden })

	for _, tc := range []struct {
		name string
		rule Rule
		id   Identity
		in   bool
	}{
		{"a UserID on the list", Users("lisi", "zhangsan"), anybody, true},
		{"the same UserID in a linked company is somebody else", Users("zhangsan"), linked, false},
		{"an OpenID is no UserID", Users("zhangsan"), guest, false},
		{"an empty list", Users(), anybody, false},
		{"a direct member", Departments(5), anybody, true},
		{"a member of a department below", Departments(2), anybody, false},
		{"a member of a department below, when that is asked for", DepartmentTree(2), anybody, true},
		{"two levels below", DepartmentTree(1), anybody, true},
		{"a member of another branch", DepartmentTree(3), anybody, false},
		{"a department that nobody has heard of", DepartmentTree(77), anybody, false},
		{"departments that are below each other", DepartmentTree(1), Identity{CorpID: "ww1", UserID: "a", Departments: []int{8}}, false},
		{"unknown departments", Departments(5), unknown, false},
		{"unknown departments, with those below", DepartmentTree(1), unknown, false},
		{"a person of a linked company, whose departments have other ids", Departments(5), Identity{CorpID: "ww2", UserID: "a", Departments: []int{5}}, false},
		{"the tag is on the person, in another case", Tags(1), wangwu, true},
		{"the tag is on a department above", Tags(2), anybody, true},
		{"the tag is on another department", Tags(2), wangwu, false},
		{"one of several tags", Tags(2, 1), wangwu, true},
		{"a tag that cannot be read", Tags(404), wangwu, false},
		{"a tag that cannot be read beside one that the person carries", Tags(404, 1), wangwu, true},
		{"a tag on a department, and a person whose departments are unknown", Tags(2), unknown, false},
		{"no employee carries a tag", Tags(1), Identity{CorpID: "ww1", OpenID: "wangwu"}, false},
		{"Unicode case is not ASCII case", Users("\u212Aim"), Identity{CorpID: "ww1", UserID: "kim"}, false},
		{"the person's spelling is folded for tags", Tags(1), Identity{CorpID: "ww1", UserID: "WANGWU"}, true},
		{"not, of a tag on a department, and a person whose departments are unknown", Not(Tags(2)), unknown, false},
		{"not, of any, the one that cannot tell first", Not(AnyOf(cannotTell, Users("lisi"))), anybody, false},
		{"not, of a tree, and a person in a department that it does not have", Not(DepartmentTree(3)), Identity{CorpID: "ww1", UserID: "a", Departments: []int{99}}, false},
		{"not, of a department that is known as a parent only", Not(DepartmentTree(1)), wangwu, false},
		{"any of two", AnyOf(Users("x"), Departments(5)), anybody, true},
		{"any of none", AnyOf(), anybody, false},
		{"any with a nil rule", AnyOf(nil, Users("zhangsan")), anybody, true},
		{"not, of somebody whom the rule refuses", Not(Users("lisi")), anybody, true},
		{"not, of somebody whom the rule lets in", Not(Users("zhangsan")), anybody, false},
		{"not, of a rule that cannot tell", Not(Departments(3)), unknown, false},
		{"not, of a tag that cannot be read", Not(Tags(404)), wangwu, false},
		{"not, of a department that nobody has heard of", Not(DepartmentTree(77)), anybody, false},
		{"not, of any that cannot all tell", Not(AnyOf(Users("lisi"), cannotTell)), anybody, false},
		{"not, of any that all say no", Not(AnyOf(Users("lisi"), never)), anybody, true},
		{"not, of no rule", Not(nil), anybody, false},
		{"not not", Not(Not(Users("zhangsan"))), anybody, true},
		{"a rule of one's own that says no", never, anybody, false},
		{"a rule of one's own that cannot tell", cannotTell, anybody, false},
		{"a nil function", RuleFunc(nil), anybody, false},
		{"the company that is asked for", Corp("ww2", Users("zhangsan")), linked, true},
		{"another company than is asked for", Corp("ww2"), anybody, false},
		{"all of a company's rules must agree", Corp("ww1", Users("zhangsan"), Departments(3)), anybody, false},
		{"an employee of a linked company is one", Employees(), linked, true},
		{"a guest is no employee", Employees(), guest, false},
	} {
		look := newLookups(&office{}, slog.New(slog.DiscardHandler))
		c := company{corpID: "ww1", own: "ww1", corps: corps{ids: []string{"ww1", "ww2"}}, look: look}
		if err := admit(t.Context(), c, tc.rule, tc.id); (err == nil) != tc.in {
			t.Errorf("%s: %v", tc.name, err)
		}
		if err := admit(t.Context(), c, nil, tc.id); err == nil {
			t.Error("a nil rule lets somebody in")
		}
	}
}

func TestRulesThatCannotWork(t *testing.T) {
	several := company{own: "ww1", corps: corps{ids: []string{"ww1", "ww2"}}, look: newLookups(&office{}, slog.New(slog.DiscardHandler))}
	alone := company{corpID: "ww1", own: "ww1", corps: corps{ids: []string{"ww1"}}}
	for _, tc := range []struct {
		name string
		c    company
		rule Rule
		want string
	}{
		{"a bare UserID where two companies' people may log in", several, Users("zhangsan"), "core.Corp"},
		{"a bare department there, however deep", several, AnyOf(nil, Not(Departments(2))), "core.Corp"},
		{"a bare tag there", several, Tags(1), "core.Corp"},
		{"with its company it works", several, Corp("ww1", Users("zhangsan"), DepartmentTree(2), Tags(1)), ""},
		{"UserIDs of a linked company", several, Corp("ww2", Users("zhangsan")), ""},
		{"departments of a linked company, which nobody knows", several, Corp("ww2", Departments(2)), "linked"},
		{"a tree of theirs", several, Corp("ww2", DepartmentTree(2)), "linked"},
		{"tags of theirs", several, Corp("ww2", Not(Tags(1))), "linked"},
		{"a company that nobody can be of", several, Corp("ww3", Users("zhangsan")), `"ww3"`},
		{"a bare UserID where there is one company", alone, Users("zhangsan"), ""},
		{"the form of linked companies", alone, Users("ww1/zhangsan"), "core.Corp"},
		{"a tag without a directory", alone, Tags(1), "core.Directory"},
		{"a tree without a directory", alone, DepartmentTree(1), "core.Directory"},
		{"an empty UserID", alone, Users(""), "UserID"},
		{"no department has the id 0", alone, Departments(0), "positive"},
		{"no tag has a negative id", several, Corp("ww1", Tags(-1)), "positive"},
		{"a function always can", several, RuleFunc(nil), ""},
	} {
		err := checkRules(tc.c, []Rule{tc.rule})
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%s: %v, want %q in it", tc.name, err, tc.want)
		}
		// Decide does not check rules, and refuses by those that cannot work.
		if id := (Identity{CorpID: "ww1", UserID: "zhangsan", Departments: []int{2}}); tc.want != "" && admit(t.Context(), tc.c, tc.rule, id) == nil {
			t.Errorf("%s: it lets somebody in", tc.name)
		}
	}
}

// TestLookups: a request waits for WeCom only when nothing is known.
func TestLookups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &office{}
		look := newLookups(o, slog.New(slog.DiscardHandler))
		ask := func() error { _, err := look.parents(t.Context(), "ww1"); return err }
		for _, step := range []struct {
			name  string
			after time.Duration
			err   error
			fails bool
			calls int // in all
		}{
			{"nothing is known", 0, nil, false, 1},
			{"it is fresh", lookupFresh - 1, nil, false, 1},
			{"it is renewed in the background", 1, nil, false, 2},
			{"WeCom is away: the old answer serves", lookupFresh, errors.New("away"), false, 3},
			{"and it is not asked again at once", lookupBackoff - 1, errors.New("away"), false, 3},
			{"but a minute later", 1, errors.New("away"), false, 4},
			{"after an hour the old answer does not serve", lookupStale, errors.New("away"), true, 5},
			{"nor is WeCom asked for each request", time.Second, errors.New("away"), true, 5},
			{"until it is back", lookupBackoff, nil, false, 6},
		} {
			time.Sleep(step.after)
			o.err = step.err
			err := ask()
			synctest.Wait()
			if (err != nil) != step.fails || o.calls != step.calls {
				t.Errorf("%s: %v, %d calls, want %d", step.name, err, o.calls, step.calls)
			}
		}
	})
}
