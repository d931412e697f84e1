package core

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Revoke ends all sessions of a person, on this instance at once and on others
// within Config.RevokeWithin, logins under way included. The person may log in
// again if WeCom lets them. corpID may be empty if people of one company only
// may log in; userID may be an OpenID where such people may.
//
// It writes once to the store and looks for no session. If the store fails, the
// error wraps ErrStore and the sessions are ended on this instance only: try again.
// Instances compare times. Where clocks differ by d, a login that began up to d
// before the mark may live on, and one that begins up to d after it is dead.
func (a *Authenticator) Revoke(ctx context.Context, corpID, userID string) error {
	if corpID == "" {
		corpID = a.company.corpID
	}
	switch {
	case corpID == "":
		return fmt.Errorf("wecomauth: Revoke: name the company: people of %s may log in", a.company.corps)
	case !a.company.corps.has(corpID):
		return fmt.Errorf("wecomauth: Revoke: nobody of company %.128q may log in; the companies are %s", corpID, a.company.corps)
	case userID == "" || len(userID) > maxText || strings.ContainsAny(userID, "/\x00"):
		return errors.New("wecomauth: Revoke: the user id is empty, too long, or no UserID")
	}
	return a.sessions.revoke(ctx, Identity{CorpID: corpID, UserID: userID}, time.Now(), nil)
}

// RevokeAll ends every session of the app, like [Authenticator.Revoke].
func (a *Authenticator) RevokeAll(ctx context.Context) error {
	return a.sessions.end(ctx, &a.sessions.marks.everybody, Revoked{CorpID: a.app.CorpID}, time.Now())
}

// revoke ends the sessions of a person that began up to a moment. why is what
// WeCom said, if it was asked.
func (s *sessions) revoke(ctx context.Context, id Identity, at time.Time, why error) error {
	if id.key() == "" { // nobody is not everybody
		return fmt.Errorf("%w: a revocation of nobody", ErrInternal)
	}
	st := s.marks.person(&id, time.Now()) // at may be a while ago
	err := s.end(ctx, st, Revoked{CorpID: id.CorpID, UserID: id.key(), Err: why}, at)
	if err == nil && s.recheck != nil {
		s.recheck.gone(&id)
	}
	return err
}

// end makes a mark and says so.
func (s *sessions) end(ctx context.Context, st *standing, e Revoked, at time.Time) error {
	if err := s.marks.end(ctx, st, at); err != nil {
		return err
	}
	args := []any{"corp", e.CorpID, "user", e.UserID}
	if e.Err != nil {
		args = append(args, "err", e.Err.Error())
	}
	s.log.Info("wecomauth: sessions revoked", args...)
	s.observe(ctx, e)
	return nil
}
