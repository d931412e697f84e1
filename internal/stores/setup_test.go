package stores

import (
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/goredisstore"
	"github.com/alexedwards/scs/v2"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
	"github.com/wecomauth/wecomauth/nethttpmw"
)

const (
	base   = "https://oa.example.com"
	within = time.Second // the least RevokeWithin
	margin = 2 * time.Second
)

// site is one application of several instances over one Redis, with a WeCom.
type site struct {
	t         *testing.T
	redis     *server
	fake      *wecomtest.Fake
	instances []*instance
}

// instance is one process of the application.
type instance struct {
	t       *testing.T
	number  int
	auth    *core.Authenticator
	mux     *http.ServeMux
	handler http.Handler // mux, or what a test puts around it
}

func newSite(t *testing.T) *site {
	t.Helper()
	return newSiteOver(t, startRedis(t))
}

// newSiteOver puts a site without an instance yet at base. The browser's header
// Instance says who answers, as a balancer would.
func newSiteOver(t *testing.T, redis *server) *site {
	s := &site{t: t, redis: redis, fake: wecomtest.New(wecomtest.Config{})}
	s.fake.Serve(base, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(r.Header.Get("Instance"))
		if err != nil || n >= len(s.instances) {
			t.Errorf("no instance %q", r.Header.Get("Instance"))
			return
		}
		s.instances[n].handler.ServeHTTP(w, r)
	}))
	return s
}

// two starts a server and two instances of the same Config.
func two(t *testing.T, change func(*core.Config)) (s *site, here, there *instance) {
	t.Helper()
	s = newSite(t)
	return s, s.start(change), s.start(change)
}

// start adds an instance; change may alter its Config.
func (s *site) start(change func(*core.Config)) *instance {
	s.t.Helper()
	c := core.Config{
		Provider: s.fake.App(), BaseURL: base, RevokeWithin: within,
		Logger: slog.New(slog.NewTextHandler(s.t.Output(), nil)),
	}
	if change != nil {
		change(&c)
	}
	if c.Sessions == nil && c.Store == nil {
		c.Store = goredisstore.New(s.redis.client(s.t))
	}
	auth, err := core.New(c)
	if err != nil {
		s.t.Fatal(err)
	}
	i := &instance{t: s.t, number: len(s.instances), auth: auth, mux: http.NewServeMux()}
	i.handler = i.mux
	i.mux.Handle("/me", nethttpmw.Require(auth)(http.HandlerFunc(greet)))
	i.mux.Handle("/login", nethttpmw.Login(auth))
	i.mux.Handle("/logout", nethttpmw.Logout(auth))
	s.instances = append(s.instances, i)
	return i
}

// manager is an application's own session manager over the site's Redis.
func (s *site) manager() *scs.SessionManager {
	sm := scs.New()
	sm.Store = goredisstore.New(s.redis.client(s.t))
	sm.Cookie.Secure = true
	return sm
}

func greet(w http.ResponseWriter, r *http.Request) {
	id, _ := core.IdentityFrom(r.Context())
	_, _ = fmt.Fprintf(w, "user=%s path=%s", id.UserID, r.RequestURI)
}

// visitor is a browser that stops at redirects, with the last answer it got.
type visitor struct {
	*site
	*http.Client
	res  *http.Response
	body string
}

func (s *site) visitor(userID string) *visitor {
	v := &visitor{site: s, Client: s.fake.Browser(userID)}
	v.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return v
}

// do sends a page load or a form, to an instance if it is not for WeCom.
func (v *visitor) do(on *instance, method, target string) *visitor {
	v.t.Helper()
	if strings.HasPrefix(target, "/") {
		target = base + target
	}
	req, err := http.NewRequest(method, target, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	req.Header.Set("Instance", strconv.Itoa(on.number))
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

func (v *visitor) want(status int, text string) *visitor {
	v.t.Helper()
	if v.res.StatusCode != status || !strings.Contains(v.body, text) {
		v.t.Fatalf("%s %s: status %d, want %d and %q; body %.300s", v.res.Request.Method, v.res.Request.URL, v.res.StatusCode, status, text, v.body)
	}
	return v
}

var refresh = regexp.MustCompile(`http-equiv="refresh" content="0; url=([^"]+)"`)

// follow goes where the last answer leads: a redirect, or the page of a second
// round, which a person sees who is sent to log in twice in a row.
func (v *visitor) follow(on *instance) *visitor {
	v.t.Helper()
	if m := refresh.FindStringSubmatch(v.body); m != nil {
		return v.do(on, "GET", html.UnescapeString(m[1]))
	}
	return v.want(http.StatusFound, "").do(on, "GET", v.res.Header.Get("Location"))
}

// logIn logs a person in on an instance.
func (s *site) logIn(on *instance, userID string) *visitor {
	s.t.Helper()
	return s.visitor(userID).logIn(on, userID)
}

// logIn opens a page, goes to WeCom, comes back, and opens the page again.
func (v *visitor) logIn(on *instance, userID string) *visitor {
	v.t.Helper()
	return v.do(on, "GET", "/me").follow(on).follow(on).follow(on).want(http.StatusOK, "user="+userID+" ")
}

// session returns the browser's session cookie.
func (v *visitor) session() string {
	v.t.Helper()
	u, _ := url.Parse(base)
	for _, c := range v.Jar.Cookies(u) {
		if len(c.Value) == 43 {
			return c.String()
		}
	}
	v.t.Fatal("no session cookie")
	return ""
}

// ask sends an instance a request with these headers: pairs of names and values.
func (i *instance) ask(target string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", base+target, nil)
	for n := 0; n < len(header); n += 2 {
		r.Header.Set(header[n], header[n+1])
	}
	rec := httptest.NewRecorder()
	i.handler.ServeHTTP(rec, r)
	return rec
}

// load opens a page in WeCom's client.
func (i *instance) load(target, cookie string) *httptest.ResponseRecorder {
	return i.ask(target, "User-Agent", "wxwork/4.1.22", "Accept", "text/html", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document", "Cookie", cookie)
}

// in reports whether the session works on an instance. It asks as a script
// does, so that no login begins.
func (i *instance) in(session string) bool {
	i.t.Helper()
	rec := i.ask("/me", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty", "Cookie", session)
	if rec.Code != http.StatusOK && rec.Code != http.StatusUnauthorized {
		i.t.Fatalf("instance %d: status %d: %.200s", i.number, rec.Code, rec.Body)
	}
	return rec.Code == http.StatusOK
}

// wantIn checks that the session works, or does not, on all instances.
func (s *site) wantIn(want bool, session, what string) {
	s.t.Helper()
	for _, i := range s.instances {
		if i.in(session) != want {
			s.t.Errorf("%s: logged in on instance %d: %t, want %t", what, i.number, !want, want)
		}
	}
}
