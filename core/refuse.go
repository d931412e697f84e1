package core

import (
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// refuse turns an error into an answer, and logs it once.
func (a *Authenticator) refuse(q *ask, err error) Decision {
	e := newError(err)
	e.RequestID = a.requestID(q.h)
	a.logRefusal(q, e)
	switch e.Kind {
	case ErrLoginRequired, ErrFrame, ErrForbidden, ErrCrossOrigin, ErrMethod, ErrStore:
		a.observe(q.r.Context(), Refused{Err: e})
	default:
		a.observe(q.r.Context(), LoginFailed{Err: e})
	}
	if e.RetryAfter > 0 {
		q.h.Set("Retry-After", strconv.Itoa(int(max(1, e.RetryAfter.Round(time.Second).Seconds()))))
	}
	if e.Kind == ErrMethod {
		q.h.Set("Allow", map[bool]string{true: "GET, HEAD", false: "POST"}[q.route.login])
	}
	d := denial{status: e.Kind.status, err: e}
	if q.html {
		d.kind, d.body = htmlType, a.errorPage(q, e).render()
	} else {
		d.kind, d.body = "application/problem+json", a.problem(q, e)
	}
	answer := a.reply(q, d)
	e.own = answer.denial
	return answer
}

// requestID is the one that the application has put on the answer, so that its
// own logs and ours meet, or a new one.
func (a *Authenticator) requestID(h http.Header) string {
	if id := h.Get("X-Request-Id"); id != "" && len(id) <= 64 && strings.Trim(id, idAlphabet) == "" {
		return id
	}
	var b [8]byte
	if _, err := io.ReadFull(a.rand, b[:]); err != nil {
		return ""
	}
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:]))
}

const idAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:"

func (a *Authenticator) errorPage(q *ask, e *Error) page {
	t, w := e.Kind.text(q.lang()), words[q.lang()]
	p := page{Lang: q.lang(), Title: t.title, Body: t.body, Button: w.retry, Href: a.base.url(q.target), Code: e.Kind.code, RequestID: e.RequestID}
	if q.facts.attempt != attemptMissing {
		p.Href = a.base.url(q.attempt.target)
	}
	if q.facts.visit == visitUnsafe {
		p.Href = a.base.url(a.referer(q.r)) // the page with the form, not where it posts to
	}
	switch e.Kind {
	case ErrMethod:
		if !q.route.login {
			p.Post, p.Title, p.Body, p.Button, p.Everywhere = true, w.signOut.title, w.signOut.body, w.confirm, w.everywhere
			p.Code = "" // it is a question, and nothing for an administrator
		}
	case ErrFrame:
		p.Top, p.Button = true, w.open
	case ErrOpenInWeCom:
		p.Link, p.QRCode, p.Href = p.Href, qrCode(p.Href, w.qr), ""
	case ErrForbidden, ErrNotMember, ErrOtherCorp, ErrNoCorp, ErrNotVisible:
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

// loginURL is where a script sends the browser to log in and come back to the
// page that the script runs on, if it is known where Login is.
func (a *Authenticator) loginURL(q *ask) string {
	back := a.referer(q.r)
	if a.callback == "" {
		return "" // not known; the page itself may be public, and would call again for ever
	}
	return a.base.url(a.callback) + "?return_to=" + url.QueryEscape(back)
}

// logRefusal writes what an administrator wants to know: nothing for visitors
// who simply have to log in, the cause for everything else.
func (a *Authenticator) logRefusal(q *ask, e *Error) {
	args := []any{"code", e.Kind.code, "path", clip(q.path), "remote", remoteHost(q.r.RemoteAddr), "request_id", e.RequestID}
	if e.Err != nil {
		args = append(args, "err", e.Err.Error())
	}
	var details slog.LogValuer // a provider's error code, hint and remedy, field by field
	if errors.As(e.Err, &details) {
		args = append(args, "wecom", details)
	}
	if e.Kind == ErrMisconfigured {
		args = append(args, "base_url", a.base.origin+a.base.prefix)
	}
	switch {
	case q.r.Context().Err() != nil: // the visitor left, and took the reason with them
		a.log.Debug("wecomauth: refused", args...)
	case errors.Is(e.Err, errOddPath) && !once(&a.warnPath): // or a bot fills the log
		a.log.Debug("wecomauth: refused", args...)
	case e.Kind.status >= 500:
		a.log.Error("wecomauth: refused", args...)
	case e.Kind == ErrLoginRequired || e.Kind == ErrFrame || e.Kind == ErrMethod || e.Kind == ErrCancelled || e.Kind == ErrOpenInWeCom:
		a.log.Debug("wecomauth: refused", args...)
	default:
		a.log.Warn("wecomauth: refused", args...)
	}
}

// once reports the first call for o.
func once(o *sync.Once) (first bool) {
	o.Do(func() { first = true })
	return first
}

// reason is the refusal of a move that ends here.
func (a *Authenticator) reason(q *ask, m move) error {
	switch m {
	case moveUnauthorized:
		return &Error{Kind: ErrLoginRequired}
	case moveFrame:
		return &Error{Kind: ErrFrame}
	case moveCrossOrigin:
		return kindError(ErrCrossOrigin, "%.20q from origin %.200q", q.r.Method, q.r.Header.Get("Origin"))
	case moveCancelled:
		return &Error{Kind: ErrCancelled}
	case moveMalformed:
		return kindError(ErrBadCallback, "the callback's code is doubled, too long or not printable")
	case moveGiveUp:
		return kindError(ErrLoop, "%s", a.loopCauses(q))
	default:
		return kindError(ErrInternal, "no way on from %+v", q.facts)
	}
}

// loopCauses names what makes a login come back without its cookies.
func (a *Authenticator) loopCauses(q *ask) string {
	return fmt.Sprintf("login came back %d times without its cookies (%s, Host %.100q, BaseURL %s): "+
		"the browser blocks cookies; or the page is opened under another host than BaseURL; or BaseURL is https and the browser came by http; "+
		"or there are several instances without a shared session store or with different keys",
		maxRounds, map[bool]string{true: "attempt cookie missing", false: "session missing"}[q.facts.answer != answerNone && q.facts.attempt == attemptMissing],
		q.r.Host, a.base.origin)
}
