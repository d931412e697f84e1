package core

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Login decides about a request to the sign-in route, which never passes: it
// sends the person to WeCom, or back to where return_to says.
//
//   - return_to is a local path with an optional query and fragment; anything
//     else, and Login and Logout themselves, count as "/". (Logout's path is known
//     from its first request on; before that its page asks for confirmation.)
//   - fresh=1 asks WeCom although there is a session, to switch the person.
//
// With Config.CallbackPath it is where WeCom sends everybody back to.
func (a *Authenticator) Login(h http.Header, r *http.Request) Decision {
	path, query := splitTarget(r)
	rt := route{login: true, returnTo: "/"}
	if len(query) <= maxTarget {
		params, _ := url.ParseQuery(query) // what can be read of it
		rt.fresh = params.Get("fresh") == "1"
		rt.returnTo = returnTo(params.Get("return_to"))
	}
	target := pathOf(rt.returnTo)
	if logout := a.logoutPath.Load(); target == pathOf(path) || target == a.callback || logout != nil && target == *logout {
		rt.returnTo = "/"
	}
	rt.home = pathOf(path) == pathOf(rt.returnTo)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return a.refuse(a.read(h, r, rt), &Error{Kind: ErrMethod})
	}
	return a.decide(h, r, rt)
}

// pathOf returns the decoded path of a local URL.
func pathOf(target string) string {
	path, _, _ := strings.Cut(strings.ReplaceAll(target, "#", "?"), "?")
	if decoded, err := url.PathUnescape(path); err == nil {
		return decoded
	}
	return path
}

// Logout decides about a request to the sign-out route, which never passes. A
// POST from this site ends the session in the store and goes to
// Config.AfterLogout; one from another site is refused. Any other method signs
// nobody out, as a link or an image must not: a GET by a person is answered, with
// status 405, by a page that asks and has the buttons. With everywhere=1 in the
// query a POST ends all sessions of the person, as [Authenticator.Revoke] does.
func (a *Authenticator) Logout(h http.Header, r *http.Request) Decision {
	return a.logout(h, r, func(ctx context.Context, id Identity) error { return a.sessions.revoke(ctx, id, time.Now(), nil) })
}

// logout is Logout with what everywhere=1 means.
func (a *Authenticator) logout(h http.Header, r *http.Request, everywhereElse func(context.Context, Identity) error) Decision {
	q := a.read(h, r, route{})
	if a.logoutPath.Load() == nil {
		path := strings.Clone(pathOf(q.path))
		a.logoutPath.Store(&path)
	}
	if r.Method != http.MethodPost {
		return a.refuse(q, &Error{Kind: ErrMethod})
	}
	if a.csrf.Check(r) != nil { // Config.DangerouslyAllowCrossOrigin is about other routes
		return a.refuse(q, a.reason(q, moveCrossOrigin))
	}
	s, err := a.sessions.load(r)
	everywhere := len(r.URL.RawQuery) <= maxTarget && r.URL.Query().Get("everywhere") == "1"
	if err == nil && s.loggedIn && everywhere {
		err = everywhereElse(r.Context(), s.rec.id)
	}
	if err == nil {
		err = a.sessions.logout(h, r, s)
	}
	if err == nil && everywhere && !s.loggedIn { // whose sessions are to end is not known
		err = &Error{Kind: ErrLoginRequired}
	}
	if err != nil {
		return a.refuse(q, err)
	}
	a.jar.clear(h, r)
	if s.loggedIn {
		a.log.Info("wecomauth: logged out", "corp", s.rec.id.CorpID, "user", s.rec.id.UserID)
		a.observe(r.Context(), SessionEnded{Identity: s.login.identity()})
	}
	if !q.html { // a script, which decides itself what to show
		return a.reply(q, denial{status: http.StatusNoContent})
	}
	return a.redirect(q, http.StatusSeeOther, a.base.url(a.afterLogout))
}
