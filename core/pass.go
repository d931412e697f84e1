package core

import (
	"errors"
	"net/http"
	"strings"
	"time"
)

// This file is what every authenticated request does beside loading its session.

// foreign reports a request that may change something and that another site sent:
// by a method other than GET and HEAD, or to open a WebSocket, which browsers let
// every site do, with the cookies of a sibling subdomain's.
func (a *Authenticator) foreign(r *http.Request) bool {
	switch {
	case a.crossOrigin:
		return false
	case len(r.Header["Upgrade"]) > 0:
		post := *r
		post.Method = http.MethodPost // Check looks at no GET
		return a.csrf.Check(&post) != nil
	default:
		return r.Method != http.MethodGet && r.Method != http.MethodHead && a.csrf.Check(r) != nil
	}
}

// plain reports a request that, with a session, the machine lets pass: it is not
// another site's, and brings nothing back from WeCom. It may say no to one more.
func (a *Authenticator) plain(r *http.Request) bool {
	if a.foreign(r) {
		return false
	}
	_, query, asked := strings.Cut(r.RequestURI, "?")
	if r.RequestURI == "" {
		query, asked = r.URL.RawQuery, r.URL.RawQuery != ""
	}
	if !asked {
		return true
	}
	return !strings.Contains(query, "state=") && (!a.keepFragment || !strings.Contains(query, fragmentParam))
}

// let lets a request with a session through, if the rules agree.
func (a *Authenticator) let(h http.Header, r *http.Request, rt route, l login) Decision {
	if len(rt.rules) > 0 {
		id := l.identity()
		if err := admitAll(r.Context(), a.company, rt.rules, id); err != nil {
			return a.keepOut(a.read(h, r, rt), id, err)
		}
	}
	return a.pass(h, r, l)
}

// askAgainAfter is how old a login is that is made again for what it lacks.
const askAgainAfter = time.Minute

// keepOut refuses a person whom the rules do not let in. If they cannot tell since
// WeCom did not name the departments at the login, the person logs in once more,
// on a page load: else a moment's trouble would keep them out until they log out.
func (a *Authenticator) keepOut(q *ask, id Identity, err error) Decision {
	if errors.Is(err, errDepartments) && id.CorpID == a.app.CorpID && q.facts.visit == visitPage && q.now.Sub(id.LoginAt) > askAgainAfter {
		q.route.fresh = true
		return a.start(q, 1)
	}
	return a.refuse(q, &Error{Kind: ErrForbidden, Err: err})
}

// pass hands the request on with the identity in its context.
func (a *Authenticator) pass(h http.Header, r *http.Request, l login) Decision {
	if loginBy(r.Context(), a) != "" { // nested
		personal(h, new(personalHeaders))
		return Decision{Action: Pass, ctx: r.Context()}
	}
	c := &identityContext{Context: r.Context(), login: l, by: a}
	personal(h, &c.headers)
	return Decision{Action: Pass, ctx: c}
}

// personalHeaders are the values of two headers.
type personalHeaders [2]string

// personal keeps shared caches from handing one person's page to another. The
// values are kept in v, which saves an allocation for each; a handler that
// appends to one gets a slice of its own.
func personal(h http.Header, v *personalHeaders) {
	*v = personalHeaders{"Cookie", "private"}
	if len(h) == 0 { // as it nearly always is
		h["Vary"], h["Cache-Control"] = v[0:1:1], v[1:2:2]
		return
	}
	switch vary := h["Vary"]; {
	case len(vary) == 0:
		h["Vary"] = v[0:1:1]
	case vary[len(vary)-1] != v[0]: // not nested
		h["Vary"] = append(vary, v[0])
	}
	if control := h["Cache-Control"]; len(control) == 0 || control[0] == "" {
		h["Cache-Control"] = v[1:2:2]
	}
}
