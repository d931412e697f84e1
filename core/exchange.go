package core

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// WeCom accepts a code once, and its clients deliver a callback twice now and
// then. exchanges makes each attempt's exchange happen once per instance:
// simultaneous duplicates share it and the session that comes of it.
type exchanges struct {
	client   Client
	sessions *sessions
	onLogin  func(context.Context, Identity) error
	timeout  time.Duration
	inFlight *semaphore.Weighted
	failures *budget
	now      func() time.Time

	mu    sync.Mutex
	calls map[nonce]*call
	order []*call // oldest first
}

const (
	shareFor = time.Minute // how long a result answers duplicates
	maxCalls = 1 << 16     // remembered attempts; the oldest are forgotten beyond
)

// trade is one callback that wants its code exchanged. Its attempt cookie has
// been opened and names the same nonce as its state.
type trade struct {
	nonce   nonce
	code    string
	remote  string
	session session
}

// call is an exchange under way or done.
type call struct {
	nonce nonce
	code  [sha256.Size]byte
	began time.Time
	ended time.Time
	done  chan struct{} // closed when result is set
	result
}

// result is what an exchange came to. ticket is empty if the session is left to
// an outer LoadAndSave.
type result struct {
	id     Identity
	ticket ticket
	err    error
}

var errWaiterGone = fmt.Errorf("%w: the visitor left before WeCom answered", ErrUnavailable)

func newExchanges(client Client, s *sessions, c Config) *exchanges {
	return &exchanges{
		client: client, sessions: s, onLogin: c.OnLogin, timeout: c.ExchangeTimeout,
		inFlight: semaphore.NewWeighted(maxInFlight), failures: newBudget(), now: time.Now,
		calls: make(map[nonce]*call),
	}
}

// do returns the result of the attempt's one exchange. Each waiter obeys its own
// context; the exchange goes on without them.
func (e *exchanges) do(ctx context.Context, t trade) result {
	c, first := e.join(t)
	if first {
		go e.run(context.WithoutCancel(ctx), c, t)
	}
	if c.code != sha256.Sum256([]byte(t.code)) {
		return result{err: fmt.Errorf("%w: another code was sent for this attempt", ErrCodeInvalid)}
	}
	select {
	case <-c.done:
	case <-ctx.Done():
		return result{err: errWaiterGone}
	}
	if e.now().Sub(c.ended) > shareFor {
		return result{err: fmt.Errorf("%w: the attempt was used before", ErrCodeInvalid)}
	}
	return c.result
}

// join finds the attempt's call, or begins it.
func (e *exchanges) join(t trade) (c *call, first bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if c, ok := e.calls[t.nonce]; ok {
		return c, false
	}
	now := e.now()
	for len(e.order) > 0 && (len(e.order) >= maxCalls || now.Sub(e.order[0].began) > attemptTTL+clockSkew) {
		delete(e.calls, e.order[0].nonce)
		e.order = e.order[1:]
	}
	c = &call{nonce: t.nonce, code: sha256.Sum256([]byte(t.code)), began: now, done: make(chan struct{})}
	e.calls[t.nonce] = c
	e.order = append(e.order, c)
	return c, true
}

// run does the exchange. A panic in a provider or in OnLogin fails this login
// instead of ending the process, as it would in a goroutine.
func (e *exchanges) run(ctx context.Context, c *call, t trade) {
	defer close(c.done)
	defer func() {
		if p := recover(); p != nil {
			c.result, c.ended = result{err: fmt.Errorf("%w: panic during login: %v\n%s", ErrInternal, p, debug.Stack())}, e.now()
		}
	}()
	c.result = e.exchange(ctx, t)
	c.ended = e.now()
}

// exchange waits for its turn, trades the code and makes the session.
func (e *exchanges) exchange(ctx context.Context, t trade) result {
	queue, cancel := context.WithTimeout(ctx, queueTimeout)
	defer cancel()
	if err := e.inFlight.Acquire(queue, 1); err != nil {
		return result{err: fmt.Errorf("%w: too many logins at once", ErrUnavailable)}
	}
	defer e.inFlight.Release(1)
	ctx, cancel = context.WithTimeout(ctx, e.timeout)
	defer cancel()
	id, err := e.trade(ctx, t)
	if err != nil {
		return result{err: err}
	}
	if t.session.outer { // each duplicate commits its own, through its LoadAndSave
		return result{id: id}
	}
	k, err := e.sessions.login(ctx, t.session, id)
	return result{id: id, ticket: k, err: err}
}

// trade asks WeCom, within the ration of failures, and then the application.
func (e *exchanges) trade(ctx context.Context, t trade) (Identity, error) {
	if wait, ok := e.failures.take(e.now(), t.remote); !ok {
		return Identity{}, RetryAfter(fmt.Errorf("%w: too many failed logins; WeCom bans an address that goes on", ErrUnavailable), max(wait, time.Second))
	}
	id, err := e.client.Exchange(ctx, t.code)
	if err == nil || errors.Is(err, ErrUnavailable) { // only answers that say no count
		e.failures.refund(t.remote)
	}
	if err == nil {
		err = checkIdentity(id)
	}
	if err != nil {
		return Identity{}, err
	}
	id.LoginAt = e.now().Truncate(time.Second)
	if e.onLogin == nil {
		return id, nil
	}
	if err := e.onLogin(ctx, id); err != nil {
		return Identity{}, refusedBy(err)
	}
	return id, nil
}

// checkIdentity holds a provider to its promise before a session is made of it.
func checkIdentity(id Identity) error {
	ok := id.CorpID != "" && id.UserID != "" && len(id.Departments) <= maxDepartments
	for _, s := range []string{id.CorpID, id.UserID, id.Name} {
		ok = ok && len(s) <= maxText
	}
	for _, d := range id.Departments {
		ok = ok && d >= 0 && d < 1<<40
	}
	if !ok {
		return fmt.Errorf("%w: the provider named nobody, or with values out of range", ErrBadAnswer)
	}
	return nil
}

// refusedBy gives OnLogin's error a kind: its own, or a refusal.
func refusedBy(err error) error {
	var k *Kind
	switch {
	case errors.As(err, &k):
		return err
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled):
		return fmt.Errorf("%w: Config.OnLogin: %w", ErrUnavailable, err)
	default:
		return fmt.Errorf("%w: Config.OnLogin: %w", ErrRefused, err)
	}
}
