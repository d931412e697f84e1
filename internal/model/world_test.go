package model

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/nethttpmw"
)

// world is one play of a script, from the beginning.
type world struct {
	site      string
	weCom     *weCom
	auths     [2]*core.Authenticator
	instances [2]http.Handler
	balancer  int // the instance that page loads go to

	alice, bob, mallory *browser
	stash               []string // callbacks that mallory keeps
	snapshot            []*http.Cookie

	sessions   map[string]*session // every token that was ever given out
	cookieName string
	broken     string // the first invariant that did not hold
	requests   int
	hops       int
}

// session is what the model knows of a session's token.
type session struct {
	owner *browser
	given time.Time
	dead  [2]time.Time // on each instance; zero while it may live
}

type visitKey struct{}

// visit travels in a request's context to the provider and to the handler.
type visit struct {
	browser  *browser
	state    string
	token    string
	instance int
}

const (
	greeting = "hello"
	lifetime = 12 * time.Hour
	within   = 10 * time.Second // of a revocation, on another instance
)

// newWorld is a service of two instances and three people. The second victim may
// be the first one's other browser.
func newWorld(s scene) *world {
	w := &world{site: s.site, sessions: map[string]*session{}}
	w.weCom = &weCom{codes: map[string]*code{}, logins: map[string]*login{}, violate: w.violate}
	w.alice = &browser{name: "alice", person: "alice", honest: true}
	w.bob = &browser{name: s.second, person: "bob", honest: true}
	if s.second == otherAlice {
		w.bob.person = "alice"
	}
	w.mallory = &browser{name: "mallory", person: "mallory"}
	shared := &store{entries: map[string][]byte{}}
	for i, name := range []string{"one instance", "the other instance"} {
		auth, err := core.New(core.Config{
			Provider: instance{w.weCom, name}, BaseURL: s.site, Store: shared, Lifetime: lifetime, Logger: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			panic(err)
		}
		mux := http.NewServeMux()
		mux.Handle("/me", nethttpmw.Require(auth)(http.HandlerFunc(w.handler)))
		mux.Handle("/login", nethttpmw.Login(auth))
		mux.Handle("/logout", nethttpmw.Logout(auth))
		w.auths[i], w.instances[i] = auth, mux
	}
	return w
}

func (w *world) violate(format string, args ...any) {
	if w.broken == "" {
		w.broken = fmt.Sprintf(format, args...)
	}
}

// handler is the protected page. It runs for nobody but the owner of a session
// that is alive, and knows them by their own name.
func (w *world) handler(rw http.ResponseWriter, r *http.Request) {
	v, _ := r.Context().Value(visitKey{}).(visit)
	id, ok := core.IdentityFrom(r.Context())
	s := w.sessions[v.token]
	switch {
	case !ok || id.UserID == "":
		w.violate("the handler ran for nobody")
	case id.UserID != v.browser.person:
		w.violate("%s's browser is logged in as %s", v.browser.name, id.UserID)
	case s == nil:
		w.violate("the handler ran for %s without one session of ours", v.browser.name)
	case s.owner != v.browser:
		w.violate("%s holds a session that was given to %s", v.browser.name, s.owner.name)
	case w.weCom.logins[v.state] != nil:
		w.violate("the handler was given a state of ours")
	case s.deadOn(v.instance):
		w.violate("%s: a session that has ended opens the page", v.browser.name)
	}
	_, _ = io.WriteString(rw, greeting)
}

func (s *session) deadOn(instance int) bool {
	at := s.dead[instance]
	return time.Since(s.given) > lifetime+time.Second || !at.IsZero() && !time.Now().Before(at)
}

// send hands a request to an instance. It changes no browser.
func (w *world) send(b *browser, instance int, r *http.Request) answer {
	v := visit{browser: b, state: r.URL.Query().Get("state"), instance: instance}
	for _, c := range r.Cookies() {
		if isSession(c) {
			if v.token != "" && v.token != c.Value {
				v.token = "several"
				break
			}
			v.token = c.Value
		}
	}
	rec := httptest.NewRecorder()
	w.instances[instance].ServeHTTP(rec, r.WithContext(context.WithValue(r.Context(), visitKey{}, v)))
	return answer{rec, v.token, r.URL.Query().Get("code")}
}

// answer is what came back, and the session and the code that the request held.
type answer struct {
	*httptest.ResponseRecorder
	held string
	code string
}

// session is the token that the answer sets, or "".
func (a answer) session() string {
	for _, c := range a.Result().Cookies() {
		if isSession(c) {
			return c.Value
		}
	}
	return ""
}

// receive gives an answer's cookies to the browser, and notes new sessions.
func (w *world) receive(b *browser, rec answer) {
	w.requests++
	res := rec.Result()
	for _, c := range res.Cookies() {
		if !isSession(c) {
			continue
		}
		if code := w.weCom.codes[rec.code]; code == nil || !code.accepted || code.browser != b {
			w.violate("%s was given a session for a code that WeCom did not take", b.name)
		}
		if s := w.sessions[c.Value]; s == nil {
			if old := w.sessions[rec.held]; old != nil {
				old.end(0, 0) // a login makes a new session of it
			}
			w.cookieName = c.Name
			w.sessions[c.Value] = &session{owner: b, given: time.Now()}
		} else if s.owner != b {
			w.violate("%s was given a session of %s", b.name, s.owner.name)
		}
		if c.Value == rec.held {
			w.violate("%s: a login kept the session's token", b.name)
		}
		if strings.HasPrefix(w.site, "https:") != (c.Secure && strings.HasPrefix(c.Name, "__Host-")) || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
			w.violate("a session's cookie lacks an attribute")
		}
	}
	b.take(res)
}

// end notes that a session is over, after so long on each instance.
func (s *session) end(one, other time.Duration) {
	for i, after := range []time.Duration{one, other} {
		if at := time.Now().Add(after); s.dead[i].IsZero() || at.Before(s.dead[i]) {
			s.dead[i] = at
		}
	}
}

// check looks at what every browser may do, and at what every token that was
// ever given out still opens, on both instances. A fetch begins no login.
func (w *world) check() {
	for i := range w.instances {
		for _, b := range []*browser{w.alice, w.bob, w.mallory} {
			if r := b.request(http.MethodGet, w.site+"/me", "cors"); r.Header["Cookie"] != nil {
				w.requests++
				w.send(b, i, r)
			}
		}
		for token, s := range w.sessions {
			if !s.deadOn(i) {
				continue
			}
			w.requests++
			r := s.owner.request(http.MethodGet, w.site+"/me", "cors")
			r.Header["Cookie"] = []string{w.cookieName + "=" + token}
			w.send(s.owner, i, r)
		}
	}
}

// settle leaves everybody alone: a minute later each honest browser, with its
// cookies, must end on its page.
func (w *world) settle() {
	w.weCom.refuses = false
	time.Sleep(time.Minute)
	w.check()
	for _, b := range []*browser{w.alice, w.bob} {
		b.blocks, b.loses, b.planted, b.behind = false, false, nil, nil
		if end := w.browse(b, &b.tabs[0]); end != onPage {
			w.violate("%s was left alone and did not reach the page", b.name)
		}
	}
	w.check()
}
