package core

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// FuzzState: a text is a state of ours only if one of our keys has written just
// that text.
func FuzzState(f *testing.F) {
	k := testKeys(f)
	mine := k.writeState(state{nonce: nonce{1, 2, 3}, slot: 5, round: 6, began: 0xffff})
	for _, text := range []string{"", mine, mine[:47], mine + "a", strings.ToUpper(mine), mine[:47] + "a", "\n" + mine[1:], strings.Repeat("a", stateLen), strings.Repeat("=", stateLen)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, ok := k.readState(text)
		switch {
		case !ok && s != (state{}):
			t.Fatalf("%q is none, but %+v", text, s)
		case ok && (k.writeState(s) != text || s.slot >= slots || s.round < 1 || s.round > maxRoundsCrowded):
			t.Fatalf("%q is taken for %+v", text, s)
		}
	})
}

// FuzzFragment: what a script tells of a fragment comes back as a fragment of
// the same page, whatever it is, and only once.
func FuzzFragment(f *testing.F) {
	for _, query := range []string{"", fragmentParam + "=", fragmentParam + "=%2Forders%2F7", "a=1&" + fragmentParam + "=x&b=2", fragmentParam + "=%0d%0aX:1", fragmentParam + "=%23%3F%", fragmentParam + "=%zz&" + fragmentParam + "=%5c", "x" + fragmentParam + "=1", fragmentParam, "&&" + fragmentParam + "=wechat_redirect"} {
		f.Add(query)
	}
	base, _ := url.Parse("https://oa.example.com/me")
	f.Fuzz(func(t *testing.T, query string) {
		rest, frag, known := takeFragment(query)
		if !known && (rest != query || frag != "") || known && strings.Contains("&"+rest, "&"+fragmentParam+"=") {
			t.Fatalf("%q: rest %q, fragment %q, %t", query, rest, frag, known)
		}
		got := withFragment("/me?week=3", frag)
		u, err := base.Parse(got)
		if err != nil || u.Host != base.Host || u.Path != "/me" || u.RawQuery != "week=3" || len(got) > len("/me?week=3#")+maxFragment || strings.Count(got, "#") > 1 {
			t.Fatalf("%q: %q resolves to %v, %v", query, got, u, err)
		}
	})
}

// FuzzReferer: the way back of a page is a page of this site that a header
// cannot choose freely.
func FuzzReferer(f *testing.F) {
	a := testAuth(f, func(c *Config) {
		c.BaseURL, c.CallbackPath, c.Logger = "https://x.example/app", "/login", slog.New(slog.DiscardHandler)
	})
	for _, referer := range []string{"", "https://x.example/app/me?a=1", "https://x.example/app", "https://x.example//evil.example", "https://x.example/app//evil.example", "https://x.example:443/app/..//evil", "https://x.example@evil.example/", "//x.example/app/%5cevil", "https://x.example/app@evil.example", "https://x.example/application", "javascript:x", "https://x.example/app/me?\r\n"} {
		f.Add(referer)
	}
	f.Fuzz(func(t *testing.T, referer string) {
		r := httptest.NewRequest(http.MethodPost, "https://x.example/me", nil)
		r.Header["Referer"] = []string{referer}
		got := a.referer(r)
		if again := returnTo(got); again != got {
			t.Fatalf("%q: %q, of which return_to makes %q", referer, got, again)
		}
		if u, err := url.Parse(a.loginURL(&ask{r: r})); err != nil || u.Host != "x.example" || u.Path != "/app/login" || u.Query().Get("return_to") != got {
			t.Fatalf("%q: login_url %v, %v", referer, u, err)
		}
	})
}

// FuzzMark: what a store holds in a mark's place is the number that was put
// there, or an error, which refuses; never no mark at all.
func FuzzMark(f *testing.F) {
	a, spy := testAuth(f, func(*Config) {}), newSpy()
	a.sessions.sm.Store = spy
	token, later := a.sessions.markToken("fuzz"), time.Now().Add(time.Hour)
	for _, n := range []int64{0, 1, -1, 1_800_000_000} {
		if err := a.sessions.putMark(f.Context(), token, n, later); err != nil {
			f.Fatal(err)
		}
		b, _, _ := spy.Find(token)
		f.Add(b)
		f.Add(b[:len(b)-1])
	}
	f.Add([]byte{})
	f.Add([]byte("not ours"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := spy.Commit(token, b, later); err != nil {
			t.Fatal(err)
		}
		n, err := a.sessions.mark(t.Context(), token)
		if err != nil {
			return
		}
		if err := a.sessions.putMark(t.Context(), token, n, later); err != nil {
			t.Fatal(err)
		}
		if again, err := a.sessions.mark(t.Context(), token); err != nil || again != n {
			t.Fatalf("%x is the mark %d, then %d, %v", b, n, again, err)
		}
	})
}
