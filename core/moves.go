package core

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// start seals an attempt into the browser and sends it to WeCom: by a redirect,
// and in later rounds by a page.
func (a *Authenticator) start(q *ask, round int) Decision {
	at := attempt{
		at: q.now.Truncate(time.Second), status: attemptOpen, round: uint8(round), // #nosec G115 -- 1 to maxRounds
		fresh: q.route.fresh, target: q.target,
	}
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
	s := state{nonce: at.nonce, slot: a.jar.pick(q.r, q.now), round: at.round, began: minute(q.now)}
	address := a.client.AuthCodeURL(AuthRequest{
		RedirectURL: redirect, State: a.keys.writeState(s), UserAgent: q.r.UserAgent(),
	})
	if address == "" {
		return a.refuse(q, &Error{Kind: ErrOpenInWeCom})
	}
	fits, err := a.jar.put(q.h, q.now, s.slot, at)
	if err != nil {
		return a.refuse(q, err)
	}
	if !fits || !q.whole {
		a.log.Warn("wecomauth: the page's address is too long or unusual to come back to as a whole", "path", clip(q.path))
	}
	if !a.silent {
		a.observe(q.r.Context(), LoginStarted{Path: clip(q.path), Round: round, Agent: ParseAgent(q.r.UserAgent())})
	}
	if round == 1 {
		return a.redirect(q, http.StatusFound, address)
	}
	return a.reply(q, denial{status: http.StatusOK, kind: htmlType, body: waitPage(q.lang(), address).render()})
}

// wait answers with a page that comes back in two seconds, when another tab may
// have brought the session. It names its address, without the code: a browser that
// is told to load the same address again does nothing if that has a fragment, as
// WeCom's callbacks have.
func (a *Authenticator) wait(q *ask) Decision {
	p := waitPage(q.lang(), "")
	p.Href = a.base.url(q.here) // the button begins afresh
	p.Later = a.base.url(withParam(q.here, "state="+a.keys.writeState(q.back.state)))
	return a.reply(q, denial{status: http.StatusOK, kind: htmlType, body: p.render()})
}

// askFragment answers with a page that comes back with the fragment.
func (a *Authenticator) askFragment(q *ask) Decision {
	p := waitPage(q.lang(), "")
	p.Href, p.Fragment = a.base.url(withParam(q.target, fragmentParam+"=")), true
	return a.reply(q, denial{status: http.StatusOK, kind: htmlType, body: p.render()})
}

// withParam adds a parameter to a local target without a fragment.
func withParam(target, param string) string {
	if strings.Contains(target, "?") {
		return target + "&" + param
	}
	return target + "?" + param
}

var errOddPath = errors.New("the page cannot be its own callback")

// redirectURL is where WeCom sends the person back to: the page itself, or
// CallbackPath.
func (a *Authenticator) redirectURL(path string) (string, error) {
	if a.callback != "" {
		return a.base.url(a.callback), nil
	}
	if !selfCallback(path) {
		return "", &Error{Kind: ErrMisconfigured, Err: fmt.Errorf("%w, %q: mount the adapter's Login and set Config.CallbackPath to its path", errOddPath, clip(path))}
	}
	return a.base.url(path), nil
}

// exchange trades the code, once for all simultaneous duplicates of a callback.
func (a *Authenticator) exchange(q *ask) Decision {
	res := a.exchanges.do(q.r.Context(), trade{
		nonce: q.attempt.nonce, code: q.back.code, client: a.clientAddr(q.r), session: q.session,
	})
	q.result = &res
	switch err := q.result.err; {
	case err == nil:
		return a.perform(q, settle(q.facts, exchangeOK))
	case errors.Is(err, errWaiterGone):
		return a.refuse(q, err) // nobody reads it, and the attempt is still open
	case errors.Is(err, ErrCodeInvalid):
		s := settle(q.facts, exchangeInvalid)
		if s.move == moveStart {
			a.log.Info("wecomauth: WeCom refused the code; the login starts again", "err", err.Error(), "round", q.facts.round)
			a.observe(q.r.Context(), LoginFailed{Err: newError(err)})
		}
		return a.perform(q, s)
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
	a.observe(q.r.Context(), LoginSucceeded{Identity: q.result.id, Took: q.result.took})
	if q.facts.round > 1 { // this browser may drop cookies that a redirect sets
		return a.reply(q, denial{status: http.StatusOK, kind: htmlType, body: waitPage(q.lang(), a.base.url(q.attempt.target)).render()})
	}
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
	q.attempt.status, q.attempt.at = status, q.now.Truncate(time.Second)
	_, err := a.jar.put(q.h, q.now, q.back.state.slot, q.attempt)
	return err
}

// resume goes to the page that was asked for: the attempt's, or this one. An open
// attempt is spent, so that its round counts if the session is not there either.
func (a *Authenticator) resume(q *ask) Decision {
	if q.facts.attempt == attemptOpen && q.facts.visit == visitPage {
		if err := a.spend(q, attemptDone); err != nil {
			return a.refuse(q, err)
		}
	}
	if q.facts.attempt != attemptMissing {
		return a.redirect(q, http.StatusFound, a.base.clean(q.attempt.target))
	}
	return a.redirect(q, http.StatusFound, a.base.clean(q.target))
}

// relocate moves a page load from an alias to BaseURL. The cookie notices a
// proxy that turns BaseURL's own host into the alias: once moved, the request is
// served where it is, instead of being moved for ever.
func (a *Authenticator) relocate(q *ask) Decision {
	c := a.jar.cookie(0, "1", int(attemptTTL.Seconds())) //nolint:gosec // see jar.cookie
	c.Name = a.jar.movedName()
	q.h.Add("Set-Cookie", c.String())
	return a.redirect(q, http.StatusFound, a.base.url(q.here))
}

func (a *Authenticator) redirect(q *ask, status int, address string) Decision {
	q.h["Location"] = []string{address}
	return a.reply(q, denial{status: status})
}

// reply completes an answer that core gives itself.
func (a *Authenticator) reply(q *ask, d denial) Decision {
	d.auth = a
	v := &[3]string{"no-store", "no-referrer", "Cookie"} // one allocation for all
	if d.err != nil && d.err.Kind == ErrMethod {
		v[1] = "same-origin" // or its form's Origin would be "null", which Logout refuses
	}
	q.h["Cache-Control"], q.h["Referrer-Policy"] = v[0:1:1], v[1:2:2]
	q.h["Vary"] = append(q.h["Vary"], v[2])
	return Decision{denial: &d}
}
