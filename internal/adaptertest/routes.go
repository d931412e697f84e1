package adaptertest

import (
	"net/url"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core"
)

func testRoutes(t *testing.T, mount Mount) {
	t.Run("Login goes to WeCom and back to return_to", func(t *testing.T) {
		v := newWorld(t, mount, nil).visitor("zhangsan")
		v.open("/login?return_to="+url.QueryEscape("/me?week=3")).want(200, "user=zhangsan", "query=week=3")
		v.open("/login?return_to=%2Foptional").want(200, "path=/optional") // already logged in
		if n := v.fake.Calls("auth/getuserinfo"); n != 1 {
			t.Errorf("%d exchanges, want 1", n)
		}
		v.open("/login").want(200, "home")
	})
	t.Run("Login never returns to itself or to Logout", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		w.raw("GET", "/logout") // from here on its path is known
		for _, to := range []string{"/login", "/login?return_to=/login", "/logout", "/logout?x=1"} {
			w.visitor("zhangsan").open("/login?return_to="+url.QueryEscape(to)).want(200, "home")
		}
	})
	t.Run("fresh=1 switches the person and leaves nothing of the first", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		v := w.visitor("zhangsan").open("/me").want(200, "user=zhangsan")
		first := v.cookies()
		other := w.visitor("lisi")
		other.Jar = v.Jar // the same browser, another person at WeCom
		other.open("/login?fresh=1&return_to=/me").want(200, "user=lisi")
		if rec := w.raw("GET", "/me", "Cookie", first); !turnedAway(rec) {
			t.Errorf("the first person's session still works: status %d", rec.Code)
		}
	})
	t.Run("Login by fetch is 401, by POST 405", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		if rec := w.raw("GET", "/login", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty"); rec.Code != 401 {
			t.Errorf("fetch: %d", rec.Code)
		}
		if rec := w.raw("POST", "/login"); rec.Code != 405 || rec.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("POST: %d, Allow %q", rec.Code, rec.Header().Get("Allow"))
		}
	})
	t.Run("Logout ends the session in the store and lands on the public page", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		v := w.visitor("zhangsan").open("/me").want(200)
		before := v.cookies()
		v.do("POST", "/logout", "Sec-Fetch-Site", "same-origin").want(200, "home")
		if rec := w.raw("GET", "/me", "Cookie", before); !turnedAway(rec) {
			t.Errorf("a copy of the cookie still works: status %d", rec.Code)
		}
		v.still().open("/me").want(302)
	})
	t.Run("Logout takes the cookies from the browser, and ends every session of the cookie's name", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		v := w.visitor("zhangsan").open("/me").want(200)
		v.do("POST", "/logout").want(200)
		if left := v.cookies(); left != "" {
			t.Errorf("the browser still holds %s", left)
		}
		one, two := w.visitor("zhangsan").open("/me").cookies(), w.visitor("lisi").open("/me").cookies()
		w.raw("POST", "/logout", "Cookie", one+"; "+two)
		for _, c := range []string{one, two} {
			if rec := w.raw("GET", "/me", "Cookie", c); !turnedAway(rec) {
				t.Errorf("a session outlived the logout: status %d", rec.Code)
			}
		}
	})
	t.Run("logging out and in again at once is no loop, however often", func(t *testing.T) {
		v := newWorld(t, mount, nil).visitor("zhangsan")
		for range 5 {
			v.open("/me").want(200, "user=zhangsan")
			v.do("POST", "/logout").want(200)
		}
	})
	t.Run("switching person again and again is no loop", func(t *testing.T) {
		v := newWorld(t, mount, nil).visitor("zhangsan")
		for range 5 {
			v.open("/login?fresh=1&return_to=/me").want(200, "user=zhangsan")
		}
	})
	t.Run("the sign-out page's form can be sent: it does not hide where it comes from", func(t *testing.T) {
		rec := newWorld(t, mount, nil).raw("GET", "/logout")
		if strings.Contains(rec.Body.String(), "method_not_allowed") {
			t.Error("the page that asks looks like an error")
		}
		if got := rec.Header().Get("Referrer-Policy"); got != "same-origin" {
			t.Errorf("Referrer-Policy %q makes browsers send Origin: null, which is refused", got)
		}
	})
	t.Run("Logout lands on Config.AfterLogout", func(t *testing.T) {
		v := newWorld(t, mount, func(c *core.Config) { c.AfterLogout = "/optional" }).visitor("zhangsan").open("/me")
		v.do("POST", "/logout").want(200, "path=/optional", "ok=false")
	})
	t.Run("Logout by fetch is 204, and without a session it is no error", func(t *testing.T) {
		v := newWorld(t, mount, nil).visitor("zhangsan")
		v.do("POST", "/logout", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty", "Sec-Fetch-Site", "same-origin").want(204)
	})
	t.Run("logout CSRF: another site, a link or an image signs nobody out", func(t *testing.T) {
		v := newWorld(t, mount, func(c *core.Config) { c.DangerouslyAllowCrossOrigin = true }).visitor("zhangsan").open("/me")
		v.do("POST", "/logout", "Sec-Fetch-Site", "cross-site").want(403)
		v.do("POST", "/logout", "Sec-Fetch-Site", "", "Origin", "https://evil.example").want(403)
		v.open("/logout").want(405, `<form method="post">`)
		if v.res.Header.Get("Allow") != "POST" {
			t.Errorf("Allow %q", v.res.Header.Get("Allow"))
		}
		v.open("/me").want(200, "user=zhangsan")
	})
}

// hostile return_to values; none may leave the site or name an odd page of it.
var hostile = []string{
	"//evil.example", "//evil.example/x", `/\evil.example`, `\\evil.example`, `/\/evil.example`, "https://evil.example", "https:evil.example",
	"javascript:alert(1)", "data:text/html,x", "evil.example", "", " /me", "/\t/evil.example", "/\n/evil.example", "/\r\nSet-Cookie: a=b",
	"/%2F/evil.example", "/%5Cevil.example", "/%2f%2fevil.example", "/./me", "/../me", "/a/%2e%2e/b", "/%00", "/\x00", "/\x7f", "///evil.example",
	"/%", "/%zz", "http://oa.example.com@evil.example/", "//oa.example.com", "/a//b", "?x=1", "#frag", "@evil.example", ".evil.example", ":443/x",
}

func testReturnTo(t *testing.T, mount Mount) {
	t.Run("open redirect: return_to stays on this site", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		v := w.visitor("zhangsan").open("/me").still()
		for _, to := range hostile {
			v.open("/login?return_to=" + url.QueryEscape(to)).want(302)
			if got := v.location(); got != base+"/" {
				t.Errorf("return_to %q: Location %q, want the home page", to, got)
			}
		}
		v.open("/login?return_to=" + url.QueryEscape("/me?next=https://x.example/a//b#frag")).want(302)
		if got := v.location(); got != base+"/me?next=https://x.example/a//b#frag" {
			t.Errorf("Location %q", got)
		}
	})
	t.Run("open redirect: a hostile request target on a catch-all route stays on this site", func(t *testing.T) {
		w := newWorld(t, mount, func(c *core.Config) { c.CallbackPath = "/login" })
		for _, target := range []string{"//evil.example/any/x", "/any//evil.example", `/any/\evil.example`, "/any/%5Cevil", "/any/%2F%2Fevil.example", "http://evil.example/any/x", "/any/x#@evil.example"} {
			rec := w.raw("GET", target)
			if loc := rec.Header().Get("Location"); loc != "" && !strings.HasPrefix(loc, "https://open.weixin.qq.com/connect/oauth2/authorize?") && !strings.HasPrefix(loc, "/") {
				t.Errorf("%q: Location %q", target, loc)
			}
			if rec.Code != 302 {
				continue // the router itself refused or moved it
			}
			v := w.visitor("zhangsan").still()
			u, _ := url.Parse(base)
			v.Jar.SetCookies(u, rec.Result().Cookies())
			v.open(rec.Header().Get("Location"))
			v.open(v.location())
			if loc := v.location(); loc != "" && !strings.HasPrefix(loc, base+"/") {
				t.Errorf("%q: ended at %q", target, loc)
			}
		}
	})
}
