package core

import (
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"
)

// FuzzPlain: whatever a request is, if it is let through without asking the
// machine, the machine lets it through.
func FuzzPlain(f *testing.F) {
	a := testAuth(f, func(c *Config) { c.Logger = slog.New(slog.DiscardHandler) })
	kept := testAuth(f, func(c *Config) { c.KeepFragment = true })
	state := a.keys.writeState(state{round: 1, began: minute(time.Now())})
	for _, target := range []string{
		"/", "/me?week=3", "/me?code=1&state=" + state, "/me?state=" + state, "/me?%73tate=" + state, "/me?a=1&" + fragmentParam + "=x",
		"https://x.example/me?state=" + state, "https://x.example?state=" + state, "*", "?state=" + state, "/me?xstate=" + state, "//?", "",
	} {
		for _, method := range []string{"GET", "HEAD", "POST", "DELETE"} {
			f.Add(method, target, "", "navigate", "document")
			f.Add(method, target, "https://evil.example", "", "")
			f.Add(method, target, "https://x.example", "cors", "iframe")
		}
	}
	f.Fuzz(func(t *testing.T, method, target, origin, mode, dest string) {
		r := httptest.NewRequest("GET", "https://x.example/", nil)
		r.Method, r.RequestURI = method, target
		r.Header["Origin"], r.Header["Sec-Fetch-Mode"], r.Header["Sec-Fetch-Dest"] = []string{origin}, []string{mode}, []string{dest}
		if target == "" {
			r.URL.RawQuery = "state=" + state
		}
		for _, a := range []*Authenticator{a, kept} {
			q := a.read(httptest.NewRecorder().Header(), r, route{})
			q.facts.session = true
			if s := next(q.facts); a.plain(r) && s.move != movePass {
				t.Fatalf("%q %q: the machine says %+v to %+v", method, target, s, q.facts)
			}
		}
	})
}
