package core

import (
	"sync"
	"time"
)

// memoryStore is the default scs store: one process's memory. It is not scs's
// memstore because that one starts a goroutine that never ends (a service has
// nothing to close here, and testing/synctest works) and sweeps all sessions
// under one lock. This one sweeps a few sessions of one shard at each login. Among
// a million sessions a request over memstore takes four times as long; to find a
// session and decode nothing takes 1.4 times as long, and the longest request while
// others log in 15 ms instead of 3 (make bench).
type memoryStore struct {
	key    string // of logins in sessions
	shards [shards]memoryShard
}

type memoryShard struct {
	mu      sync.RWMutex
	entries map[string]memoryEntry
	_       [32]byte // keeps one shard's lock off another's cache line
}

const shards = 64 // a power of two

// sweepPerCommit is how many entries a Commit looks at for expired ones: more
// than the one it adds, so that the store shrinks back.
const sweepPerCommit = 8

func newMemoryStore() *memoryStore {
	m := &memoryStore{}
	for i := range m.shards {
		m.shards[i].entries = make(map[string]memoryEntry)
	}
	return m
}

func (m *memoryStore) shard(token string) *memoryShard {
	if len(token) < 2 {
		return &m.shards[0]
	}
	return &m.shards[(token[0]^token[1]<<3)%shards] // a token is random, and a shard's map does its own hashing
}

// get returns the memoryEntry of a session that has not expired, or "".
func (m *memoryStore) get(token string) memoryEntry {
	s := m.shard(token)
	s.mu.RLock()
	e := s.entries[token]
	s.mu.RUnlock()
	if e == "" || time.Now().UnixNano() >= e.expiry() {
		return ""
	}
	return e
}

// login returns the login of a session, or "".
func (m *memoryStore) login(token string) login {
	if e := m.get(token); e != "" {
		return e.login(len(token), m.key)
	}
	return ""
}

// Find implements scs.Store.
func (m *memoryStore) Find(token string) ([]byte, bool, error) {
	if e := m.get(token); e != "" {
		return e.data(len(token), m.key), true, nil
	}
	return nil, false, nil
}

// Commit implements scs.Store.
func (m *memoryStore) Commit(token string, b []byte, expiry time.Time) error {
	now := time.Now().UnixNano()
	e := newEntry(token, expiry.UnixNano(), b, m.key)
	s := m.shard(token)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.entries[e.token(len(token))] = e
	seen := 0
	for t, e := range s.entries { // a map is ranged from a random place
		if now >= e.expiry() {
			delete(s.entries, t)
		}
		if seen++; seen == sweepPerCommit {
			break
		}
	}
	return nil
}

// Delete implements scs.Store.
func (m *memoryStore) Delete(token string) error {
	s := m.shard(token)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.entries, token)
	return nil
}
