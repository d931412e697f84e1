package core

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// start seals an attempt into the browser and sends it to WeCom: by a redirect,
// and in later rounds by a page.
func (a *Authenticator) start(q *ask, round int) Decision {
	at := attempt{at: q.now.Truncate(time.Second), status: attemptOpen, fresh: q.route.fresh, target: q.target}
	if q.facts.attempt != attemptMissing {
		at.target, at.fresh = q.attempt.target, q.attempt.fresh
	}
	redirect, err := a.redirectURL(q.path)
	if err != nil {
		return a.refuse(q, err)
	}
	if _, err := io.ReadFull(a.rand, at.nonce[:]); err != nil {
		return a.refuse(q, err)
	}
	slot := a.jar.pick(q.r, q.now)
	fits, err := a.jar.put(q.h, q.now, slot, at)
	if err != nil {
		return a.refuse(q, err)
	}
	if !fits || !q.whole {
		a.log.Warn("wecomauth: the page's address is too long or unusual to come back to as a whole", "path", clip(q.path))
	}
	s := state{nonce: at.nonce, slot: slot, round: uint8(round)} // #nosec G115 -- 1 to maxRounds
	address := a.client.AuthCodeURL(AuthRequest{
		RedirectURL: redirect, State: a.keys.writeState(s), UserAgent: q.r.UserAgent(),
	})
	a.log.Debug("wecomauth: login started", "path", clip(q.path), "round", round)
	if round == 1 {
		return a.redirect(q, http.StatusFound, address)
	}
	lang := language(q.r.Header.Get("Accept-Language"))
	w := words[lang]
	p := page{Lang: lang, Title: w["signin"], Body: w["signinBody"], Button: w["confirm"], Href: address, Refresh: address}
	return a.reply(q, Decision{status: http.StatusOK, kind: htmlType, body: p.render()})
}

// redirectURL is where WeCom sends the person back to: the page itself, or
// CallbackPath.
func (a *Authenticator) redirectURL(path string) (string, error) {
	if a.callback != "" {
		return a.base.url(a.callback), nil
	}
	if !selfCallback(path) {
		return "", kindError(ErrMisconfigured, "the page %q cannot be its own callback: mount the adapter's Login and set Config.CallbackPath to its path", clip(path))
	}
	return a.base.url(path), nil
}

// exchange trades the code, once for all simultaneous duplicates of a callback.
func (a *Authenticator) exchange(q *ask) Decision {
	q.result = a.exchanges.do(q.r.Context(), trade{
		nonce: q.attempt.nonce, code: q.back.code, remote: q.r.RemoteAddr, session: q.session,
	})
	switch err := q.result.err; {
	case err == nil:
		return a.perform(q, settle(q.facts, exchangeOK))
	case errors.Is(err, errWaiterGone):
		return a.refuse(q, err) // nobody reads it, and the attempt is still open
	case errors.Is(err, ErrCodeInvalid):
		a.log.Info("wecomauth: WeCom refused the code; the login starts again", "err", err, "round", q.facts.round)
		return a.perform(q, settle(q.facts, exchangeInvalid))
	default:
		return a.perform(q, settle(q.facts, exchangeFailed))
	}
}

// finish hands the session to the browser, marks the attempt spent, so that a
// second delivery or a reload of the callback still finds its page, and goes to
// that page.
func (a *Authenticator) finish(q *ask) Decision {
	if q.session.outer {
		if _, err := a.sessions.login(q.r.Context(), q.session, q.result.id); err != nil {
			return a.refuse(q, err)
		}
	} else {
		a.sessions.setCookie(q.h, q.result.ticket)
	}
	if err := a.spend(q, attemptDone); err != nil {
		return a.refuse(q, err)
	}
	a.log.Info("wecomauth: logged in", "corp", q.result.id.CorpID, "user", q.result.id.UserID)
	return a.redirect(q, http.StatusFound, a.base.clean(q.attempt.target))
}

// tell shows why the exchange failed. The attempt is marked, so that reloading
// the page begins afresh instead of looking like a loop.
func (a *Authenticator) tell(q *ask) Decision {
	if err := a.spend(q, attemptFailed); err != nil {
		return a.refuse(q, err)
	}
	return a.refuse(q, q.result.err)
}

func (a *Authenticator) spend(q *ask, status attemptStatus) error {
	q.attempt.status = status
	_, err := a.jar.put(q.h, q.now, q.back.state.slot, q.attempt)
	return err
}

// resume goes to the page that was asked for: the attempt's, or this one.
func (a *Authenticator) resume(q *ask) Decision {
	if q.facts.attempt != attemptMissing {
		return a.redirect(q, http.StatusFound, a.base.clean(q.attempt.target))
	}
	return a.redirect(q, http.StatusFound, a.base.clean(q.target))
}

func (a *Authenticator) redirect(q *ask, status int, address string) Decision {
	q.h.Set("Location", address)
	return a.reply(q, Decision{status: status})
}

// reply completes an answer that core gives itself.
func (a *Authenticator) reply(q *ask, d Decision) Decision {
	d.auth = a
	q.h.Set("Cache-Control", "no-store")
	q.h.Set("Referrer-Policy", "no-referrer")
	q.h.Add("Vary", "Cookie")
	return d
}

// refuse turns an error into an answer, and logs it once.
func (a *Authenticator) refuse(q *ask, err error) Decision {
	e := newError(err)
	a.logRefusal(q, e)
	if e.RetryAfter > 0 {
		q.h.Set("Retry-After", strconv.Itoa(int(max(1, e.RetryAfter.Round(time.Second).Seconds()))))
	}
	if e.Kind == ErrMethod {
		q.h.Set("Allow", map[bool]string{true: "GET, HEAD", false: "POST"}[q.route.login])
	}
	lang := language(q.r.Header.Get("Accept-Language"))
	if !q.html {
		return a.reply(q, Decision{status: e.Kind.status, kind: "application/problem+json", body: problem(e.Kind, lang), err: e})
	}
	return a.reply(q, Decision{status: e.Kind.status, kind: htmlType, body: a.errorPage(q, e.Kind, lang).render(), err: e})
}

func (a *Authenticator) errorPage(q *ask, k *Kind, lang string) page {
	t, w := k.text(lang), words[lang]
	p := page{Lang: lang, Title: t.title, Body: t.body, Button: w["retry"], Href: a.base.url(q.target), Code: k.code}
	if q.facts.attempt != attemptMissing {
		p.Href = a.base.url(q.attempt.target)
	}
	if q.facts.visit == visitUnsafe {
		p.Href = a.base.url(a.referer(q.r)) // the page with the form, not where it posts to
	}
	switch k {
	case ErrMethod:
		p.Post, p.Button = !q.route.login, w["confirm"]
	case ErrFrame:
		p.Top, p.Button = true, w["open"]
	case ErrForbidden, ErrNotMember, ErrOtherCorp, ErrNotVisible:
		p.Href = "" // trying again changes nothing
	}
	return p
}

// referer is the local page that a request came from, or "/".
func (a *Authenticator) referer(r *http.Request) string {
	u, err := url.Parse(r.Referer())
	if err != nil || u.Host == "" || canonicalHost(u.Scheme, u.Host) != a.base.host {
		return "/"
	}
	target, _ := localTarget(strings.TrimPrefix(u.EscapedPath(), a.base.prefix), u.RawQuery)
	return target
}

// logRefusal writes what an administrator wants to know: nothing for visitors
// who simply have to log in, the cause for everything else.
func (a *Authenticator) logRefusal(q *ask, e *Error) {
	args := []any{"code", e.Kind.code, "path", clip(q.path), "remote", remoteHost(q.r.RemoteAddr)}
	if e.Err != nil {
		args = append(args, "err", e.Err)
	}
	switch {
	case e.Kind.status >= 500:
		a.log.Error("wecomauth: refused", args...)
	case e.Kind == ErrLoginRequired || e.Kind == ErrFrame || e.Kind == ErrMethod || e.Kind == ErrCancelled:
		a.log.Debug("wecomauth: refused", args...)
	default:
		a.log.Warn("wecomauth: refused", args...)
	}
}
