package core

import "context"

// A Directory is a [Client] that can look people up outside a login. Rules about
// tags and sub-departments, and Config.Recheck, need one. Its methods are safe
// for concurrent use, and no error text of theirs holds a secret or a token.
type Directory interface {
	// Member looks one employee up. An error that wraps ErrNotMember or
	// ErrNotVisible says that the person has left, is disabled or is outside the
	// app's visible range. Any other error says nothing about the person.
	Member(ctx context.Context, corpID, userID string) (Identity, error)

	// DepartmentParents returns the departments that the app may see, each with
	// the one it is part of.
	DepartmentParents(ctx context.Context, corpID string) (map[int]int, error)

	// TagMembers returns who carries a tag.
	TagMembers(ctx context.Context, corpID string, tagID int) (TagMembers, error)
}

// TagMembers are the people and the departments that carry a tag. The people of
// such a department, and of those below it, carry it too.
type TagMembers struct {
	UserIDs     []string // in any order; the case of ASCII letters does not matter
	Departments []int    // their ids, positive
}
