package core

import (
	"net/http"
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
	target string // the local URL to come back to: no code and state of ours
	whole  bool   // target is all that was asked for
	back   callback
	facts  facts

	session session
	attempt attempt // that the callback's state names, if facts.attempt says so
	result  result  // of the exchange, once there was one
}

// read parses a request. It looks at no cookie.
func (a *Authenticator) read(h http.Header, r *http.Request, rt route) *ask {
	q := &ask{h: h, r: r, route: rt, now: a.now()}
	q.facts.visit, q.html = classify(r)
	var query string
	q.path, query = splitTarget(r)
	q.back = readCallback(query, a.keys)
	q.facts.answer = q.back.answer
	q.target, q.whole = localTarget(q.path, q.back.rest)
	if rt.login && q.facts.answer == answerNone {
		q.target, q.whole = rt.returnTo, true
	}
	q.facts.crossOrigin = q.facts.visit == visitUnsafe && !a.crossOrigin && a.csrf.Check(r) != nil
	q.facts.alias = a.base.isAlias(r.Host)
	if !q.facts.alias && !a.base.isHome(r.Host) {
		a.warnHost.Do(func() {
			a.log.Warn("wecomauth: requests come with another Host than Config.BaseURL's; they are served as BaseURL. "+
				"Behind a proxy that is normal; if browsers use that host, list it in Config.Aliases",
				"host", clip(r.Host), "base_url", a.base.origin)
		})
	}
	return q
}

// clip bounds what a visitor wrote for a log, which does the quoting.
func clip(s string) string {
	const most = 200
	if len(s) > most {
		s = s[:most] + "…"
	}
	return strings.ToValidUTF8(s, "?")
}
