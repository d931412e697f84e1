package core

import (
	"context"

	"github.com/alexedwards/scs/v2"
)

// scs keeps the data of a session in a context. This file is which context that is.

// into returns ctx with the session's data in it. The values of f.ctx are used,
// the cancellation of ctx.
func (s *sessions) into(ctx context.Context, f session) (context.Context, error) {
	if f.ctx == nil {
		return s.open(ctx, f.token)
	}
	return valuesOf{ctx, f.ctx}, nil
}

// open loads a session of a manager of our own into a context that holds none.
// Managers that were not made by scs.New, as ours was not, share one key in the
// context: one of the application's would be taken for ours.
func (s *sessions) open(ctx context.Context, token string) (context.Context, error) {
	return s.sm.Load(without{ctx, s.ctxKey}, token)
}

// without is a context that lacks one value.
type without struct {
	context.Context
	key any
}

func (w without) Value(key any) any {
	if key == w.key {
		return nil
	}
	return w.Context.Value(key)
}

// contextKeyOf returns the key under which a manager keeps sessions in contexts.
func contextKeyOf(sm *scs.SessionManager) any {
	p := &keyProbe{Context: context.Background()}
	_, _ = sm.Load(p, "") // asks no store
	return p.key
}

type keyProbe struct {
	context.Context
	key any
}

func (p *keyProbe) Value(key any) any { p.key = key; return nil }

// valuesOf is one context's deadline with another's values.
type valuesOf struct {
	context.Context
	values context.Context
}

func (v valuesOf) Value(key any) any { return v.values.Value(key) }
