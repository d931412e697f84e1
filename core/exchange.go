package core

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/netip"
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
	codes map[[sha256.Size]byte]bool // of calls
	order []*call                    // oldest first
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
	client  netip.Addr
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

	waiting int                // visitors; guarded by exchanges.mu
	abandon context.CancelFunc // leaves the queue
}

// result is what an exchange came to. ticket is empty if the session is left to
// an outer LoadAndSave.
type result struct {
	id     Identity
	ticket ticket
	took   time.Duration
	err    error
}

var (
	errWaiterGone = fmt.Errorf("%w: the visitor left before WeCom answered", ErrUnavailable)
	errNotAsked   = fmt.Errorf("%w: too many logins at once: WeCom was not asked", ErrUnavailable)
)

func newExchanges(client Client, s *sessions, c Config) *exchanges {
	return &exchanges{
		client: client, sessions: s, onLogin: c.OnLogin, timeout: c.ExchangeTimeout,
		inFlight: semaphore.NewWeighted(maxInFlight), failures: newBudget(), now: time.Now,
		calls: make(map[nonce]*call), codes: make(map[[sha256.Size]byte]bool),
	}
}

// do returns the result of the attempt's one exchange. Each waiter obeys its own
// context; once WeCom is being asked, the exchange goes on without them.
func (e *exchanges) do(ctx context.Context, t trade) result {
	c, err := e.join(ctx, t)
	if err != nil {
		return result{err: err}
	}
	defer e.leave(c)
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
func (e *exchanges) join(ctx context.Context, t trade) (*call, error) {
	code := sha256.Sum256([]byte(t.code))
	e.mu.Lock()
	defer e.mu.Unlock()
	c, ok := e.calls[t.nonce]
	switch {
	case ok && c.code != code:
		return nil, fmt.Errorf("%w: another code was sent for this attempt", ErrCodeInvalid)
	case !ok && e.codes[code]:
		return nil, fmt.Errorf("%w: the code was sent for another attempt", ErrCodeInvalid)
	case !ok:
		e.forget(e.now())
		c = &call{nonce: t.nonce, code: code, began: e.now(), done: make(chan struct{})}
		e.calls[c.nonce], e.codes[code] = c, true
		e.order = append(e.order, c)
		var queue context.Context
		queue, c.abandon = context.WithTimeout(context.WithoutCancel(ctx), queueTimeout)
		go e.run(queue, c, t)
	}
	c.waiting++
	return c, nil
}

// leave takes a call that nobody waits for out of the queue, so that no more
// goroutines wait than visitors do.
func (e *exchanges) leave(c *call) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if c.waiting--; c.waiting == 0 {
		c.abandon()
	}
}

// forget drops calls whose attempts are dead, and the oldest beyond maxCalls.
func (e *exchanges) forget(now time.Time) {
	for len(e.order) > 0 && (len(e.order) >= maxCalls || now.Sub(e.order[0].began) > attemptTTL+clockSkew) {
		e.drop(e.order[0])
		e.order = e.order[1:]
	}
}

func (e *exchanges) drop(c *call) {
	if e.calls[c.nonce] == c {
		delete(e.calls, c.nonce)
		delete(e.codes, c.code)
	}
}

// run does the exchange. A panic in a provider or in OnLogin fails this login
// instead of ending the process, as it would in a goroutine. Its text stays out
// of the log: it may quote an address, and with it the code.
func (e *exchanges) run(queue context.Context, c *call, t trade) {
	defer c.abandon()
	defer close(c.done)
	defer func() {
		if p := recover(); p != nil {
			c.result, c.ended = result{err: fmt.Errorf("%w: panic of type %T during login\n%s", ErrInternal, p, debug.Stack())}, e.now()
		}
	}()
	c.result = e.exchange(queue, t)
	if errors.Is(c.err, errNotAsked) { // the code is unused: another delivery may try
		e.mu.Lock()
		e.drop(c)
		e.mu.Unlock()
	}
	c.ended = e.now()
	c.took = c.ended.Sub(c.began)
}

// exchange waits for its turn, trades the code and makes the session.
func (e *exchanges) exchange(queue context.Context, t trade) result {
	if err := e.inFlight.Acquire(queue, 1); err != nil {
		return result{err: errNotAsked}
	}
	defer e.inFlight.Release(1)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(queue), e.timeout)
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
	if wait, ok := e.failures.take(e.now(), t.client); !ok {
		return Identity{}, RetryAfter(fmt.Errorf("%w: too many failed logins; WeCom bans an address that goes on", ErrUnavailable), max(wait, time.Second))
	}
	id, err := e.client.Exchange(ctx, t.code)
	if err == nil || errors.Is(err, ErrUnavailable) { // only answers that say no count
		e.failures.refund(t.client)
	}
	if err == nil {
		err = checkIdentity(id)
	}
	if err != nil {
		return Identity{}, err
	}
	id.LoginAt = e.now().Truncate(time.Second)
	if e.onLogin != nil {
		if err := e.onLogin(ctx, id); err != nil {
			return Identity{}, refusedBy(err)
		}
	}
	id.Details = nil // for OnLogin's eyes only
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
	case errors.Is(err, ErrCodeInvalid): // is for providers: it would start the login again
		return fmt.Errorf("%w: Config.OnLogin: %v", ErrRefused, err) //nolint:errorlint // hides the kind
	case errors.As(err, &k):
		return err
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled):
		return fmt.Errorf("%w: Config.OnLogin: %w", ErrUnavailable, err)
	default:
		return fmt.Errorf("%w: Config.OnLogin: %w", ErrRefused, err)
	}
}
