package redisstore

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/rueidis"
)

// maxToken is the longest token, in bytes, that is remembered. scs's have 43; a
// visitor's cookie may have thousands, which Redis would have to remember too.
const maxToken = 256

// longest is the longest time that a copy lives; longer ones would overflow.
const longest = 100 * 365 * 24 * time.Hour

// Find is FindCtx without a context: it takes Config.Timeout at most.
func (s *Store) Find(token string) (b []byte, found bool, err error) {
	return s.FindCtx(context.Background(), token)
}

// FindCtx returns the session of token. The first time it asks Redis; until the
// session changes or expires it answers from memory, without a look at ctx. Calls
// that ask for one token at a time share one question, and each waits until its
// own ctx ends, and Config.Timeout at most.
//
// b is shared by all callers and must not be modified; scs's codecs do not. The
// error is Redis's or ctx's: an unknown token is none. Tokens of more than 256
// bytes are neither kept in memory nor reported to OnChange.
func (s *Store) FindCtx(ctx context.Context, token string) (b []byte, found bool, err error) {
	if e := s.cache.get(token); e != nil {
		return e.blob, e.found, nil
	}
	e, err := s.miss(ctx, token)
	if err != nil {
		return nil, false, fmt.Errorf("redisstore: find: %w", err)
	}
	return e.blob, e.found, nil
}

func (s *Store) miss(ctx context.Context, token string) (*entry, error) {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	if len(token) > maxToken {
		get := s.client.B().Get().Key(s.prefix + token).Build()
		return answer(s.client.Do(ctx, get))
	}
	e, f, first := s.cache.join(token)
	if e != nil {
		return e, nil
	}
	if first {
		// The flight outlives the caller who happens to start it.
		go s.fly(context.WithoutCancel(ctx), token, f)
	}
	select {
	case <-f.done:
		return f.e, f.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *Store) fly(ctx context.Context, token string, f *flight) {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	e, err := s.fetch(ctx, s.prefix+token)
	s.cache.land(token, f, e, err)
}

// fetch asks Redis for a key and to report its next change. The three commands
// go over one connection, in order and with nothing in between. CACHING YES
// applies to the one command after it, GET. If the key changes between GET and
// PTTL, so that they do not belong together, the report of it comes before
// PTTL's answer and ends the flight.
func (s *Store) fetch(ctx context.Context, key string) (*entry, error) {
	asked := time.Since(s.cache.start)
	b := s.client.B()
	replies := s.client.DoMulti(ctx, b.ClientCaching().Yes().Build(), b.Get().Key(key).Build(), b.Pttl().Key(key).Build())
	if err := replies[0].Error(); err != nil {
		return nil, err
	}
	e, err := answer(replies[1])
	if err != nil || !e.found {
		return e, err
	}
	left, err := replies[2].AsInt64() // milliseconds; -1 is for ever, -2 is gone
	if err != nil {
		return nil, err
	}
	if left != -1 {
		left = min(max(left, 0), longest.Milliseconds())
		// Counted from before the question, so the copy goes before the key.
		e.expires = max(1, asked+time.Duration(left)*time.Millisecond)
	}
	return e, nil
}

// answer reads GET's reply.
func answer(r rueidis.RedisResult) (*entry, error) {
	blob, err := r.AsBytes()
	switch {
	case rueidis.IsRedisNil(err):
		return &entry{}, nil
	case err != nil:
		return nil, err
	}
	return &entry{blob: blob, found: true}, nil
}
