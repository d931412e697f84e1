package core

import (
	"context"
	"time"
)

// Identity is an employee whom WeCom has named. The zero value is nobody.
type Identity struct {
	// CorpID is the company that the person belongs to.
	CorpID string
	// UserID is the person's account in that company, spelled as WeCom spells
	// it, 1 to 64 bytes. WeCom holds two UserIDs that differ only in the case
	// of ASCII letters to be the same; fold the case before using it as a key.
	// https://developer.work.weixin.qq.com/document/path/90195
	UserID string
	// Name is the display name, or empty when the app may not read it.
	Name string
	// Departments are the ids of the person's departments that the app may
	// see; nil when they could not be read.
	Departments []int
	// LoginAt is when the person was named by WeCom, to the second.
	LoginAt time.Time
}

// IdentityFrom returns the identity that a Require or Optional middleware put
// into a request's context. ok is false if there is none.
func IdentityFrom(ctx context.Context) (id Identity, ok bool) {
	c, ok := ctx.Value(identityKey{}).(*identityContext)
	if !ok {
		return Identity{}, false
	}
	return c.id, true
}

// WithIdentity returns a context in which [IdentityFrom] finds id. It is for
// tests of handlers: it never satisfies a Require, which looks at the session.
func WithIdentity(ctx context.Context, id Identity) context.Context {
	return &identityContext{Context: ctx, id: id}
}

type identityKey struct{}

// identityContext is a context and its value in one allocation. by is the
// Authenticator that checked the session, nil for WithIdentity.
type identityContext struct {
	context.Context
	id Identity
	by *Authenticator
}

func (c *identityContext) Value(key any) any {
	if _, ok := key.(identityKey); ok {
		return c
	}
	return c.Context.Value(key)
}

// identityBy returns the identity that a itself has put into ctx.
func identityBy(ctx context.Context, a *Authenticator) (Identity, bool) {
	c, ok := ctx.Value(identityKey{}).(*identityContext)
	if !ok || c.by != a {
		return Identity{}, false
	}
	return c.id, true
}
