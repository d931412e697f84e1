package core

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// A Rule says whether a person may enter a route: nil lets them in, an error
// keeps them out. The person sees a plain 403 page; the error's text goes to
// the log. Rules fail closed: a nil Rule refuses everybody.
//
// A Rule runs on each request of its route, so it should not call out.
type Rule func(ctx context.Context, id Identity) error

// Users lets in the people with these UserIDs; the case of ASCII letters does
// not matter, as in WeCom. Without any it refuses everybody.
func Users(userIDs ...string) Rule {
	return func(_ context.Context, id Identity) error {
		for _, u := range userIDs {
			if foldASCII(u) == foldASCII(id.UserID) && u != "" {
				return nil
			}
		}
		return fmt.Errorf("user %q is not on the route's list", id.UserID)
	}
}

// Departments lets in the direct members of these departments. A person whose
// departments could not be read at login is refused.
func Departments(ids ...int) Rule {
	return func(_ context.Context, id Identity) error {
		if id.Departments == nil {
			return fmt.Errorf("the departments of user %q are unknown: the app could not read them at login", id.UserID)
		}
		for _, d := range id.Departments {
			if slices.Contains(ids, d) {
				return nil
			}
		}
		return fmt.Errorf("user %q is in departments %v, the route asks for one of %v", id.UserID, id.Departments, ids)
	}
}

// AnyOf lets in whoever one of the rules lets in. Several rules on one route
// mean all of them.
func AnyOf(rules ...Rule) Rule {
	return func(ctx context.Context, id Identity) error {
		why := []error{errors.New("no rule lets the person in")}
		for _, rule := range rules {
			err := apply(ctx, rule, id)
			if err == nil {
				return nil
			}
			why = append(why, err)
		}
		return errors.Join(why...)
	}
}

// admit applies all rules.
func admit(ctx context.Context, rules []Rule, id Identity) error {
	for _, rule := range rules {
		if err := apply(ctx, rule, id); err != nil {
			return err
		}
	}
	return nil
}

func apply(ctx context.Context, rule Rule, id Identity) error {
	if rule == nil {
		return errors.New("a nil rule refuses everybody")
	}
	return rule(ctx, id)
}

func samePerson(a, b Identity) bool {
	return a.CorpID == b.CorpID && foldASCII(a.UserID) == foldASCII(b.UserID)
}

// foldASCII lowers ASCII letters and nothing else: Unicode folding would make
// one person of two.
func foldASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
