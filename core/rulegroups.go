package core

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
)

var (
	errNilRule     = errors.New("a nil rule refuses everybody")
	errNoDirectory = errors.New("core.Tags, core.DepartmentTree and Config.Recheck need a provider that can look people up (core.Directory)")
)

// AnyOf lets in whoever one of the rules lets in. Several rules on one route
// mean all of them.
func AnyOf(rules ...Rule) Rule { return anyOf(slices.Clone(rules)) }

type anyOf []Rule

func (a anyOf) check(c company) error { return checkRules(c, a) }

func (a anyOf) admit(ctx context.Context, c company, id Identity) error {
	why, sure := []error{refused("no rule lets the person in")}, true
	for _, rule := range a {
		err := admit(ctx, c, rule, id)
		if err == nil {
			return nil
		}
		why, sure = append(why, err), sure && errors.Is(err, ErrForbidden)
	}
	err := errors.Join(why...)
	if !sure {
		return unsure{err}
	}
	return err
}

// unsure hides that one of several errors is a definite no.
type unsure struct{ error }

func (u unsure) Is(target error) bool {
	return target == errDepartments && errors.Is(u.error, errDepartments)
}

// Not lets in whoever the rule refuses for sure. It refuses if the rule cannot
// tell: Not(Departments(3)) keeps out a person whose departments are unknown.
func Not(rule Rule) Rule { return not{rule} }

type not struct{ rule Rule }

func (n not) check(c company) error { return checkRules(c, []Rule{n.rule}) }

func (n not) admit(ctx context.Context, c company, id Identity) error {
	err := admit(ctx, c, n.rule, id)
	switch {
	case err == nil:
		return refused("a rule that the person must not meet lets %q of %q in", id.key(), id.CorpID)
	case errors.Is(err, ErrForbidden):
		return nil
	default:
		return err
	}
}

// Corp lets in the people of one company whom all rules let in; without rules,
// all of them. The ids in these rules are that company's.
func Corp(corpID string, rules ...Rule) Rule { return corp{corpID, slices.Clone(rules)} }

type corp struct {
	id    string
	rules []Rule
}

func (r corp) check(c company) error {
	one, ok := c.of(r.id)
	if !ok {
		return fmt.Errorf("core.Corp(%q): nobody of that company may log in; the companies are %s", r.id, c.corps)
	}
	return checkRules(one, r.rules)
}

func (r corp) admit(ctx context.Context, c company, id Identity) error {
	if id.CorpID != r.id || r.id == "" {
		return refused("%q is of %q, the route is for people of %q", id.key(), id.CorpID, r.id)
	}
	c.corpID = r.id
	return admitAll(ctx, c, r.rules, id)
}

// Employees lets in everybody with a UserID, of whichever company. It is for
// routes of apps that let in other people too.
func Employees() Rule { return employees{} }

type employees struct{}

func (employees) check(company) error { return nil }

func (employees) admit(_ context.Context, _ company, id Identity) error {
	if id.UserID == "" {
		return refused("%q of %q is no employee", id.OpenID, id.CorpID)
	}
	return nil
}

// newCompany is what rules know of the app's own company.
func newCompany(client Client, log *slog.Logger) company {
	app := client.App()
	c := company{own: app.CorpID, bare: app.NoProfile, corps: corpsOf(app), look: newLookups(client, log)}
	c.corpID = c.corps.only()
	return c
}

// companyOf is what rules know of several companies. Only a group of one company's
// apps can do without names, and looks things up as its first app does.
func companyOf(members []*Authenticator) company {
	var c company
	for _, a := range members {
		c.joined = append(c.joined, a.company)
		c.corps.any = c.corps.any || a.company.corps.any
		for _, id := range a.company.corps.ids {
			if !slices.Contains(c.corps.ids, id) {
				c.corps.ids = append(c.corps.ids, id)
			}
		}
	}
	if only := c.corps.only(); only != "" {
		c.corpID, c.own, c.look, c.bare = only, only, c.joined[0].look, c.joined[0].bare
	}
	return c
}

// admitAll applies all rules.
func admitAll(ctx context.Context, c company, rules []Rule, id Identity) error {
	for _, rule := range rules {
		if err := admit(ctx, c, rule, id); err != nil {
			return err
		}
	}
	return nil
}

func admit(ctx context.Context, c company, rule Rule, id Identity) error {
	if rule == nil {
		return errNilRule
	}
	return rule.admit(ctx, c, id)
}

func checkRules(c company, rules []Rule) error {
	var wrong []error
	for _, rule := range rules {
		if rule != nil {
			wrong = append(wrong, rule.check(c))
		}
	}
	return errors.Join(wrong...)
}
