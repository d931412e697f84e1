package core

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
)

// sessions keeps logins in scs. The session changes only on answers that this
// package gives itself, so it is committed, and its cookie set, before anything
// is written; no response writer is ever wrapped.
type sessions struct {
	sm      *scs.SessionManager
	own     bool         // ours alone: nobody else loads or commits its sessions
	name    string       // of the session's cookie
	key     string       // of our record among the session's values
	bind    string       // of the app, for marks
	corps   corps        // whose sessions count
	memory  *memoryStore // the default store, if that is it
	ctxKey  any          // of sm's sessions in a context
	abides  bool         // the store's calls obey a context
	marks   *marks
	recheck *rechecker // nil without Config.Recheck
	timeout time.Duration
	log     *slog.Logger
	observe Observer
	now     func() time.Time
}

// newSessions keeps the sessions of app. It works on a copy of the user's manager, so that the manager is
// never altered, yet shares its context key: a session that an outer
// LoadAndSave has loaded is found, and its data is the same data.
func newSessions(c Config, app AppInfo, k *keyring, secure bool) *sessions {
	s := &sessions{
		own: c.Sessions == nil, key: keyPrefix + k.tag, bind: k.bind, corps: corpsOf(app), timeout: c.StoreTimeout,
		log: c.Logger, observe: c.Observer, now: time.Now,
	}
	if s.own {
		// Not scs.New, which starts a goroutine for a store that is not used.
		// Its sessions never enter a context that is handed on.
		s.sm = &scs.SessionManager{
			Store: c.Store, Codec: Codec{}, Lifetime: c.Lifetime, IdleTimeout: c.IdleTimeout,
			Cookie: scs.SessionCookie{
				Name: cookieName(k, secure), Path: "/", HttpOnly: true, Secure: secure,
				SameSite: http.SameSiteLaxMode, Persist: true,
			},
		}
	} else {
		view := *c.Sessions
		s.sm = &view
	}
	s.ctxKey = contextKeyOf(s.sm)
	s.name = s.sm.Cookie.Name
	s.sm.Codec = lenientCodec{s.sm.Codec}
	if s.memory, _ = s.sm.Store.(*memoryStore); s.memory != nil {
		s.memory.key = s.key
	}
	_, s.abides = s.sm.Store.(ctxFinder)
	s.marks = newMarks(s, c.RevokeWithin)
	return s
}

// session is the state of one request's session.
type session struct {
	ctx      context.Context // holds scs's data; nil if that is not loaded
	token    string          // in a manager of our own
	outer    bool            // an outer LoadAndSave owns it and will commit
	login    login
	rec      record // what login holds, without the departments
	loggedIn bool   // a live login of this app was found in it
	idle     bool   // was logged in, and unused for too long
}

// load finds the request's session. The only error is a store that failed:
// whatever else is wrong with a cookie or a record means logged out.
func (s *sessions) load(r *http.Request) (session, error) {
	if s.own {
		return s.loadOwn(r)
	}
	token := s.token(r)
	// Load returns the context it was given if an outer LoadAndSave has loaded
	// the session. A context made here is sure to be comparable.
	probe := context.WithValue(r.Context(), probeKey{}, true)
	ctx, cancel := s.limit(probe)
	defer cancel()
	loaded, err := s.sm.Load(ctx, token)
	if err != nil {
		return session{}, fmt.Errorf("%w: load: %w", ErrStore, err)
	}
	found := session{ctx: valuesOf{r.Context(), loaded}, outer: loaded == ctx}
	found.login, found.rec, found.loggedIn = readLogin(s.sm.GetString(loaded, s.key))
	if found.outer && token == "" && len(slices.Collect(cookiesNamed(r, s.name))) > 1 {
		found.loggedIn = false // LoadAndSave took one of several cookies, perhaps a planted one
	}
	now := s.now()
	if found.loggedIn {
		err = s.alive(r.Context(), &found, now)
	}
	if err != nil || !found.loggedIn || found.outer { // an outer LoadAndSave keeps the idle timeout itself
		return found, err
	}
	return found, s.touch(r.Context(), &found, now)
}

// alive asks whether the login was revoked, is older than any may be, or is one of
// somebody whom the app does not let in any more.
func (s *sessions) alive(ctx context.Context, f *session, now time.Time) error {
	age := now.Sub(f.rec.id.LoginAt)
	if age > s.sm.Lifetime+markSlack || age < -markSlack || // marks are not kept for longer, nor reach into the future
		!s.corps.admits(&f.rec.id) {
		f.loggedIn = false
		return nil
	}
	dead, err := s.marks.dead(ctx, &f.rec.id, now)
	f.loggedIn = err == nil && !dead
	if f.loggedIn && s.recheck != nil {
		s.recheck.seen(&f.rec.id, now)
	}
	return err
}

// ticket is a committed session: what its cookie will hold.
type ticket struct {
	token  string
	expiry time.Time
}

// login binds the session to id under a new token. With an outer LoadAndSave it
// only changes the data, which the outer one commits, and returns no ticket.
func (s *sessions) login(ctx context.Context, f session, id Identity) (ticket, error) {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	ctx, err := s.into(ctx, f)
	if err != nil {
		return ticket{}, fmt.Errorf("%w: load: %w", ErrStore, err)
	}
	if s.holdsAnother(ctx, id) {
		_ = s.sm.Clear(ctx) // returns nil; nothing of one person is left to another
	}
	if err := s.bury(ctx, s.sm.Token(ctx)); err != nil {
		return ticket{}, err
	}
	if err := s.sm.RenewToken(ctx); err != nil {
		return ticket{}, fmt.Errorf("%w: renew: %w", ErrStore, err)
	}
	s.sm.Put(ctx, s.key, record{id: id, seen: s.now().Unix()}.text())
	if f.outer {
		return ticket{}, nil
	}
	token, _, err := s.sm.Commit(ctx)
	if err != nil {
		return ticket{}, fmt.Errorf("%w: commit: %w", ErrStore, err)
	}
	// The cookie lives as long as the session may; the idle timeout is kept here.
	return ticket{token, s.sm.Deadline(ctx)}, nil
}

// holdsAnother reports a session with a login of another person, be it by another
// app that shares the manager.
func (s *sessions) holdsAnother(ctx context.Context, id Identity) bool {
	return slices.ContainsFunc(s.sm.Keys(ctx), func(key string) bool {
		_, old, ok := readLogin(s.sm.GetString(ctx, key))
		return ok && strings.HasPrefix(key, keyPrefix) && !samePerson(old.id, id)
	})
}

// maxSessionCookies is how many cookies of the session's name Logout looks at. A
// browser holds one for each domain and path that can set it.
const maxSessionCookies = 8

// logout ends the session in the store and clears the cookie. Of several cookies
// of the name, every one is ended that a browser may hold.
func (s *sessions) logout(h http.Header, r *http.Request, f session) error {
	ctx, cancel := s.limit(r.Context())
	defer cancel()
	done, seen := "", 0
	if f.ctx != nil {
		done = s.sm.Token(f.ctx)
		if err := s.destroy(valuesOf{ctx, f.ctx}); err != nil {
			return err
		}
	}
	for value := range cookiesNamed(r, s.name) {
		if f.outer || !scsToken(value) || value == done {
			continue
		}
		if seen++; seen > maxSessionCookies {
			break
		}
		one, err := s.open(ctx, value)
		if err != nil {
			return fmt.Errorf("%w: destroy: %w", ErrStore, err)
		}
		if s.sm.Token(one) == "" { // there is none
			continue
		}
		if err := s.destroy(one); err != nil {
			return err
		}
	}
	if !f.outer && hasCookie(r, s.name) {
		c := s.cookie("") //nolint:gosec // its attributes are checked by New
		c.MaxAge = -1
		h.Add("Set-Cookie", c.String())
	}
	return nil
}

// destroy ends the session in ctx.
func (s *sessions) destroy(ctx context.Context) error {
	if err := s.bury(ctx, s.sm.Token(ctx)); err != nil {
		return err
	}
	if err := s.sm.Destroy(ctx); err != nil {
		return fmt.Errorf("%w: destroy: %w", ErrStore, err)
	}
	return nil
}

// limit bounds the store's calls, if the store cares.
func (s *sessions) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if !s.abides {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, s.timeout)
}

type probeKey struct{}

// lenientCodec reads a session that cannot be decoded as an empty one: its
// owner is logged out, instead of seeing an error until the cookie expires.
type lenientCodec struct{ scs.Codec }

func (c lenientCodec) Decode(b []byte) (time.Time, map[string]any, error) {
	deadline, values, err := c.Codec.Decode(b)
	if err != nil || values == nil {
		return deadline, map[string]any{}, nil
	}
	return deadline, values, nil
}
