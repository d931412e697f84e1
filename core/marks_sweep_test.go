package core

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestSweep(t *testing.T) {
	now := time.Now()
	seen := func(m *marks, n int, at time.Time) {
		for i := range n {
			m.person(&Identity{CorpID: "ww1", UserID: strings.Repeat("x", i+1)}, at)
		}
	}
	t.Run("the map shrinks back, both of them", func(t *testing.T) {
		m := testAuth(t, func(c *Config) { c.Store = &tellStore{spyStore: newSpy()} }).marks()
		seen(m, 200, now)
		later := now.Add(m.within + time.Second)
		for i := range 400 {
			m.person(&Identity{CorpID: "ww2", UserID: strings.Repeat("y", i%250+1)}, later.Add(time.Duration(i)*m.within))
		}
		if len(m.people) > 60 || len(m.byToken) != len(m.people)+1 {
			t.Errorf("%d people, %d tokens", len(m.people), len(m.byToken))
		}
	})
	t.Run("who was seen is kept, and so is who was revoked", func(t *testing.T) {
		m := testAuth(t, func(c *Config) { c.Store = newSpy() }).marks()
		id := Identity{CorpID: "ww1", UserID: "revoked"}
		st := m.person(&id, now)
		raise(&st.before, now.UnixMilli())
		m.person(&Identity{CorpID: "ww1", UserID: "busy"}, now)
		later := now.Add(m.within + time.Second)
		busy := m.person(&Identity{CorpID: "ww1", UserID: "busy"}, later)
		for range 100 {
			m.mu.Lock()
			m.sweep(later)
			m.mu.Unlock()
		}
		if m.person(&id, later) != st || m.person(&Identity{CorpID: "ww1", UserID: "busy"}, later) != busy {
			t.Error("forgotten")
		}
	})
	t.Run("alone, nobody is forgotten while a session may live", func(t *testing.T) {
		a := testAuth(t, func(*Config) {})
		m := a.marks()
		st := m.person(&Identity{CorpID: "ww1", UserID: "a"}, now)
		for range 100 {
			m.sweep(now.Add(a.sessions.sm.Lifetime))
		}
		if m.person(&Identity{CorpID: "ww1", UserID: "a"}, now) != st {
			t.Error("forgotten")
		}
	})
	t.Run("everybody who meets a person at once meets the same", func(t *testing.T) {
		m := testAuth(t, func(*Config) {}).marks()
		got := make([]*standing, 100)
		var wg sync.WaitGroup
		for i := range got {
			wg.Go(func() { got[i] = m.meet("k", now) })
		}
		wg.Wait()
		for _, st := range got {
			if st != got[0] {
				t.Fatal("two standings of one person")
			}
		}
	})
	t.Run("never lowered", func(t *testing.T) {
		var st standing
		raise(&st.before, 5)
		if raise(&st.before, 3); st.before.Load() != 5 {
			t.Error("lowered")
		}
	})
}

func TestTouchAndGraves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSpy()
		a := testAuth(t, func(c *Config) { c.Store, c.IdleTimeout = s, time.Hour })
		gone, other := testLogin(t, a, "a"), testLogin(t, a, "b")
		time.Sleep(10 * time.Minute)
		f, err := a.sessions.load(gone)
		must(t, err)
		must(t, a.sessions.logout(http.Header{}, gone, f))
		if !a.knows(t, other) {
			t.Error("another session's touch ends with it")
		}
		// The touch that finds the grave does not pass either.
		mine := testLogin(t, a, "c")
		time.Sleep(10 * time.Minute)
		must(t, a.sessions.bury(t.Context(), mine.Cookies()[0].Value))
		if a.knows(t, mine) {
			t.Error("a request whose session has been ended meanwhile passes")
		}
		// A look that fails is an error.
		mine = testLogin(t, a, "d")
		if !a.knows(t, mine) {
			t.Fatal("out")
		}
		time.Sleep(6 * time.Minute)
		a.marks().within = time.Hour // the marks themselves are not read
		s.fail = true
		if _, err := a.sessions.load(mine); !errors.Is(err, ErrStore) {
			t.Errorf("%v", err)
		}
	})
}

var _ = context.Background
