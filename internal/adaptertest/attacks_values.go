package adaptertest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/wecomauth/wecomauth/core"
)

// testHostileValues is one test for each attack by what a value holds, or by how
// large it is.
func testHostileValues(t *testing.T, mount Mount) {
	t.Run("header injection: no value that a visitor writes ends a header", func(t *testing.T) {
		for _, change := range []func(*core.Config){
			func(c *core.Config) { c.CallbackPath = "/login" },
			func(c *core.Config) { c.KeepFragment = true },
			func(c *core.Config) { c.Aliases = []string{"www.oa.example.com"} },
		} {
			injectHeaders(t, newWorld(t, mount, change))
		}
	})
	t.Run("oversized requests: the right status, little memory, no call of WeCom", func(t *testing.T) { sendOversized(t, mount) })
	t.Run("forged codes: ten thousand with valid attempts, from anywhere, cost WeCom at most the ration", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { forgeCodes(t, newWorld(t, mount, nil)) }) // the clock stands still: nothing refills
	})
}

func injectHeaders(t *testing.T, w *world) {
	v := w.visitor("zhangsan")
	state := stateOf(v.callback("/me?wecomauth_fragment="))
	cookies := v.cookies()
	for _, evil := range []string{"\r\nX-Injected: 1", "\nX-Injected: 1", "\rX-Injected: 1", "%0d%0aX-Injected:%201", "%0aX-Injected:1", "%250d%250aX-Injected:1", "\u560d\u560aX-Injected:1", "%E5%98%8D%E5%98%8AX-Injected:1", "\x00X-Injected: 1", "\x0bX-Injected: 1", "\u2028X-Injected: 1", "\u0085X-Injected: 1"} {
		escaped := url.QueryEscape(evil)
		for _, target := range []string{
			"/any/x" + evil, "/any/x" + escaped, "/me?x=" + evil, "/me?" + escaped, "/me?wecomauth_fragment=" + evil, "/me?wecomauth_fragment=" + escaped,
			"/login?return_to=/me" + evil, "/login?return_to=/me" + escaped, "/login?return_to=/me%3Fx=" + escaped, "/login?return_to=/me%23" + escaped, "/login?fresh=1" + evil,
			"/me?code=" + evil + "&" + state, "/me?code=A" + escaped + "&" + state, "/me?code=A&" + state + evil, "/me?code=A&" + state + escaped, "/me?x=" + escaped + "&" + state, "/logout?x=" + evil,
		} {
			for _, method := range []string{"GET", "POST"} {
				for _, header := range [][]string{nil, {"Host", "www.oa.example.com"}, {"User-Agent", evil, "Referer", base + "/" + evil, "Accept-Language", "en" + evil, "X-Request-Id", evil, "Origin", base + evil, "Host", "oa.example.com" + evil}} {
					rec := w.raw(method, target, append(header, "Cookie", cookies)...)
					if to := Site(base).Foreign(rec.Header(), ""); to != "" && rec.Code != 301 && rec.Code != 307 {
						t.Errorf("%s %q %q: %s", method, target, header, to)
					}
					if rec.Header().Get("X-Injected") != "" || strings.Contains(fmt.Sprint(rec.Header()["Set-Cookie"]), "Injected") {
						t.Errorf("%s %q: %v", method, target, rec.Header())
					}
				}
			}
		}
	}
}

// sendOversized measures in bytes that all of one answer allocates, not in time.
func sendOversized(t *testing.T, mount Mount) {
	w := newWorld(t, mount, nil)
	v := w.visitor("zhangsan").open("/me").want(200)
	session, login := v.session(), w.visitor("lisi")
	state := stateOf(login.callback("/me"))
	w.log.b.Grow(1 << 20)  // so that it does not grow, and count, below
	const most = 256 << 10 // whatever was sent
	calls := w.fake.Calls("")
	long := func(n int) string { return strings.Repeat("x", n) }
	for _, tc := range []struct {
		name, method, target string
		header               []string
		status               int
	}{
		{"a path of 64 KB", "GET", "/any/" + long(64<<10), nil, 500}, // cannot be its own callback
		{"the same with a session", "GET", "/any/" + long(64<<10), []string{"Cookie", session}, 200},
		{"a query of 64 KB", "GET", "/me?" + long(64<<10), nil, 302},
		{"a hundred thousand parameters", "GET", "/me?" + strings.Repeat("a&", 100_000), nil, 302},
		{"a hundred thousand states", "GET", "/me?" + strings.Repeat("state=x&", 100_000), nil, 302},
		{"a hundred thousand parameters of Login", "GET", "/login?" + strings.Repeat("return_to=/&", 100_000), nil, 302},
		{"a return_to of 64 KB", "GET", "/login?return_to=/" + long(64<<10), nil, 302},
		{"a cookie of 60 KB", "GET", "/me", []string{"Cookie", "a=" + long(60<<10)}, 302},
		{"a session of 60 KB", "GET", "/me", []string{"Cookie", session + long(60<<10)}, 302},
		{"two hundred cookies", "GET", "/me", []string{"Cookie", strings.Repeat("a=b; ", 200) + session}, 200},
		{"two hundred of our attempts", "GET", "/me", []string{"Cookie", strings.Repeat(strings.Split(login.cookies(), ";")[0]+"x; ", 200)}, 302},
		{"a state of 10 KB", "GET", "/me?code=A&state=" + long(10<<10), nil, 302},
		{"a state that is too long by a letter", "GET", "/me?code=A&" + state + "x", []string{"Cookie", login.cookies()}, 302},
		{"a code of 10 KB with a state of ours", "GET", "/me?code=" + long(10<<10) + "&" + state, []string{"Cookie", login.cookies()}, 302},
		{"a code of 7 KB with a state of ours", "GET", "/me?code=" + long(7<<10) + "&" + state, []string{"Cookie", login.cookies()}, 400},
		{"headers of 60 KB", "GET", "/me", []string{"User-Agent", long(60 << 10), "Accept-Language", long(60 << 10), "Referer", long(60 << 10)}, 302},
		{"headers of 60 KB on a refusal", "POST", "/me", []string{"Sec-Fetch-Site", "cross-site", "Origin", long(60 << 10), "Accept-Language", long(60 << 10), "Referer", base + "/" + long(60<<10)}, 403},
		{"a Host of 60 KB", "GET", "/me", []string{"Host", long(60 << 10)}, 302},
		{"Logout with a query of 200 KB", "POST", "/logout?" + strings.Repeat("a&", 100_000), nil, 303},
	} {
		var rec *httptest.ResponseRecorder
		used := allocated(func() { rec = w.raw(tc.method, tc.target, tc.header...) })
		// A handler may repeat what it likes, and Logout's query is left to net/url,
		// of which newer versions of Go bound the number of parameters.
		if handled := rec.Code == 200 || rec.Code == 303; used > most && !handled {
			t.Errorf("%s: %d bytes allocated, want at most %d", tc.name, used, most)
		}
		if rec.Code != tc.status {
			t.Errorf("%s: status %d, want %d", tc.name, rec.Code, tc.status)
		}
	}
	if n := w.fake.Calls("") - calls; n != 0 {
		t.Errorf("%d calls of WeCom", n)
	}
	bigBody(t, w)
}

// bigBody posts a megabyte to Logout, which reads no byte of it.
func bigBody(t *testing.T, w *world) {
	body := &counted{Reader: strings.NewReader("everywhere=1&" + strings.Repeat("x", 1<<20))}
	r := httptest.NewRequest("POST", base+"/logout", body)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "text/html")
	rec := httptest.NewRecorder()
	if w.app.ServeHTTP(rec, r); rec.Code != 303 || body.n != 0 {
		t.Errorf("a megabyte for Logout: status %d, %d bytes read", rec.Code, body.n)
	}
}

// counted counts the bytes that are read.
type counted struct {
	io.Reader
	n int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += n
	return n, err
}

func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// forgeCodes begins ten thousand logins and ends each with an invented code,
// each from an address of its own, so that only the instance's ration holds.
func forgeCodes(t *testing.T, w *world) {
	inner, address := w.app, ""
	w.app = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		r.RemoteAddr = address
		inner.ServeHTTP(rw, r)
	})
	const logins, ration = 10_000, 500
	refused := 0
	for i := range logins {
		address = fmt.Sprintf("203.%d.%d.7:1", i>>8, i&255)
		rec := w.raw("GET", "/me")
		_, state, _ := strings.Cut(rec.Header().Get("Location"), "&state=")
		state, _, _ = strings.Cut(state, "&")
		cookie, _, _ := strings.Cut(rec.Header().Get("Set-Cookie"), ";")
		if rec = w.raw("GET", fmt.Sprintf("/me?code=forged%d&state=%s", i, state), "Cookie", cookie); rec.Code == 503 {
			refused++
		}
	}
	if n := w.fake.Calls("auth/getuserinfo"); n != ration || refused != logins-ration || w.fake.Calls("gettoken") > 2 {
		t.Errorf("%d exchanges, want %d; %d refusals; %d tokens", n, ration, refused, w.fake.Calls("gettoken"))
	}
}
