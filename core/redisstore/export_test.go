package redisstore

// Cached is how many copies there are.
func (s *Store) Cached() (live, unknown int) {
	for i := range s.cache.shards {
		sh := &s.cache.shards[i]
		sh.mu.RLock()
		live += len(sh.live)
		unknown += len(sh.unknown)
		sh.mu.RUnlock()
	}
	return live, unknown
}
