package core

import (
	"hash/maphash"
	"sync"
	"time"
)

// memoryStore is the default scs store: one process's memory. It is not scs's
// memstore because that one starts a goroutine that never ends (a service has
// nothing to close here, and testing/synctest works) and sweeps all sessions
// under one lock. This one sweeps a few entries of one shard at each login.
type memoryStore struct {
	seed   maphash.Seed
	shards [64]memoryShard
}

type memoryShard struct {
	mu    sync.RWMutex
	items map[string]memoryItem
}

type memoryItem struct {
	data   []byte
	expiry time.Time
}

// sweepPerCommit is how many entries a Commit looks at for expired ones: more
// than the one it adds, so that the store shrinks back.
const sweepPerCommit = 8

func newMemoryStore() *memoryStore {
	m := &memoryStore{seed: maphash.MakeSeed()}
	for i := range m.shards {
		m.shards[i].items = make(map[string]memoryItem)
	}
	return m
}

func (m *memoryStore) shard(token string) *memoryShard {
	return &m.shards[maphash.String(m.seed, token)%uint64(len(m.shards))]
}

// Find implements scs.Store.
func (m *memoryStore) Find(token string) ([]byte, bool, error) {
	s := m.shard(token)
	s.mu.RLock()
	item, ok := s.items[token]
	s.mu.RUnlock()
	if !ok || !time.Now().Before(item.expiry) {
		return nil, false, nil
	}
	return item.data, true, nil
}

// Commit implements scs.Store.
func (m *memoryStore) Commit(token string, b []byte, expiry time.Time) error {
	s := m.shard(token)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.items[token] = memoryItem{b, expiry}
	now, seen := time.Now(), 0
	for t, item := range s.items { // a map is ranged from a random place
		if !now.Before(item.expiry) {
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
