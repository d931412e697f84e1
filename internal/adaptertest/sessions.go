package adaptertest

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"

	"github.com/wecomauth/wecomauth/core"
)

// store is an scs store that can fail.
type store struct {
	mu    sync.Mutex
	items map[string][]byte
	fail  map[string]bool // by operation: find, commit, delete
	finds int
	marks int          // finds of what is no session
	found func(string) // runs after a find of this token, when set
}

var errStore = errors.New("connection refused")

func (s *store) failing(op string) error {
	if s.fail[op] {
		return errStore
	}
	return nil
}

func (s *store) Find(token string) ([]byte, bool, error) {
	b, ok, err := s.find(token)
	if s.found != nil {
		s.found(token)
	}
	return b, ok, err
}

func (s *store) find(token string) ([]byte, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.finds++
	if len(token) != 43 {
		s.marks++
	}
	b, ok := s.items[token]
	return b, ok, s.failing("find")
}

func (s *store) Commit(token string, b []byte, _ time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.items[token] = b
	return s.failing("commit")
}

func (s *store) Delete(token string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.failing("delete"); err != nil {
		return err
	}
	delete(s.items, token)
	return nil
}

// manager is an application's own session manager, as its documentation makes it.
func manager() *scs.SessionManager {
	sm := scs.New()
	sm.Store = memstore.NewWithCleanupInterval(0)
	sm.Cookie.Secure = true
	return sm
}

func testSessions(t *testing.T, mount Mount) {
	t.Run("an outer LoadAndSave commits: one Set-Cookie of the session, and its values survive the login", func(t *testing.T) {
		sm := manager()
		w := newWorld(t, mount, func(c *core.Config) { c.Sessions = sm })
		inner := w.app
		w.app = sm.LoadAndSave(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/" {
				sm.Put(r.Context(), "cart", "two books")
			}
			rw.Header().Set("X-Cart", sm.GetString(r.Context(), "cart"))
			inner.ServeHTTP(rw, r)
		}))
		v := w.visitor("zhangsan").open("/").want(200)
		anonymous := v.cookies()
		v.open(v.callback("/me")).want(302)
		if n := strings.Count(strings.Join(v.res.Header.Values("Set-Cookie"), "\n"), "session="); n != 1 {
			t.Errorf("%d session cookies in %q", n, v.res.Header.Values("Set-Cookie"))
		}
		v.open("/me").want(200, "user=zhangsan")
		if got := v.res.Header.Get("X-Cart"); got != "two books" {
			t.Errorf("the cart holds %q", got)
		}
		if rec := w.raw("GET", "/me", "Cookie", anonymous); !turnedAway(rec) {
			t.Errorf("session fixation: the token from before the login works, status %d", rec.Code)
		}
		v.do("POST", "/logout").want(303)
		v.open("/me").want(302)
		if got := v.res.Header.Get("X-Cart"); got != "" {
			t.Errorf("after logout the cart holds %q", got)
		}
	})
	t.Run("another person on the same browser finds nothing of the first; the same person finds everything", func(t *testing.T) {
		for second, want := range map[string]string{"zhangsan": "diary", "lisi": ""} {
			sm := manager()
			w := newWorld(t, mount, func(c *core.Config) { c.Sessions = sm })
			inner := w.app
			w.app = sm.LoadAndSave(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/cached" {
					sm.Put(r.Context(), "diary", "diary")
				}
				rw.Header().Set("X-Diary", sm.GetString(r.Context(), "diary"))
				inner.ServeHTTP(rw, r)
			}))
			v := w.visitor("zhangsan").open("/me").open("/cached").want(200)
			other := w.visitor(second)
			other.Jar = v.Jar
			other.open("/login?fresh=1&return_to=/me").want(200, "user="+second)
			if got := other.res.Header.Get("X-Diary"); got != want {
				t.Errorf("%s after zhangsan: the diary is %q, want %q", second, got, want)
			}
		}
	})
	t.Run("cookie tossing: two session cookies under LoadAndSave count as none: one may be planted", func(t *testing.T) {
		sm := manager()
		w := newWorld(t, mount, func(c *core.Config) { c.Sessions = sm })
		w.app = sm.LoadAndSave(w.app)
		one, two := w.visitor("lisi").open("/me"), w.visitor("zhangsan").open("/me")
		rec := w.raw("GET", "/me", "Cookie", one.session()+"; "+two.session())
		if !turnedAway(rec) {
			t.Errorf("status %d: %.200s", rec.Code, rec.Body)
		}
	})
	t.Run("the application's manager without LoadAndSave works as well", func(t *testing.T) {
		sm := manager()
		v := newWorld(t, mount, func(c *core.Config) { c.Sessions = sm }).visitor("zhangsan").open("/me?a=1").want(200, "user=zhangsan")
		v.open("/me").want(200)
		v.do("POST", "/logout").want(200, "home")
		v.still().open("/me").want(302)
	})
	t.Run("session fixation: a planted session is dead after the login", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		attacker := w.visitor("lisi").open("/me").want(200)
		planted := attacker.Jar.Cookies(attacker.res.Request.URL)
		v := w.visitor("zhangsan")
		v.Jar.SetCookies(attacker.res.Request.URL, planted)
		v.open("/login?fresh=1&return_to=/me").want(200, "user=zhangsan")
		for _, c := range planted {
			if rec := w.raw("GET", "/me", "Cookie", c.String()); !turnedAway(rec) {
				t.Errorf("the planted session works: status %d", rec.Code)
			}
		}
	})
	t.Run("malformed and doubled session cookies are refused before the store is asked", func(t *testing.T) {
		s := &store{items: map[string][]byte{}}
		w := newWorld(t, mount, func(c *core.Config) { c.Store = s })
		v := w.visitor("zhangsan").open("/me").want(200)
		name, token := "", ""
		for _, c := range v.Jar.Cookies(v.res.Request.URL) {
			if len(c.Value) == 43 {
				name, token = c.Name, c.Value
			}
		}
		before := s.finds
		for _, value := range []string{"", "x", token + "x", token[:42], token[:42] + "!", strings.Repeat("A", 4000), token + "; " + name + "=" + strings.Repeat("A", 43)} {
			if rec := w.raw("GET", "/me", "Cookie", name+"="+value); !turnedAway(rec) {
				t.Errorf("%.60q: status %d", value, rec.Code)
			}
		}
		if s.finds != before {
			t.Errorf("the store was asked %d times", s.finds-before)
		}
		if rec := w.raw("GET", "/me", "Cookie", name+"="+token+"; "+name+"="+token); rec.Code != 200 {
			t.Errorf("the same cookie twice: status %d", rec.Code)
		}
	})
	t.Run("an unreadable session means logged out, never an error", func(t *testing.T) {
		s := &store{items: map[string][]byte{}}
		w := newWorld(t, mount, func(c *core.Config) { c.Store = s })
		v := w.visitor("zhangsan").open("/me").want(200)
		for token := range s.items {
			s.items[token] = []byte("not gob")
		}
		v.open("/me").follow().want(200, "user=zhangsan") // by a new login
	})
	t.Run("a failing store is 503 with Retry-After, and no handler runs", func(t *testing.T) {
		s := &store{items: map[string][]byte{}}
		w := newWorld(t, mount, func(c *core.Config) { c.Store = s })
		v := w.visitor("zhangsan").open("/me").want(200)
		runs := w.runs.Load()
		s.fail = map[string]bool{"find": true}
		v.open("/me").want(503, "store_unavailable")
		v.open("/optional").want(503)
		v.do("POST", "/logout").want(503)
		if v.res.Header.Get("Retry-After") == "" || w.runs.Load() != runs {
			t.Errorf("Retry-After %q, handler ran %d times", v.res.Header.Get("Retry-After"), w.runs.Load()-runs)
		}
		s.fail = map[string]bool{"delete": true}
		v.do("POST", "/logout").want(503)
		s.fail = map[string]bool{"commit": true}
		w.visitor("lisi").open("/me").want(503, "store_unavailable")
		s.fail = nil
		v.open("/me").want(200, "user=zhangsan")
	})
	t.Run("the store's calls have a deadline", func(t *testing.T) {
		w := newWorld(t, mount, func(c *core.Config) { c.Store, c.StoreTimeout = stuckStore{}, time.Millisecond })
		rec := w.raw("GET", "/me", "Cookie", sessionName(t, mount)+"="+strings.Repeat("A", 43))
		if rec.Code != 503 {
			t.Errorf("status %d", rec.Code)
		}
	})
}

// stuckStore answers only when its context ends.
type stuckStore struct{}

func (stuckStore) FindCtx(ctx context.Context, _ string) ([]byte, bool, error) {
	<-ctx.Done()
	return nil, false, ctx.Err()
}
func (stuckStore) CommitCtx(context.Context, string, []byte, time.Time) error { return nil }
func (stuckStore) DeleteCtx(context.Context, string) error                    { return nil }
func (stuckStore) Find(string) ([]byte, bool, error)                          { return nil, false, nil }
func (stuckStore) Commit(string, []byte, time.Time) error                     { return nil }
func (stuckStore) Delete(string) error                                        { return nil }

// sessionName is what a default session cookie is called.
func sessionName(t *testing.T, mount Mount) string {
	v := newWorld(t, mount, nil).visitor("zhangsan").open("/me").want(200)
	for _, c := range v.Jar.Cookies(v.res.Request.URL) {
		if len(c.Value) == 43 {
			return c.Name
		}
	}
	t.Fatal("no session cookie")
	return ""
}
