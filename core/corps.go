package core

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
)

// A Gate stands in front of routes: an [Authenticator], or [Corps]. It is what
// adapters take; the methods are described there.
type Gate interface {
	Guard(rules ...Rule) func(http.Header, *http.Request) Decision
	Optional(http.Header, *http.Request) Decision
	Login(http.Header, *http.Request) Decision
	Logout(http.Header, *http.Request) Decision
}

var (
	_ Gate = (*Authenticator)(nil)
	_ Gate = (*Corps)(nil)
)

// Corps puts the apps of several companies in front of the same routes. A request
// belongs to one of them, which alone decides about it: a session of one company
// is none in another. Make it with [NewCorps]; it is safe for concurrent use.
//
// Where each company has paths of its own, there is nothing to choose: protect
// each group of routes with its own Authenticator.
type Corps struct {
	members []*Authenticator
	choose  func(*http.Request) *Authenticator
	company company // of all
}

// NewCorps joins Authenticators, each with a BaseURL, a provider and a store of its
// own; they may share a store. choose says to which of them a request belongs, and
// returns nil if to none: it is refused then, with [ErrNoCorp]. It runs on every
// request of a protected route, perhaps on several goroutines at once, and may go by
// anything in the request: whatever a visitor makes it choose, they have to log in
// there. Nil goes by the Host header, which must be that of a BaseURL or one of the
// Aliases; a proxy has to hand it on.
//
// choose is not asked who finishes a login: a callback belongs to the Authenticator
// that made its state.
func NewCorps(choose func(*http.Request) *Authenticator, members ...*Authenticator) (*Corps, error) {
	if len(members) == 0 || slices.Contains(members, nil) {
		return nil, errors.New("wecomauth: NewCorps: name the Authenticators, none of them nil")
	}
	c := &Corps{members: slices.Clone(members), choose: choose, company: companyOf(members)}
	binds := make(map[string]bool)
	for _, a := range members {
		if binds[a.keys.bind] {
			return nil, fmt.Errorf("wecomauth: NewCorps: two of the Authenticators are for app %q of %q at %s: make one of it",
				a.app.AgentID, a.app.CorpID, a.base.url(""))
		}
		binds[a.keys.bind] = true
	}
	if choose == nil {
		c.choose = c.byHost
		return c, c.checkHosts()
	}
	return c, nil
}

// checkHosts reports a host that would name two members.
func (c *Corps) checkHosts() error {
	for i, a := range c.members {
		for _, b := range c.members[i+1:] {
			for _, host := range append([]string{b.base.host}, b.base.aliases...) {
				if a.base.named(host) {
					return fmt.Errorf("wecomauth: NewCorps: %q is the host of two Authenticators: say by a function which one a request belongs to", host)
				}
			}
		}
	}
	return nil
}

func (c *Corps) byHost(r *http.Request) *Authenticator {
	for _, a := range c.members {
		if a.base.named(r.Host) {
			return a
		}
	}
	return nil
}

// Guard is [Authenticator.Guard] of the request's company. Where people of several
// companies may log in, a rule has to say which one its ids belong to, by [Corp].
func (c *Corps) Guard(rules ...Rule) func(http.Header, *http.Request) Decision {
	if err := checkRules(c.company, rules); err != nil {
		panic("wecomauth: " + err.Error())
	}
	rules = slices.Clone(rules)
	return c.decide(func(a *Authenticator, h http.Header, r *http.Request) Decision { return a.Decide(h, r, rules...) })
}

// Optional is [Authenticator.Optional] of the request's company. A request that
// belongs to none passes without an identity.
func (c *Corps) Optional(h http.Header, r *http.Request) Decision {
	if a := c.chosen(r); a != nil {
		return a.Optional(h, r)
	}
	return Decision{Action: Pass, ctx: r.Context()}
}

// Login is [Authenticator.Login] of the request's company.
func (c *Corps) Login(h http.Header, r *http.Request) Decision {
	return c.decide((*Authenticator).Login)(h, r)
}

// Logout is [Authenticator.Logout] of the request's company. Sessions in others
// stay, unless they are kept in one session of the application's own manager, which
// is one person's anyway; with everywhere=1 it ends the person's in every app of
// theirs, as [Corps.Revoke] does.
func (c *Corps) Logout(h http.Header, r *http.Request) Decision {
	if a := c.chosen(r); a != nil {
		return a.logout(h, r, func(ctx context.Context, id Identity) error { return c.Revoke(ctx, id.CorpID, id.key()) })
	}
	return c.refuse(h, r)
}

// Revoke is [Authenticator.Revoke] in every app whose people are those of the
// company, which must be named if there are several. It tries them all; the error
// joins what failed.
func (c *Corps) Revoke(ctx context.Context, corpID, userID string) error {
	if corpID == "" {
		corpID = c.company.corpID
	}
	known, failed := false, []error(nil)
	for _, a := range c.members {
		if a.company.corps.has(corpID) {
			known = true
			failed = append(failed, a.Revoke(ctx, corpID, userID))
		}
	}
	if !known {
		return fmt.Errorf("wecomauth: Revoke: name the company: people of %s may log in, none of %.128q", c.company.corps, corpID)
	}
	return errors.Join(failed...)
}

// decide hands a request to its company. One that brings back a state belongs to
// the company that made it, and to no other, until that login is over; but a
// company that was not chosen for the request never lets it in.
func (c *Corps) decide(by func(*Authenticator, http.Header, *http.Request) Decision) func(http.Header, *http.Request) Decision {
	return func(h http.Header, r *http.Request) Decision {
		a := c.chosen(r)
		if maker := c.maker(r); maker != nil && maker != a {
			if d := by(maker, h, r); d.Action != Pass {
				return d
			}
		}
		if a == nil {
			return c.refuse(h, r)
		}
		return by(a, h, r)
	}
}

// chosen returns whom the request belongs to, or nil. An Authenticator that is not
// one of the members has not had its rules checked.
func (c *Corps) chosen(r *http.Request) *Authenticator {
	if a := c.choose(r); slices.Contains(c.members, a) {
		return a
	}
	return nil
}

// maker returns whose state a page load brings back, or nil.
func (c *Corps) maker(r *http.Request) *Authenticator {
	if visit, _ := classify(r); visit != visitPage {
		return nil
	}
	_, query := splitTarget(r)
	for _, a := range c.members {
		if readCallback(query, a.keys).answer != answerNone {
			return a
		}
	}
	return nil
}

func (c *Corps) refuse(h http.Header, r *http.Request) Decision {
	a := c.members[0]
	err := fmt.Errorf("no company was chosen for the request; its Host is %.128q", r.Host)
	return a.refuse(a.read(h, r, route{}), &Error{Kind: ErrNoCorp, Err: err})
}
