package core

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"
)

// Identity is a person whom WeCom has named: an employee of the app's own
// company; or, where the provider lets them in, one of a linked company, whose
// CorpID differs, or somebody who is no employee, who has an OpenID and no
// UserID. The zero value is nobody.
type Identity struct {
	// CorpID is the company that the person belongs to.
	CorpID string
	// UserID is the person's account in that company, spelled as WeCom spells
	// it, 1 to 64 bytes. WeCom holds two UserIDs that differ only in the case
	// of ASCII letters to be the same; fold the case before using it as a key.
	// https://developer.work.weixin.qq.com/document/path/90195
	// It is empty for a person who is no employee.
	UserID string
	// OpenID stands for a person who is no employee, whom a provider names only
	// if it is told to let such people in; empty for employees. Case matters.
	OpenID string
	// Name is the display name, or empty when the app may not read it.
	Name string
	// Departments are the ids of the person's departments that the app may
	// see; nil when they could not be read.
	Departments []int
	// Details is what the person has consented to show; nil unless the provider
	// asks for it. It is given to Config.OnLogin only, and not kept in the
	// session: store there what the application needs.
	Details *Details `json:"-"`
	// LoginAt is when WeCom was asked who the person is, to the millisecond.
	LoginAt time.Time
}

// Details are personal data. Every field may be empty: the administrator decides
// what the app may see, and the person what to show.
// https://developer.work.weixin.qq.com/document/path/95833
type Details struct {
	Gender  int // 0 unknown, 1 male, 2 female
	Mobile  string
	Email   string
	BizMail string // the company's mailbox
	Address string
	Avatar  string // the address of a picture, http or https; at most 1024 bytes, as is QRCode
	QRCode  string // the address of the person's WeCom QR code
}

const withheld = "core.Details(withheld)"

// Format keeps personal data out of logs that print an Identity.
func (Details) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, withheld) }

// LogValue does so for slog.
func (Details) LogValue() slog.Value { return slog.StringValue(withheld) }

// IdentityFrom returns the identity that a Require or Optional middleware put
// into a request's context. ok is false if there is none. The identity is the
// caller's own, to change as it likes.
func IdentityFrom(ctx context.Context) (id Identity, ok bool) {
	c, ok := ctx.Value(identityKey{}).(*identityContext)
	if !ok {
		return Identity{}, false
	}
	if c.given != nil {
		id := *c.given
		id.Departments = slices.Clone(id.Departments)
		return id, true
	}
	return c.login.identity(), true
}

// WithIdentity returns a context in which [IdentityFrom] finds id. It is for
// tests of handlers: it never satisfies a Require, which looks at the session.
func WithIdentity(ctx context.Context, id Identity) context.Context {
	return &identityContext{Context: ctx, given: &id}
}

type identityKey struct{}

// identityContext is a context, its value and two headers in one allocation. by
// is the Authenticator whose Decide let the request through; nil for
// WithIdentity and for Optional, which look at less than Decide does.
type identityContext struct {
	context.Context
	login   login
	given   *Identity // by WithIdentity, instead of a login
	by      *Authenticator
	headers personalHeaders
}

func (c *identityContext) Value(key any) any {
	if _, ok := key.(identityKey); ok {
		return c
	}
	return c.Context.Value(key)
}

// loginBy returns the login of a request that a.Decide has let through, or "".
func loginBy(ctx context.Context, a *Authenticator) login {
	c, ok := ctx.Value(identityKey{}).(*identityContext)
	if !ok || c.by != a {
		return ""
	}
	return c.login
}
