package core

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestALoginBuriesTheSessionThatItEnds: a touch that read the old session before a
// login, and writes it after, does not bring it back.
func TestALoginBuriesTheSessionThatItEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSpy()
		a := testAuth(t, func(c *Config) { c.Store, c.IdleTimeout = s, time.Hour })
		r := testLogin(t, a, "a")
		old := r.Cookies()[0].Value
		late, _, err := s.Find(old)
		must(t, err)
		time.Sleep(10 * time.Minute)
		f, err := a.sessions.load(r)
		must(t, err)
		_, err = a.sessions.login(t.Context(), f, Identity{CorpID: "ww1", UserID: "b", LoginAt: time.Now()})
		must(t, err)
		must(t, s.Commit(old, late, time.Now().Add(time.Hour)))
		if a.knows(t, r) {
			t.Error("the session from before the login is back")
		}
	})
}

// vanishing is a store whose sessions are gone after one look at them.
type vanishing struct {
	*spyStore
	looks int
}

func (s *vanishing) Find(token string) ([]byte, bool, error) {
	if len(token) == tokenLen {
		if s.looks++; s.looks > 1 {
			return nil, false, nil
		}
	}
	return s.spyStore.Find(token)
}

// TestATouchMakesNoSession: one that is ended between the look at it and the touch
// stays ended, and no other one comes of it.
func TestATouchMakesNoSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &vanishing{spyStore: newSpy()}
		a := testAuth(t, func(c *Config) { c.Store, c.IdleTimeout = s, time.Hour })
		r := testLogin(t, a, "a")
		time.Sleep(10 * time.Minute)
		before, err := s.All()
		must(t, err)
		s.looks = 0
		if a.knows(t, r) {
			t.Error("the request passes")
		}
		if after, err := s.All(); err != nil || len(after) != len(before) {
			t.Errorf("%d sessions and marks, %d before, %v", len(after), len(before), err)
		}
	})
}

// TestNobodyIsNotEverybody: without a person there is nobody to revoke.
func TestNobodyIsNotEverybody(t *testing.T) {
	s := newSpy()
	a := testAuth(t, func(c *Config) { c.Store = s })
	r := testLogin(t, a, "a")
	if err := a.sessions.revoke(t.Context(), Identity{CorpID: "ww1"}, time.Now(), nil); !errors.Is(err, ErrInternal) {
		t.Errorf("%v", err)
	}
	if all, err := s.All(); err != nil || len(all) != 1 || !a.knows(t, r) {
		t.Errorf("%d entries in the store, want the session alone, %v", len(all), err)
	}
}

// hoarder is a store that keeps what has expired, and takes its time with marks.
type hoarder struct {
	items map[string][]byte
	wait  time.Duration
}

func (s *hoarder) Find(token string) ([]byte, bool, error) {
	if len(token) != tokenLen {
		time.Sleep(s.wait)
	}
	b, ok := s.items[token]
	return b, ok, nil
}
func (s *hoarder) Delete(token string) error { delete(s.items, token); return nil }
func (s *hoarder) Commit(token string, b []byte, _ time.Time) error {
	s.items[token] = b
	return nil
}

// TestATouchDoesNotOutliveTheDeadline: it passes while the marks are read.
func TestATouchDoesNotOutliveTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &hoarder{items: map[string][]byte{}}
		a := testAuth(t, func(c *Config) { c.Store, c.Lifetime, c.IdleTimeout = s, time.Hour, time.Hour })
		r := testLogin(t, a, "a")
		time.Sleep(time.Hour - time.Second)
		s.wait = 2 * time.Second
		if a.knows(t, r) {
			t.Error("the session is used beyond its deadline")
		}
	})
}
