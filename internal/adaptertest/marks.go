package adaptertest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alexedwards/scs/v2/memstore"

	"github.com/wecomauth/wecomauth/core"
)

// testMarks: what is kept in the store beside sessions harms nobody.
func testMarks(t *testing.T, mount Mount) {
	t.Run("a mark is never a session, whatever a cookie says", func(t *testing.T) {
		sm := manager()
		shared := &store{items: map[string][]byte{}}
		sm.Store, sm.IdleTimeout = shared, time.Hour
		w := newWorld(t, mount, func(c *core.Config) { c.Sessions = sm })
		bare := w.app
		v := w.visitor("zhangsan").open("/me").want(200)
		revoke(t, w, false, "zhangsan")
		revoke(t, w, true, "")
		v.do("POST", "/logout")
		marks := 0
		for token := range shared.items {
			if len(token) == 43 {
				continue
			}
			marks++
			for _, cookie := range []string{"session=" + token, `session="` + token + `"`} {
				w.app = bare
				if rec := w.raw("GET", "/me", "Cookie", cookie); !turnedAway(rec) {
					t.Errorf("%q: status %d", cookie, rec.Code)
				}
				w.app = sm.LoadAndSave(bare)
				if rec := w.raw("GET", "/me", "Cookie", cookie); !turnedAway(rec) {
					t.Errorf("%q under LoadAndSave: status %d", cookie, rec.Code)
				}
			}
		}
		if marks != 3 {
			t.Errorf("%d marks, want one of zhangsan, one of everybody and one of the session that ended", marks)
		}
	})
	t.Run("an application that iterates over its sessions sees the marks as sessions without anything of its own", func(t *testing.T) {
		sm := manager()
		sm.Store = memstore.NewWithCleanupInterval(0)
		w := newWorld(t, mount, func(c *core.Config) { c.Sessions = sm })
		w.app = sm.LoadAndSave(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			sm.Put(r.Context(), "cart", "two books")
			mount(w.auth, w.routes()).ServeHTTP(rw, r)
		}))
		w.visitor("zhangsan").open("/me").want(200)
		w.visitor("lisi").open("/me").want(200)
		revoke(t, w, false, "wangwu")
		carts := 0
		if err := sm.Iterate(t.Context(), func(ctx context.Context) error {
			if sm.GetString(ctx, "cart") != "" {
				carts++
			}
			return nil
		}); err != nil || carts < 2 {
			t.Errorf("%d carts, %v", carts, err)
		}
	})
}

// testIdle: a session that is ended while a request is under way stays ended.
func testIdle(t *testing.T, mount Mount) {
	for name, end := range map[string]func(w *world, session string){
		"by a logout": func(w *world, session string) {
			if rec := w.raw("POST", "/logout", "Cookie", session); rec.Code != 303 {
				w.t.Errorf("logout: status %d", rec.Code)
			}
		},
		"by a revocation": func(w *world, _ string) { revoke(w.t, w, false, "zhangsan") },
	} {
		t.Run("a session that is ended between a touch's read and its write is not brought back: "+name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				here, there, shared := twoInstances(t, mount, func(c *core.Config) { c.IdleTimeout = time.Hour })
				session := here.visitor("zhangsan").open("/me").want(200).session()
				time.Sleep(10 * time.Minute) // a tenth and more
				ended := false
				shared.found = func(token string) {
					if !ended && strings.HasSuffix(session, token) {
						ended = true
						end(there, session)
					}
				}
				here.raw("GET", "/me", "Cookie", session)
				shared.found = nil
				if !ended {
					t.Fatal("the session was not read")
				}
				time.Sleep(core.DefaultRevokeWithin)
				if here.in(session) || there.in(session) {
					t.Error("the session is back")
				}
			})
		})
	}
	t.Run("a slow handler does not bring it back", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, mount, func(c *core.Config) { c.IdleTimeout = time.Hour })
			session := w.visitor("zhangsan").open("/me").want(200).session()
			time.Sleep(10 * time.Minute)
			inner := w.app
			w.app = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				inner.ServeHTTP(rw, r)
				time.Sleep(time.Minute)
			})
			done := make(chan struct{})
			go func() {
				defer close(done)
				w.raw("GET", "/me", "Cookie", session)
			}()
			time.Sleep(time.Second)
			logout := httptest.NewRequest("POST", base+"/logout", nil)
			logout.Header.Set("Cookie", session)
			inner.ServeHTTP(httptest.NewRecorder(), logout)
			<-done
			w.app = inner
			if w.in(session) {
				t.Error("the session is back")
			}
		})
	})
}

// testLogoutEverywhere: the page asks, and the person's other browsers are out.
func testLogoutEverywhere(t *testing.T, mount Mount) {
	w := newWorld(t, mount, nil)
	phone, desk, other := w.visitor("zhangsan").open("/me"), w.visitor("zhangsan").open("/me"), w.visitor("lisi").open("/me")
	desk.open("/logout").want(405, `formaction="?everywhere=1"`)
	phone.do("POST", "/logout").want(200, "home")
	if !w.in(desk.session()) {
		t.Error("a logout here is one everywhere")
	}
	session := desk.session()
	desk.do("POST", "/logout?everywhere=1", "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site").want(403)
	if !w.in(session) {
		t.Error("another site signs a person out everywhere")
	}
	phone.open("/me").want(200)
	desk.do("POST", "/logout?everywhere=1").want(200, "home")
	if w.in(phone.session()) {
		t.Error("the person's other browser is in")
	}
	if !w.in(other.session()) {
		t.Error("another person is out too")
	}
}
