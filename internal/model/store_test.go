package model

import (
	"sync"
	"time"
)

// store is an scs.Store that both instances share. It keeps what has expired, as
// some stores do.
type store struct {
	mu      sync.Mutex
	entries map[string][]byte
}

func (s *store) Find(token string) ([]byte, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.entries[token]
	return e, ok, nil
}

func (s *store) Commit(token string, b []byte, _ time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.entries[token] = b
	return nil
}

func (s *store) Delete(token string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.entries, token)
	return nil
}
