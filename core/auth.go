package core

import (
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Authenticator decides about requests: who is asking, and what happens next.
// Make it with [New]. It is safe for concurrent use and needs no closing: it
// holds no connection, and its goroutines (of a code's exchange, a look into the
// company's tags and departments, a re-check) end by themselves.
type Authenticator struct {
	client       Client
	app          AppInfo
	company      company
	base         site
	callback     string // Config.CallbackPath
	afterLogout  string
	keepFragment bool
	keys         *keyring
	jar          *jar
	sessions     *sessions
	exchanges    *exchanges
	csrf         *http.CrossOriginProtection
	crossOrigin  bool // Config.DangerouslyAllowCrossOrigin
	clientIP     func(*http.Request) string
	onError      func(http.ResponseWriter, *http.Request, *Error)
	observe      Observer
	silent       bool // nobody observes
	log          *slog.Logger
	now          func() time.Time
	rand         io.Reader

	warnHost   sync.Once
	warnPath   sync.Once
	logoutPath atomic.Pointer[string] // learned when Logout is first asked
}

// New checks c and returns an Authenticator. The error joins every mistake that
// c holds, each with what to do about it. It makes no network call.
func New(c Config) (*Authenticator, error) {
	base, err := c.check()
	c = c.withDefaults()
	silent := c.Observer == nil
	c.Observer = calm(c.Observer, c.Logger)
	if c.Provider == nil {
		return nil, err
	}
	client, openErr := c.Provider.Open(Env{Log: c.Logger, Observe: c.Observer})
	if err = joined(err, openErr); err != nil {
		return nil, err
	}
	a := &Authenticator{
		client: client, app: client.App(), company: newCompany(client, c.Logger), base: newSite(base, c.Aliases),
		callback: c.CallbackPath, afterLogout: c.AfterLogout, keepFragment: c.KeepFragment,
		csrf: http.NewCrossOriginProtection(), crossOrigin: c.DangerouslyAllowCrossOrigin,
		clientIP: c.ClientIP, onError: c.OnError, observe: c.Observer, silent: silent, log: c.Logger, now: time.Now, rand: rand.Reader,
	}
	if c.Recheck > 0 && a.company.look == nil {
		return nil, fmt.Errorf("wecomauth: Config.Recheck: %w", errNoDirectory)
	}
	if a.keys, err = a.newKeys(c.Keys); err != nil {
		return nil, err
	}
	secure := base.Scheme == "https"
	a.sessions = newSessions(c, a.app, a.keys, secure)
	if c.Recheck > 0 {
		a.sessions.recheck = newRechecker(c, a.company.look.dir, a.app.CorpID, a.sessions)
	}
	a.jar = newJar(a.keys, secure, a.rand)
	a.exchanges = newExchanges(a.client, a.sessions, c)
	if err := a.csrf.AddTrustedOrigin(a.base.origin); err != nil {
		return nil, fmt.Errorf("wecomauth: Config.BaseURL: %w", err)
	}
	if !secure && !localHost(base.Hostname()) {
		a.log.Warn("wecomauth: Config.BaseURL is http on a public host: anyone on the way can read sessions; use https",
			"base_url", c.BaseURL)
	}
	return a, nil
}

func (a *Authenticator) newKeys(roots []Key) (*keyring, error) {
	if len(roots) == 0 {
		if n := len(a.app.KeyMaterial); n < 16 {
			return nil, fmt.Errorf("wecomauth: the provider's secret has %d bytes, too few to derive keys from: check it, or set Config.Keys to 32 random bytes that all instances share", n)
		}
		roots = []Key{a.app.KeyMaterial}
	}
	return newKeyring(a.base.origin+a.base.prefix, a.app, roots)
}

// route is how a decision was asked for.
type route struct {
	rules    []Rule
	login    bool   // Login, rather than a protected page
	returnTo string // of Login
	fresh    bool   // of Login
	home     bool   // returnTo is Login's own path: it is mounted at "/"
}

// Decide decides about a request to a protected route. It may set headers on h,
// cookies among them, which the answer must carry; it writes nothing else.
//
// Every rule must agree. A nested Decide of the same Authenticator reuses the
// identity that the outer one found, and checks its own rules only.
func (a *Authenticator) Decide(h http.Header, r *http.Request, rules ...Rule) Decision {
	rt := route{rules: rules}
	if l := loginBy(r.Context(), a); l != "" {
		return a.enter(a.read(h, r, rt), l)
	}
	return a.decide(h, r, rt)
}

// Guard is Decide for one route, for adapters: it panics, with a sentence that says
// why, if a rule can never work, such as a UserID without its company where people
// of several may log in. Rules are written in the program, so that this shows when
// it starts.
func (a *Authenticator) Guard(rules ...Rule) func(http.Header, *http.Request) Decision {
	if err := checkRules(a.company, rules); err != nil {
		panic("wecomauth: " + err.Error())
	}
	rules = slices.Clone(rules)
	return func(h http.Header, r *http.Request) Decision { return a.Decide(h, r, rules...) }
}

// Optional decides about a request to a public route that shows more to people
// who are logged in. It passes everybody, never starts or finishes a login, and
// denies only when the session store fails. What another site sends in a person's
// name, and Decide would refuse, passes without an identity.
func (a *Authenticator) Optional(h http.Header, r *http.Request) Decision {
	s, err := a.sessions.load(r)
	if err != nil {
		return a.refuse(a.read(h, r, route{}), err)
	}
	c := &identityContext{Context: r.Context(), login: s.login}
	personal(h, &c.headers)
	if !s.loggedIn || a.foreign(r) {
		return Decision{Action: Pass, ctx: r.Context()}
	}
	return Decision{Action: Pass, ctx: c}
}

// decide loads the session, asks the machine and does what it says. Nearly every
// request brings a session and nothing that concerns a login; the machine would
// let it pass, and is not asked.
func (a *Authenticator) decide(h http.Header, r *http.Request, rt route) Decision {
	if l := a.sessions.quick(r); l != "" && !rt.login && a.plain(r) {
		return a.let(h, r, rt, l)
	}
	s, err := a.sessions.load(r)
	if err == nil && s.loggedIn && !rt.login && a.plain(r) {
		return a.let(h, r, rt, s.login)
	}
	q := a.read(h, r, rt)
	if err != nil {
		return a.refuse(q, err)
	}
	q.session = s
	q.facts.session = s.loggedIn
	if s.idle {
		a.observe(r.Context(), SessionEnded{Identity: s.login.identity(), Idle: true})
	}
	a.recall(q)
	return a.perform(q, next(q.facts))
}

// recall reads what the browser's attempt cookies say that matters here.
func (a *Authenticator) recall(q *ask) {
	switch {
	case q.facts.answer != answerNone:
		q.facts.round = q.back.state.roundAt(q.now)
		if at, ok := a.jar.find(q.r, q.now, q.back.state); ok {
			q.attempt = at
			q.facts.attempt, q.facts.fresh = at.status, at.fresh
		} else if !q.facts.session {
			q.facts.crowded, q.facts.sibling = a.jar.crowd(q.r, q.now, q.back.state)
		}
	case q.facts.visit != visitPage:
	case q.route.fresh:
		q.facts.session = false // Login?fresh=1: go to WeCom although logged in
	case !q.facts.session:
		// The round that has just made a session, which is not here.
		q.facts.round = a.jar.justDone(q.r, q.now, a.exchanges.succeeded)
	}
}

// perform carries out a step.
func (a *Authenticator) perform(q *ask, s step) Decision {
	switch s.move {
	case movePass:
		return a.enter(q, q.session.login)
	case moveAsk:
		return a.askFragment(q)
	case moveStart:
		return a.start(q, s.round)
	case moveExchange:
		return a.exchange(q)
	case moveFinish:
		return a.finish(q)
	case moveWait:
		return a.wait(q)
	case moveGiveUp:
		a.jar.clear(q.h, q.r) // so that trying again begins afresh
	case moveTell:
		return a.tell(q)
	case moveResume:
		return a.resume(q)
	case moveRelocate:
		return a.relocate(q)
	}
	return a.refuse(q, a.reason(q, s.move))
}

// enter lets the request through, if the rules agree.
func (a *Authenticator) enter(q *ask, l login) Decision {
	if q.route.login {
		if q.facts.visit == visitAPI || q.route.home {
			return a.reply(q, denial{status: http.StatusNoContent}) // nowhere to go
		}
		return a.redirect(q, http.StatusFound, a.base.url(q.route.returnTo))
	}
	return a.let(q.h, q.r, q.route, l)
}
