package redisstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/redis/rueidis"
)

var (
	_ scs.CtxStore         = (*Store)(nil)
	_ scs.IterableStore    = (*Store)(nil)
	_ scs.IterableCtxStore = (*Store)(nil)
)

// Store is an scs store in Redis with copies in memory. It is safe for
// concurrent use.
type Store struct {
	client  rueidis.Client
	prefix  string
	timeout time.Duration
	cache   *cache

	mu       sync.Mutex // of writers of watchers
	watchers atomic.Pointer[[]func(string)]
}

// New connects to Redis and returns a Store. It fails if c has mistakes, which
// it names all at once, and if Redis cannot be reached or used within
// ClientOption.Dialer.Timeout.
func New(c Config) (*Store, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	c = c.withDefaults()
	s := &Store{prefix: c.Prefix, timeout: c.Timeout, cache: newCache(c.MaxSessions)}
	s.watchers.Store(new([]func(string)))
	theirs := c.ClientOption.OnInvalidations
	c.ClientOption.OnInvalidations = func(keys []rueidis.RedisMessage) {
		s.invalidated(keys)
		if theirs != nil {
			theirs(keys)
		}
	}
	client, err := connect(c.ClientOption)
	if err != nil {
		return nil, fmt.Errorf("redisstore: connect: %w", err)
	}
	s.client = client
	return s, nil
}

func connect(o rueidis.ClientOption) (rueidis.Client, error) {
	client, err := rueidis.NewClient(o)
	switch {
	case errors.Is(err, rueidis.ErrNoCache): // its text advises to do without
		err = fmt.Errorf("this server grants no CLIENT TRACKING over RESP3: "+
			"use Redis 6.2 or later, without a proxy, and allow the user +client|tracking: %w", err)
	case err == nil && client.Mode() == rueidis.ClientModeCluster:
		err = errors.New("this server is a Redis Cluster: use a single Redis, or one with Sentinel")
	case err == nil && isReplica(client, o.Dialer.Timeout):
		err = errors.New("this server is a replica, which lags behind one's own writes: use the master's address, or Sentinel")
	}
	if err != nil && client != nil {
		client.Close()
		client = nil
	}
	return client, err
}

// isReplica asks the server what it is. One that does not tell, as it may not tell
// every user, is taken for a master: a replica would refuse the first write.
func isReplica(c rueidis.Client, timeout time.Duration) bool {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	role, err := c.Do(ctx, c.B().Role().Build()).ToArray()
	if err != nil || len(role) == 0 {
		return false
	}
	name, err := role[0].ToString()
	return err == nil && name == "slave"
}

// Close closes the connections and forgets all copies. Every later call fails.
// It waits for commands that are under way, for a second at most.
func (s *Store) Close() {
	s.client.Close()
	s.forgetAll()
}

// OnChange registers changed, which is called with a token when the value of that
// token may have changed, come into being, been deleted or expired, in Redis and
// by anybody, if this Store has ever read it; and with "" when that may be so of
// any token, as when the connection was lost. It may be called without need, and
// for tokens that this Store has written. Copies are dropped before: a Find that
// changed gives rise to sees the new value.
//
// It makes it safe to keep what Find said, "not found" included. A change comes
// with a call of changed that begins after the Find began, yet maybe before it
// returns. So note that you are asking before you call Find, and keep its answer
// only if changed did not name the token meanwhile. Register before that.
//
// The call comes within milliseconds of the change; if the connection is dead it
// comes when that is noticed: see the package's documentation. Of an expiry Redis
// tells when it removes the key, which is mostly within a second, and may be later
// when it holds very many keys that expire.
//
// changed is called from the goroutine that reads the connection, and from Commit
// and Delete before they return. It must be quick and must not call the Store or
// wait for one who does, such as by a lock that is held around Commit.
func (s *Store) OnChange(changed func(token string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := append(slices.Clone(*s.watchers.Load()), changed)
	s.watchers.Store(&all)
}

// invalidated takes Redis's reports, and nil when a connection has ended or
// Redis was flushed. They come in order with the answers on that connection: one
// that concerns an answer comes after it.
func (s *Store) invalidated(keys []rueidis.RedisMessage) {
	if keys == nil {
		s.forgetAll()
		return
	}
	for i := range keys {
		key, err := keys[i].ToString()
		token, ours := strings.CutPrefix(key, s.prefix)
		switch {
		case err != nil:
			s.forgetAll() // unreadable, so it may be anything
		case ours:
			s.forget(token)
		}
	}
}

// forget drops the copy of token, and only then tells who wants to know.
func (s *Store) forget(token string) {
	s.cache.drop(token)
	s.tell(token)
}

func (s *Store) forgetAll() {
	s.cache.dropAll()
	s.tell("")
}

func (s *Store) tell(token string) {
	for _, changed := range *s.watchers.Load() {
		changed(token)
	}
}

// limit bounds one exchange with Redis.
func (s *Store) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, s.timeout)
}
