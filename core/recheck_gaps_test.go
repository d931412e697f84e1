package core_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alexedwards/scs/v2/memstore"

	"github.com/wecomauth/wecomauth/core"
)

// moody is a store of sessions whose marks fail when told to.
type moody struct {
	*memstore.MemStore
	fail, panics atomic.Bool
}

func (s *moody) Commit(token string, b []byte, at time.Time) error {
	if s.fail.Load() && len(token) != 43 {
		return errors.New("read-only replica")
	}
	return s.MemStore.Commit(token, b, at)
}
func (s *moody) Find(token string) ([]byte, bool, error) {
	if s.panics.Load() && len(token) != 43 {
		panic("in the store")
	}
	return s.MemStore.Find(token)
}

func several(c *company) *company { // a code is a UserID and a number
	c.exchange = func(_ context.Context, code string) (core.Identity, error) {
		user, _, _ := strings.Cut(code, ".")
		if open, ok := strings.CutPrefix(user, "open-"); ok {
			return core.Identity{CorpID: "ww1", OpenID: open}, nil
		}
		return core.Identity{CorpID: "ww1", UserID: user}, nil
	}
	return c
}

func post(auth *core.Authenticator, target string, cookies []string) core.Decision {
	r := httptest.NewRequest("POST", base+target, nil)
	r.RequestURI = target
	r.Header.Set("Cookie", strings.Join(cookies, "; "))
	return auth.Logout(http.Header{}, r)
}

func TestLogoutEverywhereOfNobodyEndsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &moody{MemStore: memstore.NewWithCleanupInterval(0)}
		auth := rechecking(t, several(newCompany()), func(c *core.Config) { c.Recheck, c.Store = 0, store })
		a := signIn(t, auth, "a")
		post(auth, "/logout?everywhere=1", nil)
		post(auth, "/logout?everywhere=1", []string{"x=y"})
		if !in(auth, a) {
			t.Fatal("an anonymous visitor signs everybody out")
		}
		b := signIn(t, auth, "a.2")
		post(auth, "/logout?everywhere=0", b)
		if !in(auth, a) {
			t.Error("everywhere=0 is everywhere")
		}
		c := signIn(t, auth, "a.3")
		store.fail.Store(true)
		if d := post(auth, "/logout?everywhere=1", c); d.Status() != 503 {
			t.Errorf("status %d, and the mark is not written", d.Status())
		}
	})
}

func TestRecheckGaps(t *testing.T) {
	with := func(name string, f func(t *testing.T, c *company, s *moody, auth *core.Authenticator)) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, s := several(newCompany()), &moody{MemStore: memstore.NewWithCleanupInterval(0)}
				f(t, c, s, rechecking(t, c, func(c *core.Config) { c.Store = s }))
				time.Sleep(48 * time.Hour)
			})
		})
	}
	with("people without a UserID are not looked up", func(t *testing.T, c *company, _ *moody, auth *core.Authenticator) {
		signIn(t, auth, "open-oX")
		time.Sleep(12 * time.Hour)
		if n, _ := c.calls(time.Hour); n != 0 {
			t.Errorf("%d calls", n)
		}
	})
	with("a later session is looked after as well", func(t *testing.T, c *company, _ *moody, auth *core.Authenticator) {
		signIn(t, auth, "a.1")
		time.Sleep(10 * time.Hour)
		second := signIn(t, auth, "a.2")
		time.Sleep(4 * time.Hour) // the first is over
		c.fire("a", time.Now())
		time.Sleep(time.Hour)
		if in(auth, second) {
			t.Error("the person is in")
		}
	})
	with("an instance that meets an old session looks at once, unless another has lately", func(t *testing.T, _ *company, s *moody, auth *core.Authenticator) {
		session := signIn(t, auth, "a")
		other := newCompany()
		time.Sleep(5*time.Hour + time.Minute)
		there := rechecking(t, other, func(c *core.Config) { c.Store = s })
		in(there, session)
		time.Sleep(time.Second)
		if n, _ := other.calls(time.Hour); n != 0 {
			t.Errorf("%d calls, though the other instance has just asked", n)
		}
		alone := newCompany()
		fresh := rechecking(t, alone, func(c *core.Config) { c.Store = &view{s} })
		in(fresh, session)
		time.Sleep(time.Second)
		if n, _ := alone.calls(time.Hour); n != 1 {
			t.Errorf("%d calls, though nobody has asked lately", n)
		}
	})
	with("a mark that could not be written is written later", func(t *testing.T, c *company, s *moody, auth *core.Authenticator) {
		there := rechecking(t, newCompany(), func(c *core.Config) { c.Store, c.Recheck = s, 0 })
		session := signIn(t, auth, "a")
		c.fire("a", time.Now())
		s.fail.Store(true)
		time.Sleep(time.Hour)
		s.fail.Store(false)
		time.Sleep(10 * time.Minute)
		if in(there, session) {
			t.Error("the person is in on the other instance")
		}
	})
	with("a store that panics ends no process, and what fails is tried again within the time", func(t *testing.T, c *company, s *moody, auth *core.Authenticator) {
		session := signIn(t, auth, "a")
		time.Sleep(30 * time.Minute)
		s.panics.Store(true)
		c.fire("a", time.Now())
		c.mu.Lock()
		c.stuck = true
		c.mu.Unlock()
		time.Sleep(17 * time.Minute)
		s.panics.Store(false)
		c.mu.Lock()
		c.stuck = false
		c.mu.Unlock()
		time.Sleep(13 * time.Minute)
		if in(auth, session) {
			t.Error("the person is in after the time")
		}
	})
}

// view shows sessions and no marks.
type view struct{ *moody }

func (v *view) Find(token string) ([]byte, bool, error) {
	if len(token) != 43 {
		return nil, false, nil
	}
	return v.moody.Find(token)
}
