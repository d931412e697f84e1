package wecomtest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// An Employee is a person who can sign in. A person is chosen by UserID, one of
// a linked company by "Corp/UserID", and one without a UserID by OpenID: in
// [Fake.Browser], [Fake.SignIn], [Fake.Remove] and on the page.
type Employee struct {
	// Corp is the CorpID of the linked company (互联企业, 上下游) that the person
	// belongs to; empty for the company itself. WeCom names such a person as
	// Corp/UserID at sign-in, and tells the app nothing else about them: there is
	// no user_ticket, and user/get answers 60111.
	// https://developer.work.weixin.qq.com/document/path/91023
	Corp string
	// UserID is the account in the company, unique there without regard to case.
	// https://developer.work.weixin.qq.com/document/path/90195
	UserID string
	// OpenID, with an empty UserID, makes a person who is not an employee.
	// WeCom names such people too, with errcode 0.
	// https://developer.work.weixin.qq.com/document/path/91023
	OpenID string
	Name   string
	// Departments are department ids, the main one first.
	Departments []int
	// Status is 1 active, 2 disabled, 4 not activated or 5 left; 0 means 1.
	// The fake lets all of them sign in, to test what the app does then.
	// https://developer.work.weixin.qq.com/document/path/90196
	Status int
	// NotVisible puts the person outside the app's 可见范围: WeCom names them
	// at sign-in all the same, but user/get answers 60011, tag/get leaves them
	// out and there is no user_ticket.
	NotVisible bool
	// Details are what the app sees of a person who consents to the scope
	// snsapi_privateinfo.
	Details Details
	// NoConsent makes a silent sign-in refuse that: the login goes on without a
	// user_ticket. On the page, whoever sits in front of it decides.
	NoConsent bool
}

// id is what chooses the person.
func (e Employee) id() string {
	if e.UserID == "" {
		return e.OpenID
	}
	return e.namedAs()
}

// namedAs is the userid at sign-in, empty for a person who has none.
func (e Employee) namedAs() string {
	if e.Corp != "" && e.UserID != "" {
		return e.Corp + "/" + e.UserID
	}
	return e.UserID
}

// listed reports whether the contacts that the app may read hold the person.
func (e Employee) listed() bool { return e.UserID != "" && e.Corp == "" && !e.NotVisible }

func (e Employee) status() int {
	if e.Status == 0 {
		return 1
	}
	return e.Status
}

// check panics on a person who could not exist in this company.
func (e Employee) check(corpID string) {
	wrong := ""
	switch {
	case e.id() == "":
		wrong = "has neither UserID nor OpenID"
	case e.Corp != "" && e.UserID == "":
		wrong = "is of a linked company and has no UserID"
	case e.Corp == corpID:
		wrong = "has the company's own Corp: leave it empty"
	case strings.Contains(e.Corp, "/"):
		wrong = "has a Corp with a slash"
	case e.Details.Gender < 0 || e.Details.Gender > 2:
		wrong = fmt.Sprintf("has the gender %d, not 0, 1 or 2", e.Details.Gender)
	}
	if wrong != "" {
		panic(fmt.Sprintf("wecomtest: employee %q %s", cmp.Or(e.id(), e.Name), wrong))
	}
}

// kept shares nothing with the caller.
func (e Employee) kept() Employee {
	e.Departments = slices.Clone(e.Departments)
	return e
}

// Change replaces the person with this id, or adds one, while the fake is in
// use. It takes the whole person: to disable zhangsan, give their name and
// departments again, with Status 2; to take them from the visible range, with
// NotVisible. It panics, as [New] does, on a person who could not exist.
func (f *Fake) Change(e Employee) {
	e.check(f.config.CorpID)
	f.mu.Lock()
	defer f.mu.Unlock()
	if i := f.index(e.id()); i >= 0 {
		f.people[i] = e.kept()
		return
	}
	f.people = append(f.people, e.kept())
}

// Remove lets a person leave for good: user/get answers 60111, tag/get leaves
// them out, and nobody signs in as them any more, nor with a code that they were
// given before. It panics if there is no such person, so that a typo does not look like a success.
func (f *Fake) Remove(userID string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := f.index(userID)
	if i < 0 {
		panic(fmt.Sprintf("wecomtest: Remove: there is no employee %q", userID))
	}
	delete(f.agreed, strings.ToLower(userID))
	f.people = slices.Delete(f.people, i, i+1)
}

// find returns the person with this id and their place on the page.
func (f *Fake) find(id string) (e Employee, place int, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := f.index(id)
	if i < 0 {
		return Employee{}, 0, false
	}
	return f.people[i], i, true
}

// everybody returns who there is now.
func (f *Fake) everybody() []Employee {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.people)
}

// index returns the place of the person with this id, or -1. The caller holds
// f.mu.
func (f *Fake) index(id string) int {
	return slices.IndexFunc(f.people, func(e Employee) bool {
		return id != "" && strings.EqualFold(e.id(), id)
	})
}
