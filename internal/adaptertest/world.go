package adaptertest

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom"
	"github.com/wecomauth/wecomauth/core/wecomtest"
)

const (
	base       = "https://oa.example.com"
	verifyFile = "WW_verify_agFRemnEVeHcITzc.txt"
)

// world is one application behind one adapter, with a WeCom of its own.
type world struct {
	t    *testing.T
	fake *wecomtest.Fake
	auth *core.Authenticator
	app  http.Handler
	runs atomic.Int64 // protected handlers that ran
	log  *logBuffer
}

// newWorld builds an application; change may alter its Config, and set BaseURL.
func newWorld(t *testing.T, mount Mount, change func(*core.Config)) *world {
	t.Helper()
	return newWorldAt(t, mount, wecomtest.New(wecomtest.Config{}), change)
}

func newWorldAt(t *testing.T, mount Mount, fake *wecomtest.Fake, change func(*core.Config)) *world {
	t.Helper()
	w := &world{t: t, fake: fake, log: &logBuffer{}}
	c := core.Config{
		Provider: fake.App(),
		BaseURL:  base,
		Logger:   slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if change != nil {
		change(&c)
	}
	auth, err := core.New(c)
	if err != nil {
		t.Fatalf("core.New: %v", err)
	}
	w.auth = auth
	w.app = mount(auth, w.routes())
	fake.Serve(c.BaseURL, w)
	return w
}

// ServeHTTP lets a test replace w.app after the world was built.
func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) { w.app.ServeHTTP(rw, r) }

func (w *world) routes() []Route {
	me := w.greet
	file, err := wecom.VerifyFile(verifyFile)
	if err != nil {
		w.t.Fatal(err)
	}
	return []Route{
		{Method: "GET", Path: "/", Guard: Public, Handler: func(rw http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(rw, "home") }},
		{Method: "GET", Path: "/" + verifyFile, Guard: Public, Handler: file.ServeHTTP},
		{Path: "/me", Guard: Require, Handler: me},
		{Path: "/admin", Guard: Require, Rules: []core.Rule{core.Departments(2)}, Handler: me},
		{Path: "/nested", Guard: Require, Rules: []core.Rule{core.Departments(2)}, Outer: Require, Handler: me},
		{Path: "/both", Guard: Require, Outer: Optional, Handler: me},
		{Method: "GET", Path: "/cached", Guard: Require, Handler: me},
		{Path: "/optional", Guard: Optional, Handler: me},
		{Method: "GET", Path: "/files/{name}", Guard: Require, Handler: me},
		{Path: "/any/{rest...}", Guard: Require, Handler: me},
		{Method: "GET", Path: "/stream", Guard: Require, Handler: stream},
		{Method: "GET", Path: "/upgrade", Guard: Require, Handler: upgrade},
		{Path: "/login", Guard: Login},
		{Path: "/logout", Guard: Logout},
	}
}

// greet says who is logged in and what the handler was asked for.
func (w *world) greet(rw http.ResponseWriter, r *http.Request) {
	w.runs.Add(1)
	id, ok := core.IdentityFrom(r.Context())
	_, _ = fmt.Fprintf(rw, "user=%s name=%s ok=%t path=%s query=%s", id.UserID, id.Name, ok, r.URL.Path, r.URL.RawQuery)
}

// visitor is a browser, with the last answer it got.
type visitor struct {
	*world
	*http.Client
	res  *http.Response
	body string
}

// visitor returns the browser of one employee. It follows redirects.
func (w *world) visitor(userID string) *visitor {
	return &visitor{world: w, Client: w.fake.Browser(userID)}
}

// still makes the browser stop at redirects.
func (v *visitor) still() *visitor {
	v.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return v
}

// open loads a page; header is pairs of names and values, "" leaves one out.
func (v *visitor) open(target string, header ...string) *visitor {
	v.t.Helper()
	return v.do("GET", target, header...)
}

func (v *visitor) do(method, target string, header ...string) *visitor {
	v.t.Helper()
	if strings.HasPrefix(target, "/") {
		target = base + target
	}
	req, err := http.NewRequest(method, target, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	setHeader(req.Header, header)
	v.res, err = v.Do(req)
	if err != nil {
		v.t.Fatalf("%s %s: %v", method, target, err)
	}
	b, err := io.ReadAll(v.res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	v.body = string(b)
	return v
}

func setHeader(h http.Header, pairs []string) {
	for i := 0; i < len(pairs); i += 2 {
		h[http.CanonicalHeaderKey(pairs[i])] = nil
		if pairs[i+1] != "" {
			h.Set(pairs[i], pairs[i+1])
		}
	}
}

// want checks the last answer's status, and that its body holds each text.
func (v *visitor) want(status int, texts ...string) *visitor {
	v.t.Helper()
	if v.res.StatusCode != status {
		v.t.Fatalf("%s %s: status %d, want %d; body %.300s", v.res.Request.Method, v.res.Request.URL, v.res.StatusCode, status, v.body)
	}
	for _, text := range texts {
		if !strings.Contains(v.body, text) {
			v.t.Fatalf("%s: the body lacks %q: %.300s", v.res.Request.URL, text, v.body)
		}
	}
	return v
}

// location returns where the last answer redirects to.
func (v *visitor) location() string { return v.res.Header.Get("Location") }

// callback visits a page and signs in at WeCom, and returns the address that
// WeCom sends the browser back to, not yet visited.
func (v *visitor) callback(target string) string {
	v.t.Helper()
	v.still().open(target).want(http.StatusFound)
	v.open(v.location()).want(http.StatusFound)
	return v.location()
}

// cookies returns what the browser would send to the site.
func (v *visitor) cookies() string {
	u, _ := url.Parse(base)
	var all []string
	for _, c := range v.Jar.Cookies(u) {
		all = append(all, c.String())
	}
	return strings.Join(all, "; ")
}

// session returns the browser's session cookie.
func (v *visitor) session() string {
	for _, c := range strings.Split(v.cookies(), "; ") {
		if _, value, _ := strings.Cut(c, "="); len(value) == 43 {
			return c
		}
	}
	v.t.Fatal("no session cookie")
	return ""
}

// raw sends exactly this request target to the application.
func (w *world) raw(method, target string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "https://oa.example.com/", nil)
	path, query, _ := strings.Cut(target, "?")
	r.RequestURI = target
	r.URL = &url.URL{Path: path, RawQuery: query}
	if p, err := url.PathUnescape(path); err == nil && p != path {
		r.URL.Path, r.URL.RawPath = p, path
	}
	setHeader(r.Header, append([]string{"User-Agent", "wxwork/4.1.22", "Accept", "text/html", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}, header...))
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
	}
	rec := httptest.NewRecorder()
	w.app.ServeHTTP(rec, r)
	return rec
}

// turnedAway reports that an anonymous page load was sent to log in: by a
// redirect, or by the page of the second round.
func turnedAway(rec *httptest.ResponseRecorder) bool {
	return rec.Code == 302 || rec.Code == 200 && refresh.MatchString(rec.Body.String())
}

// logBuffer keeps what was logged.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
