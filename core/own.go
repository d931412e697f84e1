package core

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
)

// loadOwn finds the session of a request in a manager that is ours alone. It
// asks the store once, and reads of what comes back the login and nothing else:
// this is what every authenticated request pays. scs's own data is loaded only
// when a session changes.
func (s *sessions) loadOwn(r *http.Request) (session, error) {
	token := s.token(r)
	if token == "" {
		return session{}, nil
	}
	now := s.now()
	f := session{token: token}
	if s.memory != nil {
		f.rec = s.memory.login(token, now)
	} else {
		blob, err := s.blob(r.Context(), token)
		if err != nil || blob == "" {
			return session{}, err
		}
		f.rec = readLogin(blob, s.key, now)
	}
	if f.loggedIn = f.rec != nil; !f.loggedIn {
		return f, nil
	}
	if err := s.alive(r.Context(), &f, now); err != nil || !f.loggedIn {
		return f, err
	}
	return f, s.touch(r.Context(), &f, now)
}

// readLogin returns the login that a session holds, or nil.
func readLogin(blob, key string, now time.Time) *record {
	deadline, raw, ok := findRecord(blob, key)
	if !ok || now.UnixMicro() >= deadline {
		return nil
	}
	rec := new(record)
	if *rec, ok = decodeRecord(raw); !ok {
		return nil
	}
	return rec
}

// blob returns what the store has under a session's token, or "".
func (s *sessions) blob(ctx context.Context, token string) (string, error) {
	if s.cached != nil {
		if blob, ok := s.cached.Cached(token); ok {
			return blob, nil
		}
	}
	ctx, cancel := s.limit(ctx)
	defer cancel()
	b, found, err := s.find(ctx, token)
	if err != nil {
		return "", fmt.Errorf("%w: load: %w", ErrStore, err)
	}
	if !found {
		return "", nil
	}
	return string(b), nil
}

// cachingStore is a store that keeps sessions in this process's memory and is
// told when they change. Cached returns one that it has, without waiting for
// anything; ok says whether it knows, and blob is "" if there is no such session.
type cachingStore interface {
	Cached(token string) (blob string, ok bool)
}

// abides reports a store whose calls obey a context.
func abides(store scs.Store) bool {
	_, ok := store.(interface {
		FindCtx(context.Context, string) ([]byte, bool, error)
	})
	return ok
}
