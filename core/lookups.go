package core

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// lookups keeps what a Directory said about companies, for rules: a request
// waits for WeCom only when nothing is known.
type lookups struct {
	dir Directory
	log *slog.Logger

	mu    sync.Mutex
	trees map[string]*cached[tree]
	tags  map[tagKey]*cached[tag]
}

type tagKey struct {
	corpID string
	id     int
}

const (
	lookupFresh   = 10 * time.Minute // after this it is asked again, while the old answer serves
	lookupStale   = time.Hour        // after this the old answer does not serve any more
	lookupBackoff = time.Minute      // between failed attempts
	lookupTimeout = 5 * time.Second
)

// newLookups returns nil if the client is no Directory.
func newLookups(client Client, log *slog.Logger) *lookups {
	dir, ok := client.(Directory)
	if !ok {
		return nil
	}
	return &lookups{dir: dir, log: log, trees: make(map[string]*cached[tree]), tags: make(map[tagKey]*cached[tag])}
}

func (l *lookups) parents(ctx context.Context, corpID string) (tree, error) {
	return entry(l, l.trees, corpID).get(ctx, func(ctx context.Context) (tree, error) {
		parents, err := l.dir.DepartmentParents(ctx, corpID)
		return tree{parents}, l.noted(err, "departments of "+corpID)
	})
}

func (l *lookups) tag(ctx context.Context, corpID string, id int) (tag, error) {
	return entry(l, l.tags, tagKey{corpID, id}).get(ctx, func(ctx context.Context) (tag, error) {
		members, err := l.dir.TagMembers(ctx, corpID, id)
		return newTag(members), l.noted(err, fmt.Sprintf("tag %d of %s", id, corpID))
	})
}

// noted logs an attempt that failed, whether or not an old answer serves.
func (l *lookups) noted(err error, what string) error {
	if err != nil {
		l.log.Warn("wecomauth: what a rule needs could not be read from WeCom", "what", what, "err", err.Error())
	}
	return err
}

// entry finds or makes a cache entry. There are as many as rules name.
func entry[K comparable, T any](l *lookups, m map[K]*cached[T], key K) *cached[T] {
	l.mu.Lock()
	defer l.mu.Unlock()
	if m[key] == nil {
		m[key] = &cached[T]{}
	}
	return m[key]
}

// tree is the departments of a company.
type tree struct{ above map[int]int }

// sees reports a department in the app's visible range, with all that is below it.
// One that is only named as a parent may have others below that the app cannot see.
func (t tree) sees(id int) bool { _, ok := t.above[id]; return ok }

// reach reports whether id is one of tops or below one.
func (t tree) reach(id int, tops []int) bool {
	for range 100 { // WeCom allows 15 levels; this is against a circle
		for _, top := range tops {
			if id == top {
				return true
			}
		}
		parent, ok := t.above[id]
		if !ok {
			return false
		}
		id = parent
	}
	return false
}

// tag is who carries a tag.
type tag struct {
	users       map[string]bool // folded UserIDs
	departments []int
}

func newTag(m TagMembers) tag {
	t := tag{make(map[string]bool, len(m.UserIDs)), m.Departments}
	for _, id := range m.UserIDs {
		t.users[foldASCII(id)] = true
	}
	return t
}

// cached is one answer of a Directory.
type cached[T any] struct {
	mu      sync.Mutex
	value   T
	readAt  time.Time // of value; zero if there is none
	err     error     // of the last attempt
	retryAt time.Time // not before this
	flight  chan struct{}
}

// get returns the answer: a fresh one at once, a stale one at once while it is
// asked again, and otherwise what comes of asking. It obeys ctx; what it asks
// goes on without.
func (c *cached[T]) get(ctx context.Context, fetch func(context.Context) (T, error)) (T, error) {
	c.mu.Lock()
	now := time.Now()
	age := now.Sub(c.readAt)
	if age >= lookupFresh && c.flight == nil && !now.Before(c.retryAt) {
		c.flight = make(chan struct{})
		go c.fly(context.WithoutCancel(ctx), fetch)
	}
	value, err, flight := c.value, c.err, c.flight
	c.mu.Unlock()
	if age < lookupStale {
		return value, nil
	}
	if flight == nil {
		return value, err
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout+time.Second) // a Directory may obey no context
	defer cancel()
	select {
	case <-flight:
	case <-ctx.Done():
		return value, ctx.Err()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.value, c.err
}

func (c *cached[T]) fly(ctx context.Context, fetch func(context.Context) (T, error)) {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	began := time.Now()
	var value T
	err := fmt.Errorf("%w: the lookup's goroutine ended early", ErrInternal) // by runtime.Goexit
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.err = err; err == nil {
			c.value, c.readAt = value, began
		} else {
			c.retryAt = time.Now().Add(lookupBackoff)
		}
		close(c.flight)
		c.flight = nil
	}()
	value, err = calmly(func() (T, error) { return fetch(ctx) })
}

// calmly turns a panic of a provider into an error: in a goroutine of ours it
// would end the process. The panic's text may quote an address with a token.
func calmly[T any](f func() (T, error)) (value T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: panic of type %T in the provider", ErrInternal, p)
		}
	}()
	return f()
}
