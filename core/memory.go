package core

import (
	"hash/maphash"
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
	seed   maphash.Seed
	shards [64]memoryShard
}

type memoryShard struct {
	mu    sync.RWMutex
	items map[string]*memoryItem
}

// memoryItem is a session, and the login in it ready to be used: it is read with
// every request. It is not changed once it is in the map. The login's texts are
// parts of data, which is a string for that reason.
type memoryItem struct {
	expiry int64 // Unix nanoseconds
	login  record
	isOne  bool // login is set
	data   string
}

// sweepPerCommit is how many entries a Commit looks at for expired ones: more
// than the one it adds, so that the store shrinks back.
const sweepPerCommit = 8

func newMemoryStore() *memoryStore {
	m := &memoryStore{seed: maphash.MakeSeed()}
	for i := range m.shards {
		m.shards[i].items = make(map[string]*memoryItem)
	}
	return m
}

func (m *memoryStore) shard(token string) *memoryShard {
	return &m.shards[maphash.String(m.seed, token)%uint64(len(m.shards))]
}

// get returns a session that has not expired, or nil.
func (m *memoryStore) get(token string, now time.Time) *memoryItem {
	s := m.shard(token)
	s.mu.RLock()
	item := s.items[token]
	s.mu.RUnlock()
	if item == nil || now.UnixNano() >= item.expiry {
		return nil
	}
	return item
}

// login returns the login of a session, or nil.
func (m *memoryStore) login(token string, now time.Time) *record {
	if item := m.get(token, now); item != nil && item.isOne {
		return &item.login
	}
	return nil
}

// Find implements scs.Store.
func (m *memoryStore) Find(token string) ([]byte, bool, error) {
	if item := m.get(token, time.Now()); item != nil {
		return []byte(item.data), true, nil
	}
	return nil, false, nil
}

// Commit implements scs.Store.
func (m *memoryStore) Commit(token string, b []byte, expiry time.Time) error {
	item := &memoryItem{expiry: expiry.UnixNano(), data: string(b)}
	if _, raw, ok := findRecord(item.data, m.key); ok {
		item.login, item.isOne = decodeRecord(raw)
	}
	s := m.shard(token)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.items[strings.Clone(token)] = item // not the whole header that a token may be part of
	now, seen := time.Now().UnixNano(), 0
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
