package wecom

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/wecomauth/wecomauth/core"
)

// TokenSource supplies the app's access token. Implement it to use a central
// token service. It must be safe for concurrent use.
type TokenSource interface {
	// Token returns an access token. rejected is empty, or the token that WeCom
	// has just refused; a source that caches must not return it again. Token
	// obeys ctx. An error should wrap the *core.Kind that fits; one that wraps
	// none counts as core.ErrUnavailable. It must not hold the token.
	Token(ctx context.Context, rejected string) (string, error)
}

// WeCom keeps a token for 7200 seconds, hands out the same one while it is
// valid, may withdraw it early, and blocks those who ask too often.
// https://developer.work.weixin.qq.com/document/path/91039
const (
	maxLife     = 7200 * time.Second
	unknownLife = 60 * time.Second
	earlyBy     = 5 * time.Minute
	forcedEvery = 10 * time.Second // after a refused token, at most one gettoken
)

// tokenSource keeps one app's token. Callers share one call at a time: gettoken,
// or a suite's.
type tokenSource struct {
	api     *api
	name    string // of the call
	id      string // of the app's company, or of the suite
	ask     func(context.Context) (token string, life time.Duration, err error)
	log     *slog.Logger
	observe core.Observer
	flight  singleflight.Group

	mu        sync.Mutex // guards what follows
	token     string     // empty if there is none
	refreshAt time.Time
	expiresAt time.Time
	refused   string    // the token that was dropped because WeCom refused it
	forcedAt  time.Time // when that was
	failure   failure
}

func newTokenSource(corpID string, a *api, env core.Env) *tokenSource {
	s := &tokenSource{api: a, name: apiToken, id: corpID, log: env.Log, observe: env.Observe}
	s.ask = s.getToken
	return s
}

// Format keeps the token and the secret out of prints.
func (s *tokenSource) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "wecom.TokenSource{ID:%q}", s.id)
}

// MarshalText keeps them out of encoders.
func (s *tokenSource) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%v", s), nil }

// Token returns the cached token, and starts renewing it when it is due. Only a
// caller for whom there is no valid token waits, and only as long as its ctx.
func (s *tokenSource) Token(ctx context.Context, rejected string) (string, error) {
	if err := s.drop(rejected); err != nil {
		return "", err
	}
	token, due := s.cached()
	if token != "" && !due {
		return token, nil
	}
	// The flight outlives the caller who happens to start it.
	flightCtx := context.WithoutCancel(ctx)
	done := s.flight.DoChan("token", func() (any, error) { return s.renew(flightCtx) })
	if token != "" {
		return token, nil
	}
	select {
	case <-ctx.Done():
		return "", transportError(s.name, ctx.Err(), nil)
	case r := <-done:
		token, _ = r.Val.(string)
		if r.Err == nil && token == rejected {
			return "", s.errRefused()
		}
		return token, r.Err
	}
}

// drop forgets the token that WeCom has refused, so that gettoken is asked. Where
// it was asked for that reason a moment ago, or cannot be asked now, the caller
// gets an error and the others keep the token: it may be one API that refuses it.
func (s *tokenSource) drop(rejected string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if rejected == "" || rejected != s.token {
		return nil
	}
	now := time.Now()
	if err := s.failure.at(now); err != nil {
		return err
	}
	if now.Before(s.forcedAt.Add(forcedEvery)) {
		return s.errRefused()
	}
	s.refused, s.token, s.forcedAt = s.token, "", now
	return nil
}

// cached returns the token, if it is valid, and whether it is due for renewal.
func (s *tokenSource) cached() (token string, due bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if !s.valid(now) {
		return "", true
	}
	return s.token, !now.Before(s.refreshAt) && s.failure.at(now) == nil
}

func (s *tokenSource) valid(now time.Time) bool { return s.token != "" && now.Before(s.expiresAt) }

// renew is the one flight: it calls WeCom unless the last flight has made
// that needless or forbids it.
func (s *tokenSource) renew(ctx context.Context) (string, error) {
	if token, err := s.settled(); token != "" || err != nil {
		return token, err
	}
	start := time.Now()
	limited, cancel := context.WithTimeout(ctx, 2*s.api.http.Timeout)
	defer cancel()
	token, life, err := s.fetchCalmly(limited)
	if err == nil && s.overtaken(token, start) {
		token, life, err = s.fetchCalmly(limited)
	}
	told := err
	switch same, oldServes := s.remember(token, life, err); {
	case same:
		told = s.errRefused()
	case oldServes:
		s.log.WarnContext(ctx, "wecom: early renewal of the access token failed; the old one serves until it expires", errAttrs(err)...)
	}
	s.tell(ctx, core.TokenRefreshed{Took: time.Since(start), Err: told})
	return token, err
}

// fetchCalmly turns a panic of a transport or a ticket store into an error: on the
// flight's goroutine it would end the process. Its text may hold the secret.
func (s *tokenSource) fetchCalmly(ctx context.Context) (token string, life time.Duration, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &callError{api: s.name, kind: core.ErrInternal, text: fmt.Sprintf("panic of type %T", p)}
		}
	}()
	return s.fetch(ctx)
}

// overtaken reports a token that WeCom has refused since it was asked for one.
func (s *tokenSource) overtaken(token string, asked time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return token == s.refused && asked.Before(s.forcedAt)
}

// tell survives a panic of the observer, which nothing else would catch on the
// flight's goroutine.
func (s *tokenSource) tell(ctx context.Context, e core.Event) {
	defer func() {
		if p := recover(); p != nil {
			s.log.ErrorContext(ctx, "wecom: the Observer panicked", "panic", p)
		}
	}()
	s.observe(ctx, e)
}

// settled returns what is known without a call: "" and nil if nothing is.
func (s *tokenSource) settled() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if s.valid(now) && now.Before(s.refreshAt) {
		return s.token, nil
	}
	return "", s.failure.at(now)
}

// remember keeps the outcome of a call: whether it is the token that WeCom refused,
// and, when it failed, whether an old one is still valid, which only the log tells.
func (s *tokenSource) remember(token string, life time.Duration, err error) (same, oldServes bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	refused := s.refused
	s.refused = ""
	if err != nil {
		s.failure.add(err, now)
		return false, s.valid(now)
	}
	s.failure = failure{}
	s.token = token
	s.expiresAt = now.Add(life)
	s.refreshAt = s.expiresAt.Add(-min(earlyBy, life/2))
	return token == refused, false
}
