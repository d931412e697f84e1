package adaptertest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
)

func testLimits(t *testing.T, mount Mount) {
	t.Run("answers fit a proxy, however long the address was", func(t *testing.T) {
		w := newWorld(t, mount, func(c *core.Config) { c.Aliases = []string{"www.oa.example.com"} })
		v := w.visitor("zhangsan").open("/me").want(200)
		long := strings.Repeat("文", 1200)
		for _, rec := range []http.Header{
			w.raw("GET", "/any/x?"+long, "Host", "www.oa.example.com").Header(),
			w.raw("GET", "/any/"+long, "Host", "www.oa.example.com").Header(),
			w.raw("GET", "/login?return_to=/me?"+long, "Cookie", v.cookies()).Header(),
			w.raw("GET", "/any/x?"+long).Header(),
		} {
			size := 0
			for name, values := range rec {
				size += len(name) + len(strings.Join(values, ""))
			}
			if size > 3<<10 || rec.Get("Location") == "" {
				t.Errorf("%d bytes of headers", size)
			}
		}
	})
	t.Run("a code is sent to WeCom once, whatever attempt it comes with", func(t *testing.T) {
		v := newWorld(t, mount, nil).visitor("zhangsan")
		one, two := v.callback("/me?n=1"), v.callback("/me?n=2")
		_, code, _ := strings.Cut(one, "code=")
		code, _, _ = strings.Cut(code, "&")
		cookies := v.cookies()
		v.raw("GET", strings.TrimPrefix(one, base), "Cookie", cookies)
		v.raw("GET", "/me?code="+code+"&"+stateOf(two), "Cookie", cookies)
		if n := v.fake.Calls("auth/getuserinfo"); n != 1 {
			t.Errorf("%d exchanges, want 1", n)
		}
	})
	t.Run("failing logins are rationed by visitor, whose address comes from the connection or from your proxy", func(t *testing.T) {
		for name, from := range map[string]func(r *http.Request, ip string){
			"connection": func(r *http.Request, ip string) { r.RemoteAddr = ip + ":1234" },
			"proxy":      func(r *http.Request, ip string) { r.Header.Set("X-Real-Ip", ip) },
		} {
			w := newWorld(t, mount, func(c *core.Config) {
				if name == "proxy" {
					c.ClientIP = func(r *http.Request) string { return r.Header.Get("X-Real-Ip") }
				}
			})
			inner, ip := w.app, "203.0.113.7"
			w.app = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				from(r, ip)
				inner.ServeHTTP(rw, r)
			})
			w.fake.Fail(wecomtest.Fault{API: "auth/getuserinfo", Body: `{"errcode":0,"openid":"o1"}`, Times: 60})
			for range 60 { // strangers cost WeCom no failing call
				w.visitor("zhangsan").open("/me").want(403, "not_member")
			}
			before := w.fake.Calls("auth/getuserinfo")
			for i := range 200 {
				v := w.visitor("").still().open("/me")
				_, state, _ := strings.Cut(v.location(), "state=")
				state, _, _ = strings.Cut(state, "&")
				v.open(fmt.Sprintf("/me?code=forged%d&state=%s", i, state))
			}
			if n := w.fake.Calls("auth/getuserinfo") - before; n < 40 || n > 60 {
				t.Errorf("%s: one visitor made %d failing calls, want about 50", name, n)
			}
			w.visitor("zhangsan").open("/me").want(503) // the same address
			ip = "2001:db8::1"
			w.visitor("zhangsan").open("/me").want(200, "user=zhangsan")
		}
	})
	t.Run("what a visitor writes is bounded in the log", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		huge := strings.Repeat("X", 100_000)
		w.raw("POST", "/me", "Sec-Fetch-Site", "cross-site", "Origin", "https://"+huge)
		w.raw("GET", "/any/"+huge, "Host", huge, "User-Agent", huge)
		for line := range strings.Lines(w.log.String()) {
			if len(line) > 2000 {
				t.Errorf("a record of %d bytes: %.200s", len(line), line)
			}
		}
	})
	t.Run("clickjacking: pages are locked down, and only the one for frames may be shown in them", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		for _, tc := range []struct {
			dest   string
			method string
			frames bool
		}{{"document", "POST", false}, {"iframe", "GET", true}} {
			h := w.raw(tc.method, "/me", "Sec-Fetch-Dest", tc.dest).Header()
			csp := h.Get("Content-Security-Policy")
			if !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "frame-ancestors") == tc.frames || h.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s: %v", tc.dest, h)
			}
		}
	})
	t.Run("a page's way back is this site's, whatever the Referer says", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		for referer, want := range map[string]string{
			base + "/form?x=1": base + "/form?x=1", "https://evil.example/x": base + "/", "https://oa.example.com.evil.example/": base + "/", "": base + "/",
			"javascript:alert(1)": base + "/", base + "//evil.example": base + "/",
		} {
			if body := w.raw("POST", "/me", "Referer", referer).Body.String(); !strings.Contains(body, `href="`+want+`"`) {
				t.Errorf("%q: %.1500s", referer, body)
			}
		}
	})
	t.Run("DangerouslyAllowCrossOrigin opens protected routes to other sites", func(t *testing.T) {
		v := newWorld(t, mount, func(c *core.Config) { c.DangerouslyAllowCrossOrigin = true }).visitor("zhangsan").open("/me")
		v.do("POST", "/me", "Sec-Fetch-Site", "same-site").want(200)
	})
	t.Run("XSS: what comes from outside is text on every page", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		for _, rec := range []string{
			w.raw("POST", "/any/x", "Referer", base+`/"><script>alert(1)</script>`).Body.String(),
			w.raw("GET", `/any/x?"><script>alert(1)</script>`, "User-Agent", "iPhone").Body.String(),
			w.raw("GET", "/any/x", "Sec-Fetch-Dest", "iframe", "Accept-Language", `"><script>`).Body.String(),
		} {
			if strings.Contains(rec, "<script>alert") || strings.Contains(rec, `"><script`) {
				t.Errorf("%.2000s", rec)
			}
		}
	})
}
