package redisstore

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/rueidis"
)

// Commit is CommitCtx without a context: it takes Config.Timeout at most.
func (s *Store) Commit(token string, b []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, b, expiry)
}

// CommitCtx sets the session of token until expiry, to the millisecond, by
// Redis's clock; one in the past deletes it. b may be reused afterwards. After an
// error it is unknown whether Redis has the new session, the old one or none,
// and the next Find asks it.
func (s *Store) CommitCtx(ctx context.Context, token string, b []byte, expiry time.Time) error {
	set := s.client.B().Set().Key(s.prefix + token).Value(string(b)).PxatMillisecondsTimestamp(expiry.UnixMilli()).Build()
	return s.write(ctx, "commit", token, set)
}

// Delete is DeleteCtx without a context: it takes Config.Timeout at most.
func (s *Store) Delete(token string) error {
	return s.DeleteCtx(context.Background(), token)
}

// DeleteCtx deletes the session of token. That there is none is no error.
func (s *Store) DeleteCtx(ctx context.Context, token string) error {
	return s.write(ctx, "delete", token, s.client.B().Del().Key(s.prefix+token).Build())
}

// write sends cmd and then drops the copy, since Redis's own report of our write
// may come after its reply. The new value is not put in its place: between the
// reply and now another client may have changed it. An error may hide a write
// that happened, so the copy goes then too; one that happens later is reported.
func (s *Store) write(ctx context.Context, what, token string, cmd rueidis.Completed) error {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	err := s.client.Do(ctx, cmd).Error()
	s.forget(token)
	if err != nil {
		return fmt.Errorf("redisstore: %s: %w", what, err)
	}
	return nil
}
