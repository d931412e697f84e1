package events_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom/events"
)

var (
	_ events.Revoker = (*core.Authenticator)(nil)
	_ events.Revoker = (*core.Corps)(nil)
)

type revoker struct {
	calls []string
	err   error
}

func (r *revoker) Revoke(_ context.Context, corpID, userID string) error {
	r.calls = append(r.calls, corpID+"/"+userID)
	return r.err
}

func TestWhomRevokeLogsOut(t *testing.T) {
	for name, c := range map[string]struct {
		event events.Event
		want  []string
	}{
		"somebody was deleted":               {events.Event{Type: "change_contact", Change: "delete_user"}, []string{"ww1/alice"}},
		"somebody has another UserID":        {events.Event{Type: "change_contact", Change: "update_user", NewUserID: "bob"}, []string{"ww1/alice"}},
		"somebody was disabled":              {events.Event{Type: "change_contact", Change: "update_user", Status: 2}, []string{"ww1/alice"}},
		"somebody has left":                  {events.Event{Type: "change_contact", Change: "update_user", Status: 5}, []string{"ww1/alice"}},
		"somebody is out of visible range":   {events.Event{Type: "unsubscribe"}, []string{"ww1/alice"}},
		"somebody is active":                 {events.Event{Type: "change_contact", Change: "update_user", Status: 1}, nil},
		"somebody has not joined yet":        {events.Event{Type: "change_contact", Change: "update_user", Status: 4}, nil},
		"somebody moved to a department":     {events.Event{Type: "change_contact", Change: "update_user", Departments: []int{2}}, nil},
		"a UserID was repeated":              {events.Event{Type: "change_contact", Change: "update_user", NewUserID: "alice"}, nil},
		"somebody was added":                 {events.Event{Type: "change_contact", Change: "create_user"}, nil},
		"somebody was added, not yet active": {events.Event{Type: "change_contact", Change: "create_user", Status: 2}, nil},
		"a deletion of another kind":         {events.Event{Type: "change_external_contact", Change: "delete_user"}, nil},
		"a ticket":                           {events.Event{Type: "suite_ticket"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := new(revoker)
			c.event.CorpID, c.event.UserID = "ww1", "alice"
			for range 2 { // a duplicate does the same
				if err := events.Revoke(r)(t.Context(), c.event); err != nil {
					t.Error(err)
				}
			}
			if !slices.Equal(r.calls, append(c.want, c.want...)) {
				t.Errorf("revoked %q, want %q twice", r.calls, c.want)
			}
		})
	}
}

// The app's events call a person of a linked company CorpID/UserID.
func TestRevokeOfSomebodyOfALinkedCompany(t *testing.T) {
	for userID, want := range map[string][]string{
		"ww2/lisi": {"ww2/lisi"}, "ww1/lisi": {"ww1/lisi"}, "ww2/": nil, "/lisi": nil, "/": nil,
	} {
		r := new(revoker)
		err := events.Revoke(r)(t.Context(), events.Event{Type: "unsubscribe", CorpID: "ww1", UserID: userID})
		if !slices.Equal(r.calls, want) || (err == nil) != (want != nil) {
			t.Errorf("%s: revoked %q, error %v", userID, r.calls, err)
		}
	}
}

// An empty CorpID means a Revoker's own company, and an empty UserID nobody.
func TestRevokeOfNobodyIsAnError(t *testing.T) {
	r := new(revoker)
	for _, e := range []events.Event{
		{Type: "change_contact", Change: "delete_user", UserID: "alice"},
		{Type: "change_contact", Change: "delete_user", CorpID: "ww1"},
		{Type: "unsubscribe", UserID: "ww1/alice"},
	} {
		if err := events.Revoke(r)(t.Context(), e); err == nil || len(r.calls) > 0 {
			t.Errorf("%v: %v, revoked %q", e, err, r.calls)
		}
	}
}

func TestRevokeSaysThatTheStoreFailed(t *testing.T) {
	r := &revoker{err: core.ErrStore}
	err := events.Revoke(r)(t.Context(), events.Event{Type: "unsubscribe", CorpID: "ww1", UserID: "alice"})
	if !errors.Is(err, core.ErrStore) {
		t.Errorf("the error is %v", err)
	}
}
