package core

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// Observer is told what happens, for metrics and traces. It runs on the
// request's goroutine, or on that of a token renewal, so it must be quick and
// safe for concurrent use.
type Observer func(ctx context.Context, e Event)

// Event is something that happened: one of the types of this package whose
// names say so. No event holds a secret, token, code or state.
type Event interface{ event() }

// LoginStarted says that a visitor was sent to WeCom.
type LoginStarted struct {
	Path  string // of the page that was asked for, still escaped, at most 200 bytes
	Round int    // 1, or 2 after a login that came back without its cookies
	Agent Agent  // the browser, by its User-Agent
}

// LoginSucceeded says that a browser was handed a session. Duplicates of one
// callback, which share a session, are told of one by one.
type LoginSucceeded struct {
	Identity Identity      // of the session, without Details
	Took     time.Duration // of the exchange, OnLogin and the store included
}

// LoginFailed says that a login could not start or finish, or goes another round
// (ErrCodeInvalid).
type LoginFailed struct{ Err *Error }

// Refused says that a request was denied in a way that is no part of a login: no session,
// a rule, another site, a store that failed.
type Refused struct{ Err *Error }

// TokenRefreshed says that the provider asked for an access token.
type TokenRefreshed struct {
	Took time.Duration // its tries and the pauses between them
	Err  error         // nil if it got one that can be used
}

// SessionEnded says that a session was ended by Logout, or found to be idle too
// long. Most stores drop an idle session by themselves, and then nothing is found.
type SessionEnded struct {
	Identity Identity // whose it was
	Idle     bool     // unused for Config.IdleTimeout, rather than ended by Logout
}

// Revoked says that a person's sessions were ended: by Revoke, by a logout
// everywhere, or because WeCom said that they are gone. It comes on the instance
// that ended them. UserID may be an OpenID; it is empty if everybody was revoked.
type Revoked struct {
	CorpID, UserID string // whose
	Err            error  // what WeCom said; nil if it was not asked
}

// Rechecked says that WeCom was asked about a person who is logged in.
type Rechecked struct {
	CorpID, UserID string        // whom it was about
	Took           time.Duration // of the call
	Err            error         // nil if the person may stay
}

func (LoginStarted) event()   {}
func (LoginSucceeded) event() {}
func (LoginFailed) event()    {}
func (Refused) event()        {}
func (TokenRefreshed) event() {}
func (SessionEnded) event()   {}
func (Revoked) event()        {}
func (Rechecked) event()      {}

// calm keeps a panic in the application's Observer from failing a login, or from
// ending the process where an event comes from a goroutine of ours.
func calm(observe Observer, log *slog.Logger) Observer {
	if observe == nil {
		return func(context.Context, Event) {}
	}
	return func(ctx context.Context, e Event) {
		defer func() {
			if p := recover(); p != nil {
				log.Error("wecomauth: Config.Observer panicked", "event", fmt.Sprintf("%T", e), "panic", fmt.Sprintf("%T", p))
			}
		}()
		observe(ctx, e)
	}
}
