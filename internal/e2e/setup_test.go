package e2e

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"html"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
	"github.com/wecomauth/wecomauth/nethttpmw"
)

const (
	base     = "https://oa.example.com"
	inClient = "https://open.weixin.qq.com/connect/oauth2/authorize?"
	webLogin = "https://login.work.weixin.qq.com/wwlogin/sso/login?"
)

var (
	// listener answers for every host there is, with a certificate of a CA whose
	// key is trusted.
	listener *httptest.Server
	trusted  string
	// current is the world of the test that runs. The browser is told the
	// listener's port when it starts, so tests share both, one after the other.
	current atomic.Pointer[site]
)

func TestMain(m *testing.M) {
	listener = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s := current.Load(); s != nil {
			s.ServeHTTP(w, r)
		}
	}))
	cert, pin, err := issue("oa.example.com", "open.weixin.qq.com", "login.work.weixin.qq.com")
	if err != nil {
		log.Fatal(err)
	}
	trusted, listener.TLS = pin, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	listener.EnableHTTP2 = true // as in production
	// Chromium asks for things of its own over http, and drops connections.
	listener.Config.ErrorLog = log.New(io.Discard, "", 0)
	listener.StartTLS()
	status := m.Run()
	stopBrowser()
	listener.Close()
	os.Exit(status)
}

// site is one application and one WeCom.
type site struct {
	t    *testing.T
	fake *wecomtest.Fake
	auth *core.Authenticator
	mux  *http.ServeMux // of the application

	mu    sync.Mutex
	hosts map[string]http.Handler
}

// newSite puts an application at oa.example.com; change may alter its Config.
func newSite(t *testing.T, change func(*core.Config)) *site {
	t.Helper()
	return newSiteAt(t, wecomtest.New(wecomtest.Config{}), change)
}

// newClockedSite is newSite in a clock's bubble. The site's auth is to be used there.
func newClockedSite(t *testing.T, change func(*core.Config)) (*site, *clock) {
	t.Helper()
	c := newClock(t)
	var s *site
	c.do(func() { s = newSite(t, change) })
	for host, h := range s.hosts {
		s.serve(host, c.inside(h))
	}
	return s, c
}

func newSiteAt(t *testing.T, fake *wecomtest.Fake, change func(*core.Config)) *site {
	t.Helper()
	out := &logBuffer{}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the application's log:\n%s", out)
		}
	})
	c := core.Config{
		Provider: fake.App(), // its API calls stay in the process
		BaseURL:  base,
		Logger:   slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if change != nil {
		change(&c)
	}
	auth, err := core.New(c)
	if err != nil {
		t.Fatalf("core.New: %v", err)
	}
	s := &site{t: t, fake: fake, auth: auth, mux: http.NewServeMux()}
	fake.Serve(base, s.mux) // makes the host trusted
	s.hosts = map[string]http.Handler{
		"oa.example.com":           s.mux,
		"open.weixin.qq.com":       fake,
		"login.work.weixin.qq.com": fake,
	}
	s.routes()
	current.Store(s)
	return s
}

func (s *site) routes() {
	require := nethttpmw.Require(s.auth)
	greet := http.HandlerFunc(greet)
	s.mux.Handle("GET /me", require(greet))
	s.mux.Handle("GET /app", require(greet))
	s.mux.Handle("GET /api/who", require(greet))
	s.mux.Handle("GET /closed", nethttpmw.Require(s.auth, core.Departments(9))(greet))
	s.mux.Handle("/login", nethttpmw.Login(s.auth))
	s.mux.Handle("/logout", nethttpmw.Logout(s.auth))
	s.page("GET /{$}", `<p id="home">home</p><a id="me" href="/me?week=3">me</a>`)
	s.page("GET /embeds", `<p>ours</p><iframe src="/me?week=3" title="me" width="600" height="400"></iframe>`)
}

// page serves a public page of the application.
func (s *site) page(pattern, body string) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) { writePage(w, body) })
}

func writePage(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = fmt.Fprintf(w, `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>oa</title><link rel="icon" href="data:,"></head><body>%s</body></html>`, body)
}

// greet says who is logged in and what was asked for.
func greet(w http.ResponseWriter, r *http.Request) {
	id, _ := core.IdentityFrom(r.Context())
	writePage(w, fmt.Sprintf(`<h1 id="hello">hello %s</h1><p>%s</p>`, html.EscapeString(id.UserID), html.EscapeString(r.URL.RequestURI())))
}

// serve makes h answer for a host.
func (s *site) serve(host string, h http.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hosts[host] = h
}

// holdAtWeCom keeps browsers on the page that sends them to WeCom: they stay
// where they are when a navigation ends with 204.
func (s *site) holdAtWeCom() {
	for _, host := range []string{"open.weixin.qq.com", "login.work.weixin.qq.com"} {
		s.serve(host, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	}
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	h := s.hosts[r.Host]
	s.mu.Unlock()
	if h == nil {
		http.Error(w, "no such host in this test: "+r.Host, http.StatusBadGateway)
		return
	}
	h.ServeHTTP(w, r)
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
