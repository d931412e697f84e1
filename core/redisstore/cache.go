package redisstore

import (
	"hash/maphash"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	shardCount = 64
	// unknownShare is the part of MaxSessions that answers "not found" may take.
	unknownShare = 4
	// evictLooks is how many entries are looked at to find one to give up.
	evictLooks = 8
)

// cache holds the copies. Every change that Redis reports goes through drop or
// dropAll, and every answer of Redis through a flight that was registered before
// the question was sent. So an answer that was overtaken by a report finds its
// flight gone, and is not kept.
type cache struct {
	seed    maphash.Seed
	start   time.Time // entries expire by the monotonic clock, counted from here
	live    int       // bounds of one shard's maps
	unknown int
	shards  [shardCount]shard
}

type shard struct {
	mu      sync.RWMutex
	live    map[string]*entry // sessions that exist
	unknown map[string]*entry // tokens that Redis does not know
	flights map[string]*flight
	_       [80]byte // keeps one shard's lock off another's cache line
}

// entry is Redis's answer about one token. It does not change.
type entry struct {
	blob    []byte
	found   bool
	expires time.Duration // since cache.start; 0 is never
	used    atomic.Bool   // since the last search for an entry to give up
}

// flight is one question to Redis that is under way. done closes after e and
// err are set.
type flight struct {
	done chan struct{}
	e    *entry
	err  error
}

func newCache(maxSessions int) *cache {
	perShard := func(n int) int { return (n + shardCount - 1) / shardCount }
	c := &cache{
		seed: maphash.MakeSeed(), start: time.Now(),
		live: perShard(maxSessions), unknown: perShard(maxSessions / unknownShare),
	}
	for i := range c.shards {
		c.shards[i].clear()
	}
	return c
}

func (c *cache) shard(token string) *shard {
	return &c.shards[maphash.String(c.seed, token)%shardCount]
}

// get returns the copy of the answer about token, or nil.
func (c *cache) get(token string) *entry {
	s := c.shard(token)
	s.mu.RLock()
	e := s.peek(token)
	s.mu.RUnlock()
	if e == nil || e.expired(c.start) {
		return nil
	}
	if !e.used.Load() { // a store each time would bounce between the cores
		e.used.Store(true)
	}
	return e
}

// join returns the copy about token, or the flight that will bring one. The
// caller who is first must answer it by land.
func (c *cache) join(token string) (e *entry, f *flight, first bool) {
	s := c.shard(token)
	s.mu.Lock()
	defer s.mu.Unlock()
	if e = s.peek(token); e != nil && !e.expired(c.start) {
		return e, nil, false
	}
	if f = s.flights[token]; f == nil {
		f, first = &flight{done: make(chan struct{})}, true
		s.flights[strings.Clone(token)] = f // a token may be a piece of a large header
	}
	return nil, f, first
}

// land answers a flight. Its answer is kept unless a report came meanwhile.
func (c *cache) land(token string, f *flight, e *entry, err error) {
	s := c.shard(token)
	s.mu.Lock()
	if s.flights[token] == f {
		delete(s.flights, token)
		if err == nil && !e.expired(c.start) {
			c.keep(s, strings.Clone(token), e)
		}
	}
	s.mu.Unlock()
	f.e, f.err = e, err
	close(f.done)
}

func (c *cache) keep(s *shard, token string, e *entry) {
	delete(s.live, token) // what has expired may be left
	delete(s.unknown, token)
	m, limit := s.live, c.live
	if !e.found {
		m, limit = s.unknown, c.unknown
	}
	if len(m) >= limit {
		delete(m, c.victim(m))
	}
	m[token] = e
}

// victim picks the entry to give up: one of a few that has expired, or was not
// used since the last look at it. A map is ranged from a random place.
func (c *cache) victim(m map[string]*entry) (token string) {
	looks := 0
	for t, e := range m {
		token = t
		if looks++; looks == evictLooks || !e.used.Swap(false) || e.expired(c.start) {
			break
		}
	}
	return token
}

// drop forgets token: who asks after drop has returned gets a new answer.
func (c *cache) drop(token string) {
	s := c.shard(token)
	s.mu.Lock()
	delete(s.live, token)
	delete(s.unknown, token)
	delete(s.flights, token)
	s.mu.Unlock()
}

// dropAll is drop for every token.
func (c *cache) dropAll() {
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		s.clear()
		s.mu.Unlock()
	}
}

func (s *shard) clear() {
	s.live, s.unknown = make(map[string]*entry), make(map[string]*entry)
	s.flights = make(map[string]*flight)
}

func (s *shard) peek(token string) *entry {
	if e := s.live[token]; e != nil {
		return e
	}
	return s.unknown[token]
}

func (e *entry) expired(start time.Time) bool {
	return e.expires != 0 && time.Since(start) >= e.expires
}
