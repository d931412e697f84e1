package core

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Rule says whether a person may enter a route. Whoever is refused sees a
// plain 403 page, and the reason goes to the log. Rules fail closed: what cannot
// be told, for want of a profile or because WeCom does not answer, is a refusal,
// and so is a nil Rule.
//
// UserIDs, departments and tags belong to one company. Where people of several
// may log in, name it with [Corp].
type Rule interface {
	// admit returns nil, or a definite no, which wraps ErrForbidden, or any other
	// error if it cannot tell. Not turns around the first two only.
	admit(ctx context.Context, c company, id Identity) error
	// check reports what can never work.
	check(c company) error
}

// company is what a rule knows of where it is used.
type company struct {
	corpID string    // that bare ids belong to; "" if it has to be named
	own    string    // the app's: only its people can be looked up
	bare   bool      // the provider tells nobody's departments
	corps  corps     // whose people may log in
	look   *lookups  // nil if the provider cannot look anything up
	joined []company // of Corps
}

// of returns the company with corpID, if its people may log in.
func (c company) of(corpID string) (company, bool) {
	for _, own := range []bool{true, false} { // rather than one that it is linked with
		for _, one := range c.joined {
			if own && one.own == corpID || !own && one.corps.has(corpID) {
				one.corpID = corpID
				return one, true
			}
		}
	}
	ok := c.joined == nil && c.corps.has(corpID)
	c.corpID = corpID
	return c, ok
}

// refused is a definite refusal.
func refused(format string, args ...any) error {
	return &refusal{fmt.Sprintf(format, args...)}
}

type refusal struct{ text string }

func (r *refusal) Error() string        { return r.text }
func (r *refusal) Is(target error) bool { return target == ErrForbidden }

var errDepartments = errors.New("the departments are unknown: the app could not read them at login")

var errWhichCorp = errors.New("people of several companies may log in: say which one the ids belong to with core.Corp")

// RuleFunc is a Rule of the application's own. It returns nil to let the person
// in. To be turned around by [Not], a no must wrap ErrForbidden; any other error
// means that the rule cannot tell, and refuses in every case. It runs on each
// request of its route, perhaps on several goroutines at once.
type RuleFunc func(ctx context.Context, id Identity) error

func (f RuleFunc) admit(ctx context.Context, _ company, id Identity) error {
	if f == nil {
		return errNilRule
	}
	return f(ctx, id)
}

func (f RuleFunc) check(company) error { return nil }

// Users lets in the employees with these UserIDs; the case of ASCII letters does
// not matter, as in WeCom. Without any it refuses everybody.
func Users(userIDs ...string) Rule { return users(slices.Clone(userIDs)) }

type users []string

func (u users) check(c company) error {
	for _, id := range u {
		if id == "" || strings.Contains(id, "/") {
			return fmt.Errorf("core.Users(%q): write the UserID alone, and name the company of somebody else's with core.Corp", id)
		}
	}
	return c.named()
}

func (u users) admit(_ context.Context, c company, id Identity) error {
	if err := c.named(); err != nil {
		return err
	}
	if id.CorpID == c.corpID && id.UserID != "" {
		for _, user := range u {
			if equalFoldASCII(user, id.UserID) {
				return nil
			}
		}
	}
	return refused("user %q of %q is not on the route's list", id.UserID, id.CorpID)
}

// Departments lets in the direct members of these departments, as they were at
// login. A person whose departments could not be read then is refused, and logs in
// once more when they next open a page, a minute later or more.
func Departments(ids ...int) Rule { return departments{ids: slices.Clone(ids)} }

// DepartmentTree lets in the members of these departments and of all departments
// below them. Who is a member is known from the login; which department is part
// of which is asked of WeCom at most every ten minutes, and known for an hour if
// WeCom does not answer. The provider must be a [Directory].
func DepartmentTree(ids ...int) Rule { return departments{slices.Clone(ids), true} }

type departments struct {
	ids  []int
	tree bool
}

func (d departments) check(c company) error {
	for _, id := range d.ids {
		if id <= 0 {
			return fmt.Errorf("core.Departments(%d): the ids of departments are positive", id)
		}
	}
	if d.tree && c.look == nil {
		return errNoDirectory
	}
	return errors.Join(c.named(), c.known())
}

func (d departments) admit(ctx context.Context, c company, id Identity) error {
	if err := c.named(); err != nil {
		return err
	}
	if id.CorpID != c.corpID {
		return refused("user %q is of %q, another company than the route's", id.UserID, id.CorpID)
	}
	if id.Departments == nil {
		return fmt.Errorf("user %q: %w", id.UserID, errDepartments)
	}
	if slices.ContainsFunc(id.Departments, func(own int) bool { return slices.Contains(d.ids, own) }) {
		return nil
	}
	if !d.tree {
		return refused("user %q is in departments %v, the route asks for one of %v", id.UserID, id.Departments, d.ids)
	}
	return below(ctx, c, id, d.ids)
}

// below asks whether a department of id is part of one of tops.
func below(ctx context.Context, c company, id Identity, tops []int) error {
	if c.look == nil {
		return errNoDirectory
	}
	parents, err := c.look.parents(ctx, c.corpID)
	if err != nil {
		return fmt.Errorf("the departments of %q could not be read: %w", c.corpID, err)
	}
	for _, d := range id.Departments {
		if parents.reach(d, tops) {
			return nil
		}
	}
	for _, d := range slices.Concat(tops, id.Departments) {
		if !parents.sees(d) {
			return fmt.Errorf("department %d is not among those that the app can see", d)
		}
	}
	return refused("user %q is in departments %v, none of them below %v", id.UserID, id.Departments, tops)
}

// Tags lets in the employees who carry one of these tags (标签), themselves or by
// their departments. WeCom is asked at most every ten minutes, and what it said
// is good for an hour if it does not answer. The provider must be a [Directory].
func Tags(ids ...int) Rule { return tags(slices.Clone(ids)) }

type tags []int

func (t tags) check(c company) error {
	for _, id := range t {
		if id <= 0 {
			return fmt.Errorf("core.Tags(%d): the ids of tags are positive", id)
		}
	}
	if c.look == nil {
		return errNoDirectory
	}
	return errors.Join(c.named(), c.known())
}

func (t tags) admit(ctx context.Context, c company, id Identity) error {
	if err := t.check(c); err != nil {
		return err
	}
	if id.CorpID != c.corpID || id.UserID == "" {
		return refused("%q of %q is no employee of the route's company", id.key(), id.CorpID)
	}
	var unknown []error
	for _, tag := range t {
		members, err := c.look.tag(ctx, c.corpID, tag)
		if err != nil {
			unknown = append(unknown, fmt.Errorf("tag %d could not be read: %w", tag, err))
			continue
		}
		if members.users[foldASCII(id.UserID)] {
			return nil
		}
		if len(members.departments) == 0 {
			continue
		}
		switch err := (departments{members.departments, true}).admit(ctx, c, id); {
		case err == nil:
			return nil
		case !errors.Is(err, ErrForbidden):
			unknown = append(unknown, err)
		}
	}
	if len(unknown) > 0 {
		return errors.Join(unknown...)
	}
	return refused("user %q carries none of the tags %v", id.UserID, []int(t))
}

// known reports a company whose departments and tags are not known to anybody.
func (c company) known() error {
	if c.bare {
		return errors.New("the provider is told not to read departments (wecom.App.NoProfile): use core.Users or a function")
	}
	if c.corpID != "" && c.corpID != c.own {
		return fmt.Errorf("core.Corp(%q): departments and tags of linked companies and of customers are not known; use core.Users or a function", c.corpID)
	}
	return nil
}

func (c company) named() error {
	if c.corpID == "" {
		return errWhichCorp
	}
	return nil
}
