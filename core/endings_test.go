package core_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/wecomauth/wecomauth/core"
)

// tellingStore is a mapStore that tells of changes, obeys contexts, and fails when told to.
type tellingStore struct {
	mapStore
	mu        sync.Mutex
	listeners []func(string)
	failMarks bool
	committed func(token string)
	slow      time.Duration
}

func (s *tellingStore) OnChange(f func(string)) { s.listeners = append(s.listeners, f) }
func (s *tellingStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	if err := ctx.Err(); err != nil {
		return nil, false, err
	}
	s.mu.Lock()
	fail := s.failMarks && strings.HasPrefix(token, "wecomauth;")
	slow := s.slow
	s.mu.Unlock()
	if fail {
		return nil, false, errors.New("connection reset")
	}
	time.Sleep(slow)
	return s.Find(token)
}
func (s *tellingStore) CommitCtx(ctx context.Context, token string, b []byte, at time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	_ = s.Commit(token, b, at)
	if s.committed != nil {
		s.committed(token)
	}
	for _, f := range s.listeners {
		f(token)
	}
	return nil
}
func (s *tellingStore) DeleteCtx(ctx context.Context, token string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.Delete(token)
}

// the client goes away between the touch's write and its look.
func TestTouchAndAClientThatLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &tellingStore{}
		newAuth := func() *core.Authenticator {
			return rechecking(t, newCompany(), func(c *core.Config) {
				c.Store, c.Recheck, c.IdleTimeout = struct{ scs.CtxStore }{s}, 0, 10*time.Hour
			})
		}
		here, there := newAuth(), newAuth()
		session := signIn(t, here, "zhangsan")
		time.Sleep(61 * time.Minute)
		ctx, cancel := context.WithCancel(t.Context())
		r := httptest.NewRequest("GET", base+"/me", nil).WithContext(ctx)
		r.RequestURI = "/me"
		r.Header.Set("Cookie", session[0])
		once := false
		s.committed = func(token string) {
			if !once && strings.HasSuffix(session[0], token) { // the logout came between read and write
				once = true
				b, _, _ := s.Find(token)
				post := httptest.NewRequest("POST", base+"/logout?everywhere=1", nil)
				post.RequestURI = "/logout"
				post.Header.Set("Cookie", session[0])
				d := there.Logout(http.Header{}, post)
				t.Logf("logout: %d %v", d.Status(), d.Err())
				_ = s.Commit(token, b, time.Time{}) // as if the touch's write had come after the logout's delete
				cancel()
				synctest.Wait()
			}
		}
		d := here.Decide(http.Header{}, r)
		s.committed = nil
		t.Logf("once %t, the touching request: action %v %v", once, d.Action, d.Err())
		if in(here, session) || in(there, session) {
			t.Error("the session is back")
		}
	})
}

// a re-check that began before a Revoke lowers its mark.
func TestARecheckDoesNotLowerAMark(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := &mapStore{}, newCompany()
		slow := &slowCompany{company: c}
		here := rechecking(t, slow, func(c *core.Config) { c.Store = s })
		there := rechecking(t, newCompany(), func(c *core.Config) { c.Store, c.Recheck = s, 0 })
		signIn(t, here, "zhangsan")
		slow.answer = make(chan error)
		for !slow.asked() {
			time.Sleep(time.Second)
		}
		time.Sleep(time.Second)
		second := signIn(t, there, "zhangsan") // WeCom still lets them
		time.Sleep(time.Second)
		if err := here.Revoke(t.Context(), "", "zhangsan"); err != nil {
			t.Fatal(err)
		}
		slow.answer <- core.ErrNotMember
		synctest.Wait()
		time.Sleep(core.DefaultRevokeWithin)
		if in(there, second) {
			t.Error("a session from before the Revoke lives: the re-check lowered the mark")
		}
	})
}

type slowCompany struct {
	*company
	answer chan error
	once   bool
	mu2    sync.Mutex
}

func (c *slowCompany) asked() bool                        { c.mu2.Lock(); defer c.mu2.Unlock(); return c.once }
func (c *slowCompany) Open(core.Env) (core.Client, error) { return c, nil }
func (c *slowCompany) Member(context.Context, string, string) (core.Identity, error) {
	c.mu2.Lock()
	c.once = true
	c.mu2.Unlock()
	return core.Identity{}, <-c.answer
}

// RetryAfter is overrun by a visit under way.
func TestRetryAfterIsKeptBySlowVisits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCompany()
		s := &tellingStore{}
		lim := &limited{company: c}
		auth := rechecking(t, lim, func(cf *core.Config) { cf.Recheck, cf.Store = 3*time.Minute, struct{ scs.CtxStore }{s} })
		for i := range 100 {
			signIn(t, auth, "u"+string(rune('a'+i/26))+string(rune('a'+i%26)))
		}
		s.mu.Lock()
		s.slow = 300 * time.Millisecond
		s.mu.Unlock()
		time.Sleep(time.Hour)
		lim.mu2.Lock()
		calls := lim.calls
		lim.mu2.Unlock()
		if calls > 40 {
			t.Errorf("%d calls in an hour, though WeCom said: not for ten minutes", calls)
		}
		time.Sleep(24 * time.Hour)
	})
}

type limited struct {
	*company
	mu2   sync.Mutex
	calls int
}

func (c *limited) Open(core.Env) (core.Client, error) { return c, nil }
func (c *limited) Member(context.Context, string, string) (core.Identity, error) {
	c.mu2.Lock()
	c.calls++
	c.mu2.Unlock()
	time.Sleep(150 * time.Millisecond)
	return core.Identity{}, core.RetryAfter(core.ErrUnavailable, 10*time.Minute)
}

// sign out everywhere with a session that has ended says that it was done.
func TestEverywhereWithoutALogin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCompany()
		c.exchange = func(_ context.Context, code string) (core.Identity, error) {
			user, _, _ := strings.Cut(code, ".")
			return core.Identity{CorpID: "ww1", UserID: user}, nil
		}
		auth := rechecking(t, c, func(c *core.Config) { c.Recheck, c.IdleTimeout = 0, time.Hour })
		desk := signIn(t, auth, "zhangsan.1")
		phone := signIn(t, auth, "zhangsan.2")
		for range 3 {
			time.Sleep(25 * time.Minute)
			if !in(auth, phone) {
				t.Fatal("phone is out")
			}
		}
		post := httptest.NewRequest("POST", base+"/logout?everywhere=1", nil)
		post.RequestURI = "/logout?everywhere=1"
		post.Header.Set("Accept", "text/html")
		post.Header.Set("Cookie", desk[0])
		d := auth.Logout(http.Header{}, post)
		if in(auth, phone) && d.Status() < 400 {
			t.Errorf("status %d, as if it had been done, and the phone is in", d.Status())
		}
	})
}

// TestNobodyIsLookedUpAfterALogout: not everywhere, that is.
func TestNobodyIsLookedUpAfterALogout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCompany()
		auth := rechecking(t, c, nil)
		s := signIn(t, auth, "zhangsan")
		post := httptest.NewRequest("POST", base+"/logout?everywhere=1", nil)
		post.RequestURI = "/logout?everywhere=1"
		post.Header.Set("Cookie", s[0])
		auth.Logout(http.Header{}, post)
		time.Sleep(24 * time.Hour)
		if n, _ := c.calls(time.Hour); n > 2 {
			t.Errorf("%d calls about a person who has logged out everywhere", n)
		}
	})
}
