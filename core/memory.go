package core

import (
	"strings"
	"sync"
	"time"
)

// memoryStore is the default scs store: one process's memory. It is not scs's
// memstore because that one starts a goroutine that never ends (a service has
// nothing to close here, and testing/synctest works) and sweeps all sessions
// under one lock. This one sweeps a few entries of one shard at each login.
type memoryStore struct {
	key    string // of logins in sessions
	start  time.Time
	shards [shards]memoryShard
}

type memoryShard struct {
	mu    sync.RWMutex
	items map[string]*memoryItem
	_     [32]byte // keeps one shard's lock off another's cache line
}

// memoryItem is a session, and the login in it ready to be used: it is read with
// every request. It is not changed once it is in the map. The login's texts are
// parts of data, which is a string for that reason.
type memoryItem struct {
	expiry time.Duration // since start; the monotonic clock costs half of what the wall clock does
	isOne  bool          // login is set; beside it, for among a million sessions each piece of memory is a wait
	login  record
	data   string
}

const shards = 64 // a power of two

// sweepPerCommit is how many entries a Commit looks at for expired ones: more
// than the one it adds, so that the store shrinks back.
const sweepPerCommit = 8

func newMemoryStore() *memoryStore {
	m := &memoryStore{start: time.Now()}
	for i := range m.shards {
		m.shards[i].items = make(map[string]*memoryItem)
	}
	return m
}

func (m *memoryStore) shard(token string) *memoryShard {
	if len(token) < 2 {
		return &m.shards[0]
	}
	return &m.shards[(token[0]^token[1]<<3)%shards] // a token is random, and a shard's map does its own hashing
}

// get returns a session that has not expired, or nil.
func (m *memoryStore) get(token string) *memoryItem {
	s := m.shard(token)
	s.mu.RLock()
	item := s.items[token]
	s.mu.RUnlock()
	if item == nil || time.Since(m.start) >= item.expiry {
		return nil
	}
	return item
}

// login returns the login of a session, or nil.
func (m *memoryStore) login(token string) *record {
	if item := m.get(token); item != nil && item.isOne {
		return &item.login
	}
	return nil
}

// Find implements scs.Store.
func (m *memoryStore) Find(token string) ([]byte, bool, error) {
	if item := m.get(token); item != nil {
		return []byte(item.data), true, nil
	}
	return nil, false, nil
}

// Commit implements scs.Store.
func (m *memoryStore) Commit(token string, b []byte, expiry time.Time) error {
	item := &memoryItem{expiry: time.Since(m.start) + time.Until(expiry), data: string(b)}
	if _, raw, ok := findRecord(item.data, m.key); ok {
		item.login, item.isOne = decodeRecord(raw)
	}
	s := m.shard(token)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.items[strings.Clone(token)] = item // not the whole header that a token may be part of
	now, seen := time.Since(m.start), 0
	for t, item := range s.items { // a map is ranged from a random place
		if now >= item.expiry {
			delete(s.items, t)
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
	delete(s.items, token)
	return nil
}
