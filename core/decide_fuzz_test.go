package core_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
	"github.com/wecomauth/wecomauth/internal/adaptertest"
)

// FuzzDecide: whatever a request is, a decision comes of it: without a session
// it never passes, and no answer leads elsewhere.
func FuzzDecide(f *testing.F) {
	const base = "https://oa.example.com/app"
	for i, target := range adaptertest.RedirectTargets() {
		if len(target) < 200 && i%3 == 0 { // all of them would take as long as the fuzzing
			f.Add([]string{"GET", "POST", "HEAD", "CONNECT"}[i/3%4], target, "oa.example.com", "wxwork", "a=b", "Referer: "+target)
		}
	}
	f.Add("GET", "/me?code=A&state="+strings.Repeat("a", 48), "www.oa.example.com", "iPhone", "__Host-wecomauth-0=x; ; =", "Sec-Fetch-Dest: iframe\nAccept-Language: en")
	f.Add("FOO", "*", "", "", "=;=;\"", "Upgrade: websocket\nX-Http-Method-Override: GET")
	fake := wecomtest.New(wecomtest.Config{})
	var all []*core.Authenticator
	for _, c := range []core.Config{{}, {CallbackPath: "/login"}, {KeepFragment: true, Aliases: []string{"www.oa.example.com"}, DangerouslyAllowCrossOrigin: true}} {
		c.Provider, c.BaseURL, c.Logger = fake.App(), base, slog.New(slog.DiscardHandler)
		auth, err := core.New(c)
		if err != nil {
			f.Fatal(err)
		}
		all = append(all, auth)
	}
	f.Fuzz(func(t *testing.T, method, target, host, agent, cookie, headers string) {
		r := httptest.NewRequest("GET", base, nil)
		r.Method, r.RequestURI, r.Host = method, target, host
		if u, err := url.ParseRequestURI(target); err == nil {
			r.URL = u
		}
		r.Header = http.Header{"User-Agent": {agent}, "Cookie": {cookie}, "Accept": {"text/html"}}
		for line := range strings.Lines(headers) {
			name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
			r.Header.Add(name, value)
		}
		for _, auth := range all {
			for _, decide := range []func(http.Header, *http.Request) core.Decision{auth.Guard(), auth.Login, auth.Logout} {
				rec := httptest.NewRecorder()
				d := decide(rec.Header(), r)
				if d.Action == core.Pass || d.Status() < 200 || d.Status() > 599 {
					t.Fatalf("%q %q: action %d, status %d", method, target, d.Action, d.Status())
				}
				d.Answer(rec, r)
				if to := adaptertest.Site(base).Foreign(rec.Header(), rec.Body.String()); to != "" {
					t.Fatalf("%q %q: status %d leads to %s", method, target, d.Status(), to)
				}
			}
			if d := auth.Optional(http.Header{}, r); d.Action != core.Pass || named(d) {
				t.Fatalf("%q %q: Optional denies, or knows somebody", method, target)
			}
		}
	})
}

func named(d core.Decision) bool {
	_, ok := core.IdentityFrom(d.Context())
	return ok
}

// FuzzConfig: what New accepts leads nowhere else.
func FuzzConfig(f *testing.F) {
	for _, c := range [][4]string{
		{"https://oa.example.com", "www.oa.example.com", "/login", "/"},
		{"https://oa.example.com:443/app/", "oa.example.com:8443", "", "/bye?x=1#y"},
		{"http://localhost:8080", "[::1]", "/a//b", "//evil.example"},
		{"https://oa.example.com@evil.example", "a@b", "/%2e", `/\evil`}, {"https://OA.example.com/../x", "", "login", "https://evil.example"}, {"https://[::1%25x]/", "x/y", "/..", "/%0d"}, {"https:oa.example.com", "*", "/\n", "/\t/x"}, {"https://oa.example.com%2fevil", "", "", ""}, {"https://a b/", "", "", ""},
	} {
		f.Add(c[0], c[1], c[2], c[3])
	}
	fake := wecomtest.New(wecomtest.Config{})
	f.Fuzz(func(t *testing.T, base, alias, callback, afterLogout string) {
		auth, err := core.New(core.Config{Provider: fake.App(), BaseURL: base, Aliases: []string{alias}, CallbackPath: callback, AfterLogout: afterLogout, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			return
		}
		site := adaptertest.Site(strings.TrimSuffix(base, "/"))
		for _, host := range []string{"oa.example.com", alias} {
			for method, decide := range map[string]func(http.Header, *http.Request) core.Decision{"GET": auth.Guard(), "POST": auth.Logout} {
				r := httptest.NewRequest(method, "https://oa.example.com/me", nil)
				r.Host, r.RequestURI = host, "/me"
				r.Header.Set("Accept", "text/html")
				h := http.Header{}
				d := decide(h, r)
				if to := h.Get("Location"); to == "" || !site.Allows(to) && ascii(base) {
					t.Fatalf("BaseURL %q, AfterLogout %q: status %d leads to %q", base, afterLogout, d.Status(), to)
				}
			}
		}
	})
}

// ascii reports an address whose host the judge can tell: no number, no escape.
func ascii(base string) bool {
	u, err := url.Parse(base)
	return err == nil && !strings.ContainsAny(u.Host, "%0123456789[]")
}
