package adaptertest

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
)

func testGuards(t *testing.T, mount Mount) {
	t.Run("another code for an attempt that became a session gets no session", func(t *testing.T) {
		v := newWorld(t, mount, nil).visitor("zhangsan")
		back, cookies := v.callback("/me"), v.cookies()
		v.raw("GET", strings.TrimPrefix(back, base), "Cookie", cookies)
		rec := v.raw("GET", "/me?code=guessed&"+stateOf(back), "Cookie", cookies)
		for _, c := range rec.Result().Cookies() {
			if len(c.Value) == 43 {
				t.Errorf("status %d, with a session", rec.Code)
			}
		}
	})
	t.Run("Login's answers by method, by script, and to a person who is logged in", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		v := w.visitor("zhangsan").open("/me").still()
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
			v.do(method, "/login", "Sec-Fetch-Site", "same-origin").want(405)
		}
		v.do("HEAD", "/login?return_to=/me").want(302)
		v.open("/login?return_to=/me", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty").want(204)
		for query, want := range map[string]string{
			"return_to=/me&fresh=0": "/me", "return_to=/%256Cogin": "/", "return_to=/login%23x": "/", "return_to=/login%3Fx": "/",
			"return_to=/me&junk=" + strings.Repeat("x", 9000): "/",
		} {
			if v.open("/login?" + query).want(302); v.location() != base+want {
				t.Errorf("%.40s: Location %q, want %s", query, v.location(), want)
			}
		}
	})
	t.Run("Logout by any method but POST changes nothing", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		v := w.visitor("zhangsan").open("/me")
		for _, method := range []string{"GET", "HEAD", "PUT", "PATCH", "DELETE"} {
			v.do(method, "/logout", "Sec-Fetch-Site", "same-origin").want(405)
		}
		v.open("/me").want(200, "user=zhangsan")
	})
	t.Run("Logout of nobody sets no cookie and is no event", func(t *testing.T) {
		var seen []core.Event
		w := newWorld(t, mount, func(c *core.Config) {
			c.Observer = func(_ context.Context, e core.Event) { seen = append(seen, e) }
		})
		rec := w.raw("POST", "/logout", "Sec-Fetch-Site", "same-origin")
		if rec.Code != 303 || rec.Header().Get("Set-Cookie") != "" || len(seen) != 0 || strings.Contains(w.log.String(), "logged out") {
			t.Errorf("status %d, Set-Cookie %q, events %v", rec.Code, rec.Header().Get("Set-Cookie"), seen)
		}
	})
	t.Run("Logout asks the store about what may be a session only, and says when it cannot end one", func(t *testing.T) {
		s := &store{items: map[string][]byte{}}
		w := newWorld(t, mount, func(c *core.Config) { c.Store = s })
		one, two := w.visitor("zhangsan").open("/me").session(), w.visitor("lisi").open("/me").session()
		name, _, _ := strings.Cut(one, "=")
		before := s.finds
		if rec := w.raw("POST", "/logout", "Cookie", name+"=malformed"); rec.Code != 303 || s.finds != before {
			t.Errorf("a malformed cookie: status %d, the store was asked %d times", rec.Code, s.finds-before)
		}
		s.fail = map[string]bool{"delete": true}
		if rec := w.raw("POST", "/logout", "Cookie", one+"; "+two); rec.Code != 503 {
			t.Errorf("two sessions that stay: status %d", rec.Code)
		}
	})
	t.Run("a store that cannot forget the old session refuses the login", func(t *testing.T) {
		s := &store{items: map[string][]byte{}}
		w := newWorld(t, mount, func(c *core.Config) { c.Store = s })
		v := w.visitor("zhangsan").open("/me").want(200)
		s.fail = map[string]bool{"delete": true}
		v.open("/login?fresh=1&return_to=/me").want(503, "store_unavailable")
	})
	t.Run("an outer LoadAndSave renews once at login and clears once at logout", func(t *testing.T) {
		sm, s := manager(), &deletions{store: &store{items: map[string][]byte{}}}
		sm.Store = s
		w := newWorld(t, mount, func(c *core.Config) { c.Sessions = sm })
		w.app = sm.LoadAndSave(w.app)
		v := w.visitor("zhangsan").open("/me").want(200)
		s.n = 0
		v.open(v.callback("/login?fresh=1&return_to=/me")).want(302)
		if s.n != 1 {
			t.Errorf("the token was renewed %d times", s.n)
		}
		v.do("POST", "/logout").want(303)
		if n := strings.Count(strings.Join(v.res.Header.Values("Set-Cookie"), "\n"), "session="); n != 1 {
			t.Errorf("%d session cookies in %q", n, v.res.Header.Values("Set-Cookie"))
		}
	})
	t.Run("cookies are as New promises: ours, and those of the application's manager", func(t *testing.T) {
		for _, own := range []bool{true, false} {
			for _, persist := range []bool{true, false} {
				w := newWorld(t, mount, func(c *core.Config) {
					if !own {
						c.Sessions = manager()
						c.Sessions.Cookie.Persist, c.Sessions.Cookie.Domain, c.Sessions.Cookie.Partitioned = persist, "oa.example.com", true
						c.Sessions.Lifetime = core.DefaultLifetime
					}
				})
				v := w.visitor("zhangsan")
				v.open(v.callback("/me")).want(302)
				for _, c := range v.res.Cookies() {
					lasts := c.MaxAge > 43000 && c.MaxAge <= 43200 && time.Until(c.Expires) > 11*time.Hour
					session := len(c.Value) == 43
					if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" ||
						session && (lasts != (own || persist) || !lasts && (c.MaxAge != 0 || !c.Expires.IsZero())) ||
						c.Partitioned != (session && !own) || (c.Domain != "") != (session && !own) {
						t.Errorf("ours %t, persistent %t: %s", own, persist, c)
					}
				}
			}
		}
	})
	t.Run("the log says which cookie is missing when a login goes in circles", func(t *testing.T) {
		for want, drop := range map[string]func(c *http.Cookie) bool{
			"session missing":        func(c *http.Cookie) bool { return len(c.Value) == 43 },
			"attempt cookie missing": func(*http.Cookie) bool { return true },
		} {
			w := newWorld(t, mount, nil)
			v := w.visitor("zhangsan")
			v.Transport = forgetful{v.Transport, func(_ *http.Response, c *http.Cookie) bool { return drop(c) }}
			v.settle("/me").want(400, "login_loop")
			if !strings.Contains(w.log.String(), want) {
				t.Errorf("no %q in %s", want, w.log)
			}
		}
	})
	t.Run("fragments and odd addresses of the sign-in route are nobody's concern", func(t *testing.T) {
		w := newWorld(t, mount, func(c *core.Config) { c.KeepFragment = true })
		if body := w.raw("GET", "/me?week=3").Body.String(); !strings.Contains(body, "week=3&amp;wecomauth_fragment=") {
			t.Errorf("a page with a query: %.900s", body)
		}
		if rec := w.raw("GET", "/login?return_to=/me"); rec.Code != 302 {
			t.Errorf("status %d: a page that asks for the fragment", rec.Code)
		}
		w.raw("GET", "/login?return_to=/me&junk="+url.QueryEscape(strings.Repeat("文", 600)))
		if strings.Contains(w.log.String(), "too long") {
			t.Errorf("log %s", w.log)
		}
	})
	t.Run("an alias is no surprise as Host", func(t *testing.T) {
		w := newWorld(t, mount, func(c *core.Config) { c.Aliases = []string{"WWW.oa.example.com:443"} })
		if rec := w.raw("GET", "/me", "Host", "www.OA.example.com"); rec.Header().Get("Location") != base+"/me" || strings.Contains(w.log.String(), "another Host") {
			t.Errorf("Location %q, log %s", rec.Header().Get("Location"), w.log)
		}
	})
	t.Run("a callback by HEAD that finds a session leaves the attempt as it is", func(t *testing.T) {
		v := newWorld(t, mount, nil).visitor("zhangsan")
		back := v.callback("/me")
		v.open(v.callback("/me?tab=2")).want(302)
		if v.do("HEAD", back).want(302); v.res.Header.Get("Set-Cookie") != "" {
			t.Errorf("Set-Cookie %q", v.res.Header.Get("Set-Cookie"))
		}
	})
	t.Run("a refusal of somebody who has left, or who has cancelled, is no cause for alarm", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		v := w.visitor("lisi").open("/me").want(200)
		left, leave := context.WithCancel(t.Context())
		leave()
		inner := w.app
		w.app = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { inner.ServeHTTP(rw, r.WithContext(left)) })
		w.raw("GET", "/admin", "Cookie", v.session())
		w.app = inner
		w.fake.Refuse()
		w.visitor("zhangsan").open("/me").want(403, "login_cancelled")
		if log := w.log.String(); strings.Count(log, "level=DEBUG msg=\"wecomauth: refused\"") != 2 {
			t.Errorf("log %s", log)
		}
	})
	t.Run("a time to wait is never told as none", func(t *testing.T) {
		w := newWorld(t, mount, func(c *core.Config) {
			c.OnLogin = func(context.Context, core.Identity) error {
				return &core.Error{Kind: core.ErrUnavailable, RetryAfter: 100 * time.Millisecond}
			}
		})
		if got := w.visitor("zhangsan").open("/me").want(503).res.Header.Get("Retry-After"); got != "1" {
			t.Errorf("Retry-After %q", got)
		}
	})
	t.Run("switching the person goes on in the second round", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		first, other := w.visitor("zhangsan").open("/me").want(200), w.visitor("lisi")
		other.Jar = first.Jar
		w.fake.Fail(wecomtest.Fault{API: "auth/getuserinfo", Code: 40029, Times: 1})
		other.open("/login?fresh=1&return_to=/me").follow().want(200, "user=lisi")
	})
	t.Run("a login ends when it ends, however long the person took: a session lost then is a round", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			v := newWorld(t, mount, nil).visitor("zhangsan").still().open("/me").want(302)
			time.Sleep(9 * time.Minute)
			v.open(v.location()).want(302) // at WeCom
			v.open(v.location()).want(302)
			if rec := v.raw("GET", "/me", "Cookie", strings.ReplaceAll(v.cookies(), v.session(), "x=y")); rec.Code != 200 {
				t.Errorf("status %d, want the page of the second round", rec.Code)
			}
		})
	})
	t.Run("what an observer sees of a login holds no personal details, and takes as long as it took", func(t *testing.T) {
		var got core.LoginSucceeded
		fake := wecomtest.New(wecomtest.Config{})
		w := newWorldAt(t, mount, fake, func(c *core.Config) {
			c.Observer = func(_ context.Context, e core.Event) {
				if e, ok := e.(core.LoginSucceeded); ok {
					got = e
				}
			}
		})
		w.visitor("zhangsan").open("/me").want(200)
		if got.Identity.UserID != "zhangsan" || got.Identity.Details != nil || got.Took <= 0 || got.Identity.LoginAt.Nanosecond()%1e6 != 0 {
			t.Errorf("%+v", got)
		}
	})
}

// deletions counts them.
type deletions struct {
	*store
	n int
}

func (d *deletions) Delete(token string) error {
	d.n++
	return d.store.Delete(token)
}
