package adaptertest

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
)

func testPaths(t *testing.T, mount Mount) {
	callbackPath := func(c *core.Config) { c.CallbackPath = "/login" }

	t.Run("StripPrefix inside the service: the address that browsers see is used", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		w.app = http.StripPrefix("/oa", w.app)
		v := w.visitor("zhangsan").open("/oa/me?week=3").want(200, "path=/me query=week=3")
		if got := v.res.Request.URL.String(); got != base+"/oa/me?week=3" {
			t.Errorf("ended at %s", got)
		}
	})
	t.Run("a proxy in front that strips a prefix: BaseURL's path is that prefix", func(t *testing.T) {
		w := newWorld(t, mount, func(c *core.Config) { c.BaseURL = base + "/oa" })
		inner := w.app
		w.app = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			r.RequestURI = strings.TrimPrefix(r.RequestURI, "/oa")
			r.URL.Path = strings.TrimPrefix(r.URL.Path, "/oa")
			inner.ServeHTTP(rw, r)
		})
		v := w.visitor("zhangsan").open("/oa/me?week=3").want(200, "path=/me query=week=3")
		if got := v.res.Request.URL.String(); got != base+"/oa/me?week=3" {
			t.Errorf("ended at %s", got)
		}
		v.do("POST", "/oa/logout").want(200, "home")
		if got := v.res.Request.URL.String(); got != base+"/oa/" {
			t.Errorf("logout landed at %s", got)
		}
		v.still().open("/oa/login?return_to=/me").want(302)
	})
	t.Run("paths that cannot be their own callback use CallbackPath", func(t *testing.T) {
		for _, target := range []string{"/any/a%2Fb?x=1", "/any/%E6%96%87%E6%A1%A3?x=1", "/any/a%20b?x=1", "/any/a;b?x=1", "/any/" + strings.Repeat("long", 60) + "?x=1"} {
			v := newWorld(t, mount, callbackPath).visitor("zhangsan").open(target).want(200, "user=zhangsan", "query=x=1")
			if got := v.res.Request.URL.String(); got != base+target {
				t.Errorf("%s: ended at %s", target, got)
			}
		}
	})
	t.Run("without CallbackPath such a path is refused with what to do in the log", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		w.visitor("zhangsan").open("/any/a%2Fb").want(500, "misconfigured")
		if !strings.Contains(w.log.String(), "set Config.CallbackPath") {
			t.Errorf("log %s", w.log)
		}
	})
	t.Run("a route that matches on a query works by CallbackPath", func(t *testing.T) {
		w := newWorld(t, mount, callbackPath)
		inner := w.app
		w.app = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/me" && r.URL.Query().Get("view") != "list" {
				http.NotFound(rw, r)
				return
			}
			inner.ServeHTTP(rw, r)
		})
		w.visitor("zhangsan").open("/me?view=list").want(200, "user=zhangsan", "query=view=list")
	})
	t.Run("a named parameter and a deep path are their own callback", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		w.visitor("zhangsan").open("/files/report.pdf").want(200, "path=/files/report.pdf")
		w.visitor("zhangsan").open("/any/x/y-z/~w_1.2").want(200, "path=/any/x/y-z/~w_1.2")
	})
}

func testHosts(t *testing.T, mount Mount) {
	t.Run("a default nginx sends the upstream's name as Host: served as BaseURL, warned about once", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		inner := w.app
		w.app = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			r.Host = "app:8080"
			inner.ServeHTTP(rw, r)
		})
		v := w.visitor("zhangsan").open("/me?week=3").want(200, "user=zhangsan")
		v.do("POST", "/me", "Sec-Fetch-Site", "same-origin").want(200)
		v.do("POST", "/me", "Sec-Fetch-Site", "", "Origin", base).want(200)
		if n := strings.Count(w.log.String(), "another Host"); n != 1 {
			t.Errorf("%d warnings, want 1", n)
		}
	})
	t.Run("host confusion: forged X-Forwarded and Host headers change neither redirect_uri nor cookies nor where a login ends", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		for _, forged := range [][]string{
			{"X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "http", "X-Forwarded-Prefix", "/evil"},
			{"Forwarded", "host=evil.example;proto=http", "X-Original-URL", "/", "X-Rewrite-URL", "/", "X-Forwarded-Uri", "/"},
			{"Host", "evil.example"}, {"Host", "oa.example.com.evil.example"}, {"Host", "OA.EXAMPLE.COM:443"},
		} {
			rec := w.raw("GET", "/me", forged...)
			loc, _ := url.Parse(rec.Header().Get("Location"))
			if rec.Code != 302 || loc.Query().Get("redirect_uri") != base+"/me" || !strings.Contains(rec.Header().Get("Set-Cookie"), "Secure") {
				t.Errorf("%v: status %d, Location %s, Set-Cookie %s", forged, rec.Code, loc, rec.Header().Get("Set-Cookie"))
			}
		}
	})
	t.Run("an alias is moved to BaseURL before the login", func(t *testing.T) {
		w := newWorld(t, mount, func(c *core.Config) { c.Aliases = []string{"www.oa.example.com"} })
		rec := w.raw("GET", "/me?week=3", "Host", "www.oa.example.com")
		if rec.Code != 302 || rec.Header().Get("Location") != base+"/me?week=3" || !strings.Contains(rec.Header().Get("Set-Cookie"), "-moved=1") {
			t.Errorf("status %d, Location %q", rec.Code, rec.Header().Get("Location"))
		}
		if rec := w.raw("POST", "/me", "Host", "www.oa.example.com"); rec.Code != 401 {
			t.Errorf("POST: status %d", rec.Code)
		}
		if rec := w.raw("GET", "/login?return_to=/me&fresh=1", "Host", "www.oa.example.com"); rec.Header().Get("Location") != base+"/login?return_to=/me&fresh=1" {
			t.Errorf("Login moved to %q", rec.Header().Get("Location"))
		}
	})
	t.Run("a proxy that turns BaseURL's host into an alias is no endless redirect", func(t *testing.T) {
		w := newWorld(t, mount, func(c *core.Config) { c.Aliases = []string{"www.oa.example.com"} })
		inner := w.app
		w.app = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			r.Host = "www.oa.example.com"
			inner.ServeHTTP(rw, r)
		})
		w.visitor("zhangsan").open("/me?week=3").want(200, "user=zhangsan")
	})
}

func testTwoApps(t *testing.T, mount Mount) {
	t.Run("two apps on one host and in one store never meet", func(t *testing.T) {
		store := &store{items: map[string][]byte{}}
		fake := wecomtest.New(wecomtest.Config{})
		other := wecomtest.New(wecomtest.Config{CorpID: "ww00000000000other", TrustedDomain: "oa.example.com"})
		one := newWorldAt(t, mount, fake, func(c *core.Config) { c.Store = store })
		two := newWorldAt(t, mount, other, func(c *core.Config) { c.Store = store })
		v := one.visitor("zhangsan").open("/me").want(200)
		if rec := two.raw("GET", "/me", "Cookie", v.cookies()); !turnedAway(rec) {
			t.Errorf("the other app took the session: status %d", rec.Code)
		}
		// Even if the cookie's name were the same, the record is bound to its app.
		token := v.Jar.Cookies(v.res.Request.URL)
		stolen := two.visitor("zhangsan").open("/me").want(200)
		for _, c := range stolen.Jar.Cookies(v.res.Request.URL) {
			for _, mine := range token {
				if len(mine.Value) == 43 && len(c.Value) == 43 {
					if rec := two.raw("GET", "/me", "Cookie", c.Name+"="+mine.Value); !turnedAway(rec) {
						t.Errorf("a session of one app opened the other: status %d", rec.Code)
					}
				}
			}
		}
	})
}
