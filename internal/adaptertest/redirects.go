package adaptertest

import (
	"bufio"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
)

// gate is an application of which every page is protected, whatever its path.
type gate struct {
	*world
	site Site
}

// newGate builds one behind a proxy that strips prefix.
func newGate(t *testing.T, mount Mount, prefix string, change func(*core.Config)) *gate {
	t.Helper()
	w := newWorld(t, mount, func(c *core.Config) {
		c.BaseURL, c.CallbackPath = base+prefix, "/login"
		if change != nil {
			change(c)
		}
	})
	pages := mount(w.auth, []Route{{Path: "/{rest...}", Guard: Require, Handler: greetOnly}})
	ways := mount(w.auth, []Route{{Path: "/login", Guard: Login}, {Path: "/logout", Guard: Logout}})
	w.app = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/login" || r.URL.Path == "/logout" {
			ways.ServeHTTP(rw, r)
			return
		}
		pages.ServeHTTP(rw, r)
	})
	return &gate{w, Site(base + prefix)}
}

// greetOnly repeats nothing of the request.
func greetOnly(rw http.ResponseWriter, r *http.Request) {
	id, _ := core.IdentityFrom(r.Context())
	_, _ = io.WriteString(rw, "user="+id.UserID)
}

// send delivers a request with this target as net/http reads it, or as a server
// might that is less strict, and judges the answer.
func (g *gate) send(method, target string, header ...string) *httptest.ResponseRecorder {
	g.t.Helper()
	var rec *httptest.ResponseRecorder
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(method + " " + target + " HTTP/1.1\r\nHost: oa.example.com\r\n\r\n")))
	if err != nil || r.RequestURI != target {
		rec = g.raw(method, target, header...)
	} else {
		setHeader(r.Header, append([]string{"User-Agent", "wxwork/4.1.22", "Accept", "text/html"}, header...))
		r.RemoteAddr = "127.0.0.1:1"
		rec = httptest.NewRecorder()
		g.app.ServeHTTP(rec, r)
	}
	site := g.site
	if rec.Code == 301 || rec.Code == 307 || rec.Code == 308 { // the router's own, which cleans paths and knows nothing of a prefix
		if site = base; !strings.HasPrefix(target, "/") {
			return rec // browsers send such targets to proxies only; Gin repeats them
		}
	}
	if to := site.Foreign(rec.Header(), rec.Body.String()); to != "" {
		g.t.Errorf("%s %.100q: status %d leads to %.300s", method, target, rec.Code, to)
	}
	return rec
}

// follow goes on from an answer as a browser does, through WeCom's login and to
// the last page, and judges every step. It returns the cookies, and whether that
// page greets.
func (g *gate) follow(rec *httptest.ResponseRecorder) (jar string, greeted bool) {
	g.t.Helper()
	cookies := map[string]string{}
	for range 8 {
		jar = ""
		for _, c := range rec.Result().Cookies() {
			cookies[c.Name] = c.Value
		}
		for name, value := range cookies {
			jar += name + "=" + value + "; "
		}
		next := rec.Header().Get("Location")
		if m := refresh.FindStringSubmatch(rec.Body.String()); m != nil && next == "" {
			next = strings.ReplaceAll(m[1], "&amp;", "&")
		}
		if strings.HasPrefix(next, "https://open.weixin.qq.com/") {
			v := g.visitor("zhangsan").still().open(next).want(302)
			next = v.location()
		}
		next, _, _ = strings.Cut(strings.TrimPrefix(next, string(g.site)), "#")
		if !strings.HasPrefix(next, "/") {
			return jar, rec.Code == 200 && strings.Contains(rec.Body.String(), "user=zhangsan")
		}
		rec = g.send("GET", next, "Cookie", jar)
	}
	g.t.Error("the browser is sent around for ever")
	return jar, false
}

func testRedirects(t *testing.T, mount Mount) {
	targets := RedirectTargets()
	if len(targets) < 300 {
		t.Fatalf("%d different targets, want at least 300", len(targets))
	}
	t.Logf("%d hostile addresses", len(targets))
	for _, way := range []struct {
		name string
		send func(g *gate, target string) *httptest.ResponseRecorder
	}{
		{"the request's own target", func(g *gate, target string) *httptest.ResponseRecorder { return g.send("GET", target) }},
		{"return_to", func(g *gate, target string) *httptest.ResponseRecorder {
			return g.send("GET", "/login?return_to="+url.QueryEscape(target))
		}},
		{"return_to, not escaped", func(g *gate, target string) *httptest.ResponseRecorder {
			return g.send("GET", "/login?return_to="+target)
		}},
		{"the Host header", func(g *gate, target string) *httptest.ResponseRecorder {
			return g.send("GET", "/any/x", "Host", target)
		}},
	} {
		for _, prefix := range []string{"", "/app"} {
			t.Run("open redirect: by "+way.name+", at BaseURL"+prefix, func(t *testing.T) {
				g, greeted := newGate(t, mount, prefix, nil), 0
				for _, target := range targets {
					if _, ok := g.follow(way.send(g, target)); ok {
						greeted++
					}
				}
				if greeted < 300 {
					t.Errorf("%d whole logins, want at least 300", greeted)
				}
			})
		}
	}
	t.Run("open redirect: nobody is sent elsewhere who is logged in, is refused, or leaves", func(t *testing.T) { redirectsElsewhere(t, mount, targets) })
	t.Run("open redirect: AfterLogout is a local path, or New refuses it", func(t *testing.T) { redirectsAfterLogout(t, targets) })
}

// redirectsElsewhere sends each target in every place that may end in an address.
func redirectsElsewhere(t *testing.T, mount Mount, targets []string) {
	g := newGate(t, mount, "/app", func(c *core.Config) { c.KeepFragment, c.Aliases = true, []string{"www.oa.example.com"} })
	session, _ := g.follow(g.send("GET", "/any/x?wecomauth_fragment="))
	for _, target := range targets {
		escaped := url.QueryEscape(target)
		g.send("GET", "/login?return_to="+escaped, "Cookie", session)
		g.send("GET", target+"?wecomauth_fragment="+escaped, "Cookie", session)
		g.send("GET", target) // the page that asks for the fragment
		g.send("GET", target, "Host", "www.oa.example.com")
		g.send("GET", target+"?wecomauth_fragment=", "User-Agent", wecomtest.UserAgentPhone) // a link and a QR code
		g.send("GET", target, "Sec-Fetch-Dest", "iframe")                                    // a link out of the frame
		g.send("POST", target, "Referer", target)                                            // a way back
		g.send("POST", "/any/x", "Referer", base+"/app"+target)
		g.send("GET", "/any/x", "Sec-Fetch-Mode", "cors", "Referer", base+target) // login_url
		g.send("POST", "/login?return_to="+escaped)
		g.send("GET", "/logout?return_to="+escaped, "Cookie", session)
		g.send("POST", "/logout?return_to="+escaped+"&next="+escaped+"&redirect_uri="+escaped, "Referer", target)
	}
}

// redirectsAfterLogout mounts nothing: it is about what New accepts.
func redirectsAfterLogout(t *testing.T, targets []string) {
	fake, accepted := wecomtest.New(wecomtest.Config{}), 0
	for _, target := range targets {
		auth, err := core.New(core.Config{Provider: fake.App(), BaseURL: base + "/app", AfterLogout: target, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			continue
		}
		accepted++
		h, r := http.Header{}, httptest.NewRequest("POST", base+"/logout", nil)
		r.Header.Set("Accept", "text/html")
		if d := auth.Logout(h, r); d.Status() != 303 || !Site(base+"/app").Within(h.Get("Location")) {
			t.Errorf("AfterLogout %q: status %d, Location %q", target, d.Status(), h.Get("Location"))
		}
	}
	if accepted > len(targets)/10 {
		t.Errorf("New accepts %d of %d", accepted, len(targets))
	}
}
