package core

import (
	"net/http"
	"strings"
)

// This file is what every authenticated request does beside loading its session.

// plain reports a request that, with a session, the machine lets pass: it is not
// another site's, and brings nothing back from WeCom. It may say no to one more.
func (a *Authenticator) plain(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead && !a.crossOrigin && a.csrf.Check(r) != nil {
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
		if err := admitAll(r.Context(), a.company, rt.rules, l.identity()); err != nil {
			return a.refuse(a.read(h, r, rt), &Error{Kind: ErrForbidden, Err: err})
		}
	}
	return a.pass(h, r, l)
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
