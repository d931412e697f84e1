package core

import (
	"context"
	"fmt"
	"time"
)

// touch ends an idle session, and keeps a busy one by a write whenever a tenth
// of the idle timeout has passed. It happens before the handler runs, so a slow
// handler cannot bring back a session that was ended meanwhile, as it can under
// LoadAndSave. A logout between our read and this write would still be undone:
// scs's stores have no "write if it is there". So a logout buries the session
// first, and a touch looks for the grave last: whichever of the two comes second
// finds the other and deletes. What is left: this process dies, or the store
// fails, between write and look, which brings the session back for a tenth of the
// timeout, until the next touch; and a store that does not show one instance what
// another has written.
func (s *sessions) touch(ctx context.Context, f *session, now time.Time) error {
	idle := s.sm.IdleTimeout
	if idle <= 0 {
		return nil
	}
	since := now.Sub(time.Unix(f.rec.seen, 0))
	switch {
	case since < idle/10:
		return nil
	case since >= idle:
		f.loggedIn, f.idle = false, true
		return nil
	}
	ctx, cancel := s.limit(context.WithoutCancel(ctx)) // a visitor who leaves must not come between write and look
	defer cancel()
	ctx, err := s.into(ctx, *f)
	if err != nil {
		return fmt.Errorf("%w: touch: %w", ErrStore, err)
	}
	// Ended since, or unreadable but for the login? Some stores keep for ever what is committed past its deadline.
	if f.token != "" && s.sm.Token(ctx) != f.token || !s.now().Before(s.sm.Deadline(ctx)) || s.sm.GetString(ctx, s.key) == "" {
		f.loggedIn = false
		return nil
	}
	s.sm.Put(ctx, s.key, record{id: f.login.identity(), seen: now.Unix()}.text())
	if _, _, err := s.sm.Commit(ctx); err != nil {
		return fmt.Errorf("%w: touch: %w", ErrStore, err)
	}
	buried, err := s.mark(ctx, s.grave(s.sm.Token(ctx)))
	if err == nil && buried != 0 {
		f.loggedIn = false
		err = s.sm.Destroy(ctx)
	}
	if err != nil {
		return fmt.Errorf("%w: touch: %w", ErrStore, err)
	}
	return nil
}

// bury leaves word for a touch under way that a session has been ended.
func (s *sessions) bury(ctx context.Context, token string) error {
	if s.sm.IdleTimeout <= 0 || token == "" {
		return nil
	}
	return s.putMark(ctx, s.grave(token), 1, time.Now().Add(graveLasts+s.sm.IdleTimeout/10))
}

// grave is the same for all apps that share a manager: they share its sessions.
func (s *sessions) grave(token string) string {
	return (&sessions{}).markToken("ended", token)
}

// graveLasts is longer than a touch can be under way. A tenth of the idle timeout
// is added, so that the next touch sees the grave if this one could not look.
const graveLasts = 10 * time.Minute
