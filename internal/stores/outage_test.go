package stores

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/wecomauth/wecomauth/core"
)

const (
	storeTimeout = time.Second
	answersIn    = 10 * time.Second // far more than any answer needs, far less than clients would wait
	recoversIn   = 15 * time.Second
)

// outage is an application whose store fails: an instance behind a real server,
// and the people who are logged in when it happens.
type outage struct {
	*site
	app         *instance
	greeted     atomic.Int64 // handlers that ran
	store       scs.Store
	leaves      *visitor
	logoutFails bool
	// Sessions:
	stays, left, revoked string
}

func newOutage(t *testing.T, s *site, store scs.Store) *outage {
	t.Helper()
	o := &outage{site: s, store: store}
	o.app = s.start(func(c *core.Config) { c.Store, c.StoreTimeout = store, storeTimeout })
	o.app.handler = served(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.app.mux.ServeHTTP(&counting{ResponseWriter: w, greeted: &o.greeted}, r)
	}))
	o.stays = s.logIn(o.app, "zhangsan").session()
	o.leaves = s.logIn(o.app, "wangwu")
	o.left, o.revoked = o.leaves.session(), s.logIn(o.app, "zhaoliu").session()
	for _, session := range []string{o.stays, o.left, o.revoked} {
		o.wantStatus(http.StatusOK, session, "before")
	}
	return o
}

// counting counts the answers of handlers, which all say who is asking.
type counting struct {
	http.ResponseWriter
	greeted *atomic.Int64
}

func (c *counting) Write(b []byte) (int, error) {
	if strings.HasPrefix(string(b), "user=") {
		c.greeted.Add(1)
	}
	return c.ResponseWriter.Write(b)
}

// served puts h behind a listener of net/http's server, and a proxy that gives
// up after a while before that.
func served(t *testing.T, h http.Handler) http.Handler {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	to, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host
		},
		Transport: &http.Transport{ResponseHeaderTimeout: answersIn},
	}
}

// status is what a script is told that brings a session. No login begins.
func (o *outage) status(session string) int {
	return o.app.ask("/me", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty", "Cookie", session).Code
}

func (o *outage) wantStatus(want int, session, what string) {
	o.t.Helper()
	if got := o.status(session); got != want {
		o.t.Errorf("%s: status %d, want %d", what, got, want)
	}
}

// becomes waits until a session's status is the one that is wanted. On the way
// there it may be one more.
func (o *outage) becomes(want, meanwhile int, session, what string) {
	o.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(recoversIn); time.Now().Before(deadline); <-tick.C {
		switch got := o.status(session); got {
		case want:
			return
		case meanwhile:
		default:
			o.t.Fatalf("%s: status %d", what, got)
		}
	}
	o.t.Fatalf("%s: not yet %d after %v", what, want, recoversIn)
}

// during checks what people see while the store fails.
func (o *outage) during(page, logout int) {
	o.t.Helper()
	o.becomes(page, http.StatusOK, o.stays, "a page of somebody who is logged in") // core/redisstore may have a copy, for a while
	ran := o.greeted.Load()
	o.wantStatus(http.StatusUnauthorized, "", "a script without a session")
	o.refusedLogin("lisi")
	o.leaves.do(o.app, "POST", "/logout").want(logout, "")
	o.logoutFails = logout != http.StatusSeeOther
	if err := o.app.auth.Revoke(o.t.Context(), "", "zhaoliu"); !errors.Is(err, core.ErrStore) {
		o.t.Errorf("Revoke: %v", err)
	}
	if got := o.status(o.revoked); got == http.StatusOK {
		o.t.Error("a person who was revoked here is in")
	}
	if o.greeted.Load() != ran {
		o.t.Error("a handler ran for somebody who is not logged in")
	}
	o.wantStatus(page, o.stays, "a page again")
}

// refusedLogin logs in as a browser does that follows wherever it is sent.
func (o *outage) refusedLogin(userID string) {
	o.t.Helper()
	v, asked := o.visitor(userID), o.fake.Calls("auth/getuserinfo")
	v.do(o.app, "GET", "/me")
	for hops := 0; v.res.StatusCode == http.StatusFound || refresh.MatchString(v.body); hops++ {
		if hops == 5 {
			o.t.Fatal("a login goes round and round")
		}
		v.follow(o.app)
	}
	v.want(http.StatusServiceUnavailable, "store_unavailable")
	if v.res.Header.Get("Retry-After") == "" {
		o.t.Error("no Retry-After")
	}
	if n := o.fake.Calls("auth/getuserinfo") - asked; n != 1 {
		o.t.Errorf("%d codes were sent to WeCom", n)
	}
	at, _ := url.Parse(base)
	for _, c := range v.Jar.Cookies(at) {
		if len(c.Value) == 43 {
			o.t.Error("a login that was refused has a session cookie")
		}
	}
}

// after checks that the application recovers by itself, with the sessions that
// there were: what was refused has not happened, and works now.
func (o *outage) after() {
	o.t.Helper()
	o.becomes(http.StatusOK, http.StatusServiceUnavailable, o.stays, "the session from before")
	if o.logoutFails {
		o.wantStatus(http.StatusOK, o.left, "a session whose logout was refused")
		o.leaves.do(o.app, "POST", "/logout").want(http.StatusSeeOther, "")
	}
	o.wantStatus(http.StatusUnauthorized, o.left, "a session that was logged out")
	o.wantStatus(http.StatusUnauthorized, o.revoked, "a person who was revoked here, with an error")
	mustRevoke(o.t, o.app, "zhaoliu")
	other := o.start(func(c *core.Config) { c.Store, c.StoreTimeout = o.store, storeTimeout })
	if other.in(o.revoked) {
		o.t.Error("a person who was revoked again is in on another instance")
	}
	if session := o.logIn(o.app, "lisi").session(); !other.in(session) || !other.in(o.stays) {
		o.t.Error("another instance does not know a new session, or an old one")
	}
}
