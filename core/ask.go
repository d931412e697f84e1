package core

import (
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// ask is one request on its way to a decision.
type ask struct {
	h     http.Header // of the answer
	r     *http.Request
	route route
	now   time.Time

	html   bool   // the answer is a page, not JSON
	path   string // as the browser sent it, still escaped
	here   string // the local URL that was asked for: no code and state of ours
	target string // the one to come back to: here, or Login's return_to
	whole  bool   // target is all that was asked for
	back   callback
	facts  facts

	session session
	attempt attempt // that the callback's state names, if facts.attempt says so
	result  *result // of the exchange, once there was one
}

// read parses a request. It looks at no cookie.
func (a *Authenticator) read(h http.Header, r *http.Request, rt route) *ask {
	q := &ask{h: h, r: r, route: rt, now: a.now()}
	q.facts.visit, q.html = classify(r)
	var query string
	q.path, query = splitTarget(r)
	q.back = readCallback(query, a.keys)
	q.facts.answer = q.back.answer
	rest, frag, known := q.back.rest, "", false
	if a.keepFragment {
		rest, frag, known = takeFragment(rest)
		q.facts.fragment = fragmentUnknown
	}
	q.here, q.whole = localTarget(q.path, rest)
	q.target = q.here
	if known {
		q.facts.fragment = fragmentKnown
		q.target = withFragment(q.target, frag)
	}
	if rt.login && q.facts.answer == answerNone {
		q.target, q.whole, q.facts.fragment = rt.returnTo, true, fragmentIgnored
	}
	q.facts.crossOrigin = a.foreign(r)
	alias := a.base.isAlias(r.Host)
	q.facts.alias = alias && !hasCookie(r, a.jar.movedName())
	if !alias && !a.base.isHome(r.Host) {
		a.warnHost.Do(func() {
			a.log.Warn("wecomauth: requests come with another Host than Config.BaseURL's; they are served as BaseURL. "+
				"Behind a proxy that is normal; if browsers use that host, list it in Config.Aliases",
				"host", clip(r.Host), "base_url", a.base.origin)
		})
	}
	return q
}

// clientAddr is the visitor's address, as Config.ClientIP says, or else the
// connection's; the zero Addr if that is a private or loopback one, which is most
// likely a proxy that speaks for everybody.
func (a *Authenticator) clientAddr(r *http.Request) netip.Addr {
	if a.clientIP != nil {
		if addr, err := netip.ParseAddr(a.clientIP(r)); err == nil {
			return addr.Unmap().WithZone("")
		}
	}
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr := ap.Addr().Unmap().WithZone("")
	if addr.IsPrivate() || addr.IsLoopback() || addr.IsLinkLocalUnicast() {
		return netip.Addr{}
	}
	return addr
}

// lang is the language of an answer.
func (q *ask) lang() string { return language(q.r.Header.Get("Accept-Language")) }

// clip bounds what a visitor wrote for a log, which does the quoting.
func clip(s string) string {
	const most = 200
	if len(s) > most {
		s = s[:most] + "…"
	}
	return strings.ToValidUTF8(s, "?")
}
