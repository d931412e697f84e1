package core

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestClassify(t *testing.T) {
	for _, tc := range []struct {
		name, method string
		header       map[string]string
		want         visit
		html         bool
	}{
		{"navigate to a document", "GET", map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, visitPage, true},
		{"navigate without a destination, as early browsers sent it", "GET", map[string]string{"Sec-Fetch-Mode": "navigate"}, visitPage, true},
		{"fetch metadata win over Accept", "GET", map[string]string{"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Accept": "text/html"}, visitAPI, false},
		{"fetch metadata win over X-Requested-With", "GET", map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "X-Requested-With": "XMLHttpRequest"}, visitPage, true},
		{"an iframe", "GET", map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, visitFrame, true},
		{"an object", "GET", map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "object"}, visitFrame, true},
		{"a script", "GET", map[string]string{"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"}, visitAPI, false},
		{"Accept: text/html alone", "GET", map[string]string{"Accept": "text/html,*/*;q=0.8"}, visitPage, true},
		{"an Android app's name", "GET", map[string]string{"Accept": "text/html", "X-Requested-With": "com.tencent.wework"}, visitPage, true},
		{"XMLHttpRequest", "GET", map[string]string{"Accept": "text/html", "X-Requested-With": "XMLHttpRequest"}, visitAPI, false},
		{"nothing at all", "GET", nil, visitAPI, false},
		{"a WebSocket", "GET", map[string]string{"Upgrade": "websocket", "Accept": "text/html"}, visitAPI, false},
		{"HEAD", "HEAD", map[string]string{"Accept": "text/html"}, visitPassive, true},
		{"a prerender", "GET", map[string]string{"Sec-Purpose": "prefetch;prerender", "Sec-Fetch-Mode": "navigate"}, visitPassive, true},
		{"an old prefetch", "GET", map[string]string{"Purpose": "prefetch", "Accept": "text/html"}, visitPassive, true},
		{"a posted form", "POST", map[string]string{"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, visitUnsafe, true},
		{"OPTIONS", "OPTIONS", nil, visitUnsafe, false},
		{"an invented method", "FOO", nil, visitUnsafe, false},
	} {
		r := httptest.NewRequest(tc.method, "/", nil)
		for k, v := range tc.header {
			r.Header.Set(k, v)
		}
		if v, html := classify(r); v != tc.want || html != tc.html {
			t.Errorf("%s: got %d, %t, want %d, %t", tc.name, v, html, tc.want, tc.html)
		}
	}
}

func TestSplitTarget(t *testing.T) {
	for _, tc := range []struct{ name, uri, path, rawPath, wantPath, wantQuery string }{
		{"as sent, not as a router rewrote it", "/oa/me?a=1", "/me", "", "/oa/me", "a=1"},
		{"still escaped", "/a%2Fb?x", "/a/b", "/a%2Fb", "/a%2Fb", "x"},
		{"absolute-form of a forward proxy", "http://evil.example/me?a=1", "/me", "", "/me", "a=1"},
		{"no RequestURI: a handler called directly", "", "/a b", "", "/a%20b", "q=1"},
		{"a second question mark belongs to the query", "/me?a=1?b", "/me", "", "/me", "a=1?b"},
		{"garbage", "garbage", "/", "", "/", ""},
	} {
		r := &http.Request{RequestURI: tc.uri, URL: &url.URL{Path: tc.path, RawPath: tc.rawPath, RawQuery: "q=1"}}
		if p, q := splitTarget(r); p != tc.wantPath || q != tc.wantQuery {
			t.Errorf("%s: got %q, %q", tc.name, p, q)
		}
	}
}

func TestLocalTarget(t *testing.T) {
	for _, tc := range []struct{ path, query, want string }{
		{"/", "", "/"},
		{"/me", "week=3", "/me?week=3"},
		{"/a%2Fb", "", "/a%2Fb"},
		{"/文档", "q=中", "/%E6%96%87%E6%A1%A3?q=%E4%B8%AD"},
		{"/me", "a=\"<b>'#x", "/me?a=%22%3Cb%3E'%23x"},
		{"/me", "next=//evil.example", "/me?next=//evil.example"},
		{"//evil.example", "", "/"},
		{`/\evil.example`, "", "/"},
		{"/%5Cevil.example", "", "/"},
		{"/%2F%2Fevil.example", "", "/"},
		{"/a/../b", "", "/"},
		{"/a/%2E%2E/b", "", "/"},
		{"/a/..b", "", "/a/..b"},
		{"/%0d%0aSet-Cookie:x", "", "/"},
		{"/%zz", "", "/"},
		{"", "", "/"},
		{"evil.example", "", "/"},
		{"/" + strings.Repeat("a", maxTarget), "", "/"},
	} {
		if got, _ := localTarget(tc.path, tc.query); got != tc.want {
			t.Errorf("localTarget(%.40q, %q) = %.60q, want %q", tc.path, tc.query, got, tc.want)
		}
	}
}

// FuzzReturnTo: whatever comes in, what goes out is a local URL that a URL
// parser resolves onto this site, and that is stable.
func FuzzReturnTo(f *testing.F) {
	for _, s := range []string{"/", "/me?x=1#f", "//evil.example", `/\evil`, "/%2F/evil", "https://evil.example", "/\t/evil", "/a/..", "/文", "/%00", "/?\r\n", "/a?b?c", "/;/x"} {
		f.Add(s)
	}
	base, _ := url.Parse("https://oa.example.com/app/")
	f.Fuzz(func(t *testing.T, s string) {
		got := returnTo(s)
		if !strings.HasPrefix(got, "/") || strings.HasPrefix(got, "//") || strings.ContainsAny(got, "\\\r\n\t\x00 \"<>") || strings.Count(got, "#") > 1 {
			t.Fatalf("returnTo(%q) = %q", s, got)
		}
		u, err := base.Parse(got)
		if err != nil || u.Host != base.Host || u.Scheme != "https" || u.User != nil {
			t.Fatalf("returnTo(%q) = %q, which resolves to %v, %v", s, got, u, err)
		}
		if again := returnTo(got); again != got {
			t.Fatalf("returnTo(%q) = %q, then %q", s, got, again)
		}
	})
}

// FuzzCallbackQuery: a query is ours only with an authentic state, a code that
// is let through is printable and bounded, and what is not ours is untouched.
func FuzzCallbackQuery(f *testing.F) {
	k := testKeys(f)
	mine := k.writeState(state{nonce: nonce{1, 2, 3}, slot: 4, round: 2})
	for _, q := range []string{"", "code=A&state=" + mine, "state=" + mine, "code=A&code=B&state=" + mine, "code=&state=" + mine,
		"state=" + mine + "&state=open", "code=%00&state=" + mine, "code=a;b&state=" + mine, "state=open&code=x", "appid=ww&code=A&x=1&state=" + mine} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, query string) {
		c := readCallback(query, k)
		switch {
		case c.answer == answerNone:
			if c.rest != query || c.code != "" || c.state != (state{}) {
				t.Fatalf("%q: not ours, but %+v", query, c)
			}
			return
		case !strings.Contains(query, "state="+k.writeState(c.state)):
			t.Fatalf("%q: ours without our state: %+v", query, c)
		case strings.Contains("&"+c.rest, "&state=") || strings.Contains("&"+c.rest, "&code="):
			t.Fatalf("%q: rest %q", query, c.rest)
		case (c.answer == answerCode) != (c.code != "") || len(c.code) > maxCode:
			t.Fatalf("%q: %+v", query, c)
		}
		for _, b := range []byte(c.code) {
			if b <= ' ' || b >= 0x7f {
				t.Fatalf("%q: code %q", query, c.code)
			}
		}
	})
}
