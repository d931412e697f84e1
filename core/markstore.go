package core

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"strings"
	"time"
)

// Besides sessions, a few marks are kept in the store: who has been revoked, who
// has been looked up, which session has just been ended. A mark is one number,
// encoded by the manager's codec, so that an application that iterates over its
// sessions sees one without a login, and no error.
//
// Its token holds a ';', which no cookie's value can, so that no visitor can
// have a mark loaded as a session. It has 36 lower-case characters: some SQL
// stores allow 43 and do not tell case.

// markToken names a mark.
func (s *sessions) markToken(purpose string, parts ...string) string {
	sum := sha256.Sum256([]byte(s.bind + "\x00" + purpose + "\x00" + strings.Join(parts, "\x00")))
	return markPrefix + markEncoding.EncodeToString(sum[:])[:26]
}

const markPrefix = "wecomauth;"

var markEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// putMark writes a mark without reading it first.
func (s *sessions) putMark(ctx context.Context, token string, value int64, expiry time.Time) error {
	number := appendInt64(nil, value)
	b, err := s.sm.Codec.Encode(expiry.UTC(), map[string]any{markKey: base64.RawURLEncoding.EncodeToString(number)})
	if err != nil {
		return fmt.Errorf("%w: mark: %w", ErrInternal, err)
	}
	ctx, cancel := s.limit(ctx)
	defer cancel()
	if err := s.commit(ctx, token, b, expiry); err != nil {
		return fmt.Errorf("%w: mark: %w", ErrStore, err)
	}
	return nil
}

// mark reads a mark; 0 if there is none. One that cannot be read is an error:
// it may say that a session is dead.
func (s *sessions) mark(ctx context.Context, token string) (int64, error) {
	ctx, cancel := s.limit(ctx)
	defer cancel()
	b, found, err := s.find(ctx, token)
	if err != nil {
		return 0, fmt.Errorf("%w: mark: %w", ErrStore, err)
	}
	if !found {
		return 0, nil
	}
	_, values, err := s.sm.Codec.Decode(b)
	text, _ := values[markKey].(string)
	number, bad := base64.RawURLEncoding.DecodeString(text)
	if err != nil || bad != nil || len(number) != 8 {
		return 0, fmt.Errorf("%w: a mark of ours cannot be read", ErrStore)
	}
	return readInt64(string(number)), nil
}

// markKey is not the key of a record, so that a mark is never a login. It is the same
// for all apps: one that buries a session does so for all that share the manager.
const markKey = keyPrefix + "mark"

// find and commit are what scs does with a store, and keeps to itself.

func (s *sessions) find(ctx context.Context, token string) ([]byte, bool, error) {
	if c, ok := s.sm.Store.(ctxFinder); ok {
		return c.FindCtx(ctx, token)
	}
	return s.sm.Store.Find(token)
}

// ctxFinder is a store whose calls obey a context.
type ctxFinder interface {
	FindCtx(ctx context.Context, token string) ([]byte, bool, error)
}

func (s *sessions) commit(ctx context.Context, token string, b []byte, expiry time.Time) error {
	if c, ok := s.sm.Store.(interface {
		CommitCtx(context.Context, string, []byte, time.Time) error
	}); ok {
		return c.CommitCtx(ctx, token, b, expiry)
	}
	return s.sm.Store.Commit(token, b, expiry)
}
