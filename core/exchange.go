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
	corps    corps // whose people may log in
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
	errNotAsked   = fmt.Errorf("%w: too many logins: WeCom was not asked", ErrUnavailable)
)

func newExchanges(client Client, s *sessions, c Config) *exchanges {
	return &exchanges{
		client: client, corps: corpsOf(client.App()), sessions: s, onLogin: c.OnLogin, timeout: c.ExchangeTimeout,
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

// run does the exchange. A panic in a provider or in OnLogin fails this login
// instead of ending the process, as it would in a goroutine. Its text stays out
// of the log: it may quote an address, and with it the code.
func (e *exchanges) run(queue context.Context, c *call, t trade) {
	res := result{err: fmt.Errorf("%w: the login's goroutine ended early", ErrInternal)} // by runtime.Goexit
	defer func() {
		if p := recover(); p != nil {
			res = result{err: fmt.Errorf("%w: panic of type %T during login\n%s", ErrInternal, p, debug.Stack())}
		}
		e.finish(c, res)
	}()
	res = e.exchange(queue, c, t)
}

// exchange waits for its turn, trades the code and makes the session.
func (e *exchanges) exchange(queue context.Context, c *call, t trade) result {
	if err := e.inFlight.Acquire(queue, 1); err != nil {
		return result{err: errNotAsked}
	}
	defer e.inFlight.Release(1)
	if !e.ask(c) {
		return result{err: errNotAsked}
	}
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
		return Identity{}, RetryAfter(fmt.Errorf("%w: too many failed logins; WeCom bans an address that goes on", errNotAsked), wait)
	}
	began := e.now()
	id, err := e.client.Exchange(ctx, t.code)
	e.failures.settle(t.client, countsAsFailure(err))
	if err == nil {
		err = e.checkIdentity(id)
	}
	if err != nil {
		return Identity{}, err
	}
	id.LoginAt = time.UnixMilli(began.UnixMilli()) // a mark made while WeCom is asked counts
	if e.onLogin != nil {
		if err := e.onLogin(ctx, id); err != nil {
			return Identity{}, refusedBy(err)
		}
	}
	id.Details = nil // for OnLogin's eyes only
	return id, nil
}

// countsAsFailure reports an exchange that WeCom counts as a failing call: not a
// network that is down, nor an answer that names a stranger.
func countsAsFailure(err error) bool {
	for _, k := range []*Kind{ErrUnavailable, ErrNotMember, ErrOtherCorp, ErrNotVisible} {
		if errors.Is(err, k) {
			return false
		}
	}
	return err != nil
}

// checkIdentity holds a provider to its promise before a session is made of it.
func (e *exchanges) checkIdentity(id Identity) error {
	ok := id.somebody() && e.corps.admits(&id) && len(id.Departments) <= maxDepartments
	for _, s := range []string{id.CorpID, id.UserID, id.OpenID, id.Name} {
		ok = ok && len(s) <= maxText
	}
	for _, d := range id.Departments {
		ok = ok && d >= 0 && int64(d) < 1<<40
	}
	if !ok || len((record{id: id}).encode()) > maxRecord {
		return fmt.Errorf("%w: the provider named nobody, or somebody whom it is not set up to let in, or with values out of range", ErrBadAnswer)
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
