package redisstore

import (
	"context"
	"fmt"
	"strings"

	"github.com/redis/rueidis"
)

// scanCount is how many keys one step of All looks at.
const scanCount = 1000

// globs are the characters that SCAN's MATCH gives a meaning.
var globs = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`)

// All is AllCtx without a context.
func (s *Store) All() (map[string][]byte, error) {
	return s.AllCtx(context.Background())
}

// AllCtx returns every session in Redis by its token, and never nil without an
// error. It walks through the whole database in steps that do not block Redis,
// each of which takes Config.Timeout at most; sessions that come or go meanwhile
// may be missed. It neither uses nor changes the copies, and the values are the
// caller's.
func (s *Store) AllCtx(ctx context.Context) (map[string][]byte, error) {
	all := make(map[string][]byte)
	for cursor := uint64(0); ; {
		next, err := s.scan(ctx, cursor, all)
		if err != nil {
			return nil, fmt.Errorf("redisstore: all: %w", err)
		}
		if next == 0 {
			return all, nil
		}
		cursor = next
	}
}

func (s *Store) scan(ctx context.Context, cursor uint64, all map[string][]byte) (next uint64, err error) {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	b := s.client.B()
	step, err := s.client.Do(ctx, b.Scan().Cursor(cursor).Match(globs.Replace(s.prefix)+"*").Count(scanCount).Build()).AsScanEntry()
	if err != nil || len(step.Elements) == 0 {
		return step.Cursor, err
	}
	values, err := s.client.Do(ctx, b.Mget().Key(step.Elements...).Build()).ToArray()
	if err != nil {
		return 0, err
	}
	for i, key := range step.Elements {
		blob, err := values[i].AsBytes()
		switch {
		case rueidis.IsRedisNil(err): // gone since SCAN, or not a string
		case err != nil:
			return 0, err
		default:
			all[strings.TrimPrefix(key, s.prefix)] = blob
		}
	}
	return step.Cursor, nil
}
