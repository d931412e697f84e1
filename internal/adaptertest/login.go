package adaptertest

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core"
)

func testLogin(t *testing.T, mount Mount) {
	t.Run("a first visit ends at the page that was asked for, query and all", func(t *testing.T) {
		v := newWorld(t, mount, nil).visitor("zhangsan").open("/me?week=3&q=%E4%B8%AD")
		v.want(200, "user=zhangsan name=张三 ok=true path=/me query=week=3&q=%E4%B8%AD")
		if got := v.res.Request.URL.String(); got != base+"/me?week=3&q=%E4%B8%AD" {
			t.Errorf("ended at %s", got)
		}
		if n := v.fake.Calls("auth/getuserinfo"); n != 1 {
			t.Errorf("%d exchanges, want 1", n)
		}
	})
	t.Run("the last redirect ends WeCom's fragment", func(t *testing.T) {
		v := newWorld(t, mount, nil).visitor("zhangsan")
		v.open(v.callback("/me?week=3")).want(http.StatusFound)
		if got := v.location(); got != base+"/me?week=3#" {
			t.Errorf("Location %q, want the original and an empty fragment", got)
		}
	})
	t.Run("WeCom is asked exactly as its documentation says", func(t *testing.T) {
		v := newWorld(t, mount, nil).visitor("zhangsan").still().open("/me?week=3")
		want := "https://open.weixin.qq.com/connect/oauth2/authorize?appid=ww1234567890abcdef&redirect_uri=https%3A%2F%2Foa.example.com%2Fme&response_type=code&scope=snsapi_base&state="
		loc := v.location()
		state, tail, _ := strings.Cut(strings.TrimPrefix(loc, want), "&")
		if !strings.HasPrefix(loc, want) || len(state) != 48 || tail != "agentid=1000002#wechat_redirect" {
			t.Errorf("Location %q", loc)
		}
	})
	t.Run("the session cookie is HttpOnly, Lax, Secure, __Host- and has an explicit Max-Age", func(t *testing.T) {
		v := newWorld(t, mount, nil).visitor("zhangsan")
		v.open(v.callback("/me"))
		var c *http.Cookie
		for _, set := range v.res.Cookies() {
			if len(set.Value) == 43 {
				c = set
			}
		}
		if c == nil || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" ||
			!strings.HasPrefix(c.Name, "__Host-") || c.MaxAge < 12*3600-5 || c.MaxAge > 12*3600 {
			t.Errorf("session cookie %v", c)
		}
	})
	t.Run("on http the cookies are neither Secure nor __Host-", func(t *testing.T) {
		w := newWorld(t, mount, func(c *core.Config) { c.BaseURL = "http://localhost:8080" })
		v := w.visitor("zhangsan").open("http://localhost:8080/me").want(200, "user=zhangsan")
		for _, c := range v.Jar.Cookies(v.res.Request.URL) {
			if strings.HasPrefix(c.Name, "__Host-") {
				t.Errorf("cookie %s", c.Name)
			}
		}
	})
	t.Run("a passed request is kept out of shared caches, and its own Cache-Control is left alone", func(t *testing.T) {
		v := newWorld(t, mount, nil).visitor("zhangsan").open("/me").want(200)
		if v.res.Header.Get("Vary") != "Cookie" || v.res.Header.Get("Cache-Control") != "private" {
			t.Errorf("Vary %q, Cache-Control %q", v.res.Header.Get("Vary"), v.res.Header.Get("Cache-Control"))
		}
	})
	t.Run("every answer of ours is no-store and sends no referrer", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		for _, rec := range []http.Header{w.raw("GET", "/me").Header(), w.raw("POST", "/me").Header(), w.raw("POST", "/logout").Header()} {
			if rec.Get("Cache-Control") != "no-store" || rec.Get("Referrer-Policy") != "no-referrer" {
				t.Errorf("Cache-Control %q, Referrer-Policy %q", rec.Get("Cache-Control"), rec.Get("Referrer-Policy"))
			}
		}
	})
	t.Run("a Cache-Control that is there already is left alone", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		inner := w.app
		w.app = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			rw.Header().Set("Cache-Control", "max-age=60")
			inner.ServeHTTP(rw, r)
		})
		if v := w.visitor("zhangsan").open("/me").want(200); v.res.Header.Get("Cache-Control") != "max-age=60" {
			t.Errorf("Cache-Control %q", v.res.Header.Get("Cache-Control"))
		}
	})
	t.Run("an Optional around a Require weakens nothing", func(t *testing.T) {
		v := newWorld(t, mount, nil).visitor("zhangsan")
		back := v.callback("/both?week=3")
		v.open(back).want(302)
		v.open("/both").want(200, "user=zhangsan")
		v.do("POST", "/both", "Sec-Fetch-Site", "same-site", "Origin", "https://evil.example.com").want(403)
		v.open(back).want(302) // our code and state never reach the handler
	})
	t.Run("a nested Require reuses the identity and checks its own rules", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		w.visitor("zhangsan").open("/nested").want(200, "user=zhangsan")
		w.visitor("lisi").open("/nested").want(403)
	})
	t.Run("an Optional page shows who is logged in and never starts a login", func(t *testing.T) {
		v := newWorld(t, mount, nil).visitor("zhangsan")
		v.open("/optional").want(200, "user= ", "ok=false")
		v.open("/me").open("/optional").want(200, "user=zhangsan", "ok=true")
	})
	t.Run("identity headers: these, and WithIdentity, never satisfy Require", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		inner := w.app
		w.app = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			inner.ServeHTTP(rw, r.WithContext(core.WithIdentity(r.Context(), core.Identity{CorpID: "ww", UserID: "boss"})))
		})
		if rec := w.raw("GET", "/me", "X-User-Id", "boss", "X-Forwarded-User", "boss", "Remote-User", "boss"); rec.Code != 302 || w.runs.Load() != 0 {
			t.Errorf("status %d, handler ran %d times", rec.Code, w.runs.Load())
		}
	})
	t.Run("OnLogin sees the person and may refuse, before there is a session", func(t *testing.T) {
		w := newWorld(t, mount, func(c *core.Config) {
			c.OnLogin = func(_ context.Context, id core.Identity) error {
				if id.UserID == "zhangsan" && id.Name == "张三" && !id.LoginAt.IsZero() {
					return nil
				}
				return errNoAccount
			}
		})
		w.visitor("zhangsan").open("/me").want(200)
		v := w.visitor("lisi").open("/me").want(403, "login_refused")
		if strings.Contains(v.body, errNoAccount.Error()) || !strings.Contains(w.log.String(), errNoAccount.Error()) {
			t.Error("OnLogin's error belongs into the log, not on the page")
		}
		v.still().open("/me").want(302)
	})
}
