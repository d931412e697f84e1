package adaptertest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/wecomauth/wecomauth/core"
)

// faultyStore is an scs store that does one thing wrong when it is told to.
type faultyStore struct {
	inner store

	mu    sync.Mutex
	fault storeFault // the zero value: none
	marks bool       // only in calls about marks
	after int        // so many calls go well before
}

// contextStore is a faultyStore whose calls obey a context.
type contextStore struct{ *faultyStore }

func newFaultyStore() *faultyStore { return &faultyStore{inner: store{items: map[string][]byte{}}} }

const (
	plainForm   = "a store without contexts"
	contextForm = "a store that obeys a context"
	managerForm = "an application's manager"
)

// handOver puts the store into a Config, in one of its forms. sm was made
// outside the bubble, where scs's goroutine lives.
func (s *faultyStore) handOver(c *core.Config, form string, sm *scs.SessionManager) {
	switch form {
	case plainForm:
		c.Store = s
	case contextForm:
		c.Store = contextStore{s}
	case managerForm:
		own := *sm
		own.Store, own.IdleTimeout, c.IdleTimeout = contextStore{s}, c.IdleTimeout, 0
		c.Sessions = &own
	}
}

// fail makes a fault begin.
func (s *faultyStore) fail(f storeFault, marks bool, after int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault, s.marks, s.after = f, marks, after
}

func (s *faultyStore) heal() { s.fail(storeFault{}, false, 0) }

// meets returns how a call goes wrong, or "".
func (s *faultyStore) meets(op, token string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault.op != op || s.marks && len(token) == 43 {
		return ""
	}
	if s.after--; s.after >= 0 {
		return ""
	}
	return s.fault.how
}

// suffer is what comes of a call that is refused or hangs.
func suffer(ctx context.Context, how string) error {
	switch how {
	case "error":
		return errStore
	case "silence":
		if ctx.Done() == nil {
			return errors.New("a call that could hang for ever")
		}
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}

func (s *faultyStore) Find(token string) ([]byte, bool, error) {
	return contextStore{s}.FindCtx(context.Background(), token)
}

func (s *faultyStore) Commit(token string, b []byte, expiry time.Time) error {
	return contextStore{s}.CommitCtx(context.Background(), token, b, expiry)
}

func (s *faultyStore) Delete(token string) error {
	return contextStore{s}.DeleteCtx(context.Background(), token)
}

func (s contextStore) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	how := s.meets("find", token)
	switch how {
	case "garbage":
		return []byte("\x00\x01 neither a session nor a mark \xff"), true, nil
	case "missing":
		return nil, false, nil
	}
	if err := suffer(ctx, how); err != nil {
		return nil, false, err
	}
	return s.inner.Find(token)
}

func (s contextStore) CommitCtx(ctx context.Context, token string, b []byte, expiry time.Time) error {
	if err := suffer(ctx, s.meets("commit", token)); err != nil {
		return err
	}
	return s.inner.Commit(token, b, expiry)
}

func (s contextStore) DeleteCtx(ctx context.Context, token string) error {
	if err := suffer(ctx, s.meets("delete", token)); err != nil {
		return err
	}
	return s.inner.Delete(token)
}

// sessions returns how many sessions the store holds.
func (s *faultyStore) sessions() (n int) {
	s.inner.mu.Lock()
	defer s.inner.mu.Unlock()
	for token := range s.inner.items {
		if len(token) == 43 {
			n++
		}
	}
	return n
}
