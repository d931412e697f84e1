package core

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// quick returns the login of a request, or "" if there is none or if finding it
// takes more than a look into the default store. This is what nearly every
// request to one instance pays.
func (s *sessions) quick(r *http.Request) login {
	if s.memory == nil || s.recheck != nil || s.sm.IdleTimeout > 0 {
		return ""
	}
	token := s.token(r)
	if token == "" {
		return ""
	}
	l := s.memory.login(token) // that looks at the clock; nothing else but a mark can have ended it
	if l == "" || !s.marks.spares(l.began()) {
		return ""
	}
	return l
}

// loadOwn finds the session of a request in a manager that is ours alone. It
// asks the store once, and reads of what comes back the login and nothing else.
// scs's own data is loaded only when a session changes.
func (s *sessions) loadOwn(r *http.Request) (session, error) {
	f := session{token: s.token(r)}
	if f.token == "" {
		return f, nil
	}
	var now time.Time // when the store has answered
	if s.memory != nil {
		f.login, now = s.memory.login(f.token), s.now()
	} else {
		blob, found, err := s.look(r.Context(), f.token)
		if err != nil {
			return session{}, fmt.Errorf("%w: load: %w", ErrStore, err)
		}
		if now = s.now(); found {
			f.login = loginIn(blob, s.key, now)
		}
	}
	if f.loggedIn = f.rec.decode(string(f.login), false); !f.loggedIn {
		return f, nil
	}
	if err := s.alive(r.Context(), &f, now); err != nil || !f.loggedIn {
		return f, err
	}
	return f, s.touch(r.Context(), &f, now)
}

// loginIn returns what may be the login that a session holds, or "".
func loginIn(blob []byte, key string, now time.Time) login {
	deadline, raw, ok := findRecord(blob, key)
	if !ok || now.UnixMicro() >= deadline {
		return ""
	}
	return login(raw)
}

// look asks the store for a session. A store that tells of changes answers from
// memory nearly always, and bounds its own waiting: a timer for each request
// would cost more than the answer.
func (s *sessions) look(ctx context.Context, token string) ([]byte, bool, error) {
	if s.marks.told {
		return s.find(ctx, token)
	}
	ctx, cancel := s.limit(ctx)
	defer cancel()
	return s.find(ctx, token)
}
