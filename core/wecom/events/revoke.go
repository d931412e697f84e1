package events

import (
	"context"
	"errors"
	"strings"
)

// A Revoker ends the sessions of a person: a core.Authenticator, or core.Corps.
type Revoker interface {
	Revoke(ctx context.Context, corpID, userID string) error
}

// Revoke returns a Handle that ends the sessions of a person who
//
//   - was deleted, or given another UserID: those under the former one;
//   - is disabled or has left, where WeCom says so;
//   - is no longer in the app's visible range, or has left the company
//     ("unsubscribe").
//
// It does nothing about other events. A second call with the same event ends no
// more, except for sessions that the person has begun in between. auth ends sessions
// in the event's own company only or, of a person of a linked one (互联企业, 上下游), whom
// the app's events call CorpID/UserID, in that; its error comes back as it is.
func Revoke(auth Revoker) func(context.Context, Event) error {
	return func(ctx context.Context, e Event) error {
		if !leaves(e) {
			return nil
		}
		corpID, userID := e.CorpID, e.UserID
		if linked, id, ok := strings.Cut(userID, "/"); ok && corpID != "" {
			corpID, userID = linked, id
		}
		if corpID == "" || userID == "" { // an empty CorpID means the app's own, to a Revoker
			return errors.New("the event names no company or no person")
		}
		return auth.Revoke(ctx, corpID, userID)
	}
}

// leaves reports whether the event's UserID may no longer log in.
func leaves(e Event) bool {
	switch {
	case e.Type == TypeUnsubscribe:
		return true
	case e.Type != TypeContact:
		return false
	case e.Change == ChangeDeleteUser:
		return true
	}
	return e.Change == ChangeUpdateUser && (e.Status == 2 || e.Status == 5 || e.NewUserID != "" && e.NewUserID != e.UserID)
}
