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
	forcedAt  time.Time // when gettoken was last called for that reason
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
	token, due := s.cached(rejected)
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

// cached returns the token, if it is valid, and whether it is due for renewal.
func (s *tokenSource) cached(rejected string) (token string, due bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if rejected != "" && rejected == s.token {
		s.refused, s.token = s.token, ""
	}
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
	token, life, err := s.fetch(limited)
	token, err = s.store(ctx, token, life, err)
	s.tell(ctx, core.TokenRefreshed{Took: time.Since(start), Err: err})
	return token, err
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
	if err := s.failure.at(now); err != nil {
		return "", err
	}
	if s.refused == "" {
		return "", nil
	}
	if next := s.forcedAt.Add(forcedEvery); now.Before(next) {
		s.refused = ""
		s.failure.keep(s.errRefused(), next)
		return "", s.errRefused()
	}
	s.forcedAt = now
	return "", nil
}

// store remembers the outcome of a call. An old token that is still valid
// stays when the call failed, which the log then is the only one to tell.
func (s *tokenSource) store(ctx context.Context, token string, life time.Duration, err error) (string, error) {
	token, oldServes, err := s.remember(token, life, err)
	if oldServes {
		s.log.WarnContext(ctx, "wecom: early renewal of the access token failed; the old one serves until it expires", errAttrs(err)...)
	}
	return token, err
}

func (s *tokenSource) remember(token string, life time.Duration, err error) (_ string, oldServes bool, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	refused := s.refused
	s.refused = ""
	if err != nil {
		s.failure.add(err, now)
		return "", s.valid(now), err
	}
	s.failure = failure{}
	if token == refused {
		s.failure.keep(s.errRefused(), now.Add(forcedEvery))
		return "", false, s.errRefused()
	}
	s.token = token
	s.expiresAt = now.Add(life)
	s.refreshAt = s.expiresAt.Add(-min(earlyBy, life/2))
	return token, false, nil
}
