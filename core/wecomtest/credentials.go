package wecomtest

import (
	"crypto/rand"
	"encoding/base64"
	"slices"
	"time"
)

const (
	// https://developer.work.weixin.qq.com/document/path/91022
	codeLifetime = 5 * time.Minute
	codeBytes    = 32 // 43 characters
	// https://developer.work.weixin.qq.com/document/path/91023
	ticketLifetime = 1800 * time.Second
	ticketBytes    = 384 // 512 characters, the most that there may be

	expiredKept = 24 * time.Hour // to tell an expired token or ticket from an unknown one
	secretsKept = 10_000
)

// credentials are the codes, access tokens and user tickets that the fake has
// issued. They are guarded by Fake.mu.
type credentials struct {
	codes   ledger
	tickets ledger

	tokens tokens   // of the app
	suites [2]suite // the third-party app's, and that of the login authorization
	issued []string // a ring, once it is full
	oldest int
}

// A grant is what a code or a user ticket stands for.
type grant struct {
	person  Employee
	details bool   // the person lets the app see their details
	suite   string // the SuiteID that it is for, "" if it is for the app
	expires time.Time
}

// A ledger holds grants that all live equally long.
type ledger struct {
	grants map[string]grant
	order  []string // by expiry
}

func (l *ledger) add(key string, g grant) {
	if l.grants == nil {
		l.grants = make(map[string]grant)
	}
	l.grants[key] = g
	l.order = append(l.order, key)
}

// drop forgets what had expired at that time.
func (l *ledger) drop(at time.Time) {
	n := 0
	for _, key := range l.order {
		if g, ok := l.grants[key]; ok && at.Before(g.expires) {
			break
		}
		delete(l.grants, key)
		n++
	}
	l.order = slices.Delete(l.order, 0, n)
}

func (f *Fake) newCode(person Employee, details bool, suite string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	f.codes.drop(now)
	code := f.issue(codeBytes)
	f.codes.add(code, grant{person, details, suite, now.Add(codeLifetime)})
	return code
}

// spendCode returns what a code stands for, once: the person as they are now, and
// nobody if they have left. The code of another app stays.
func (f *Fake) spendCode(code, suite string) (grant, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.codes.drop(time.Now())
	g, ok := f.codes.grants[code]
	if !ok || g.suite != suite {
		return grant{}, false
	}
	delete(f.codes.grants, code)
	g.person, ok = f.stillThere(g.person)
	return g, ok
}

// stillThere is a person as they are now, if they are still there. The caller holds
// f.mu.
func (f *Fake) stillThere(e Employee) (Employee, bool) {
	i := f.index(e.id())
	if i < 0 {
		return Employee{}, false
	}
	return f.people[i], true
}

// ticketFor returns a user ticket for what a code stood for, "" if the person
// does not let the app see their details.
func (f *Fake) ticketFor(g grant) string {
	if !g.details {
		return ""
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	f.tickets.drop(now.Add(-expiredKept))
	ticket := f.issue(ticketBytes)
	g.expires = now.Add(ticketLifetime)
	f.tickets.add(ticket, g)
	return ticket
}

// ticketOwner returns whose details a user ticket shows, or an errcode. A
// ticket is good for any number of calls.
func (f *Fake) ticketOwner(ticket, suite string) (Employee, int) {
	if ticket == "" {
		return Employee{}, 84090
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	g, ok := f.tickets.grants[ticket]
	if !ok || g.suite != suite {
		return Employee{}, 84015
	}
	if !time.Now().Before(g.expires) {
		return Employee{}, 84014
	}
	person, ok := f.stillThere(g.person)
	if !ok {
		return Employee{}, 84015
	}
	return person, 0
}

// issue returns n random bytes as text. The caller holds f.mu.
func (f *Fake) issue(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	s := base64.RawURLEncoding.EncodeToString(b)
	if len(f.issued) < secretsKept {
		f.issued = append(f.issued, s)
		return s
	}
	f.issued[f.oldest] = s
	f.oldest = (f.oldest + 1) % secretsKept
	return s
}

// Secrets returns the secrets of the app and of suites in use, and the tokens, codes
// and tickets that were issued, the latest 10,000 of them. A test can look for them
// in logs, pages and cookies, where none of them belongs.
func (f *Fake) Secrets() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := append([]string{f.config.Secret}, f.issued...)
	for i := range f.suites {
		if f.suites[i].tickets.newest != "" { // it is in use
			all = append(all, f.suites[i].secret)
		}
	}
	return all
}
