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
	// https://developer.work.weixin.qq.com/document/path/91039
	tokenLifetime = 7200 * time.Second
	tokenBytes    = 160 // 214 characters
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
	token   string // the newest
	tokens  map[string]time.Time
	issued  []string // a ring, once it is full
	oldest  int
}

// A grant is what a code or a user ticket stands for.
type grant struct {
	person  Employee
	details bool // the person lets the app see their details
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

func (f *Fake) newCode(person Employee, details bool) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	f.codes.drop(now)
	code := f.issue(codeBytes)
	f.codes.add(code, grant{person, details, now.Add(codeLifetime)})
	return code
}

// spendCode returns what a code stands for, once.
func (f *Fake) spendCode(code string) (grant, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.codes.drop(time.Now())
	g, ok := f.codes.grants[code]
	delete(f.codes.grants, code)
	return g, ok
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
func (f *Fake) ticketOwner(ticket string) (Employee, int) {
	if ticket == "" {
		return Employee{}, 84090
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	g, ok := f.tickets.grants[ticket]
	if !ok {
		return Employee{}, 84015
	}
	if !time.Now().Before(g.expires) {
		return Employee{}, 84014
	}
	return g.person, 0
}

// currentToken returns the access token, the same one while it is valid, and
// the time that it has left.
func (f *Fake) currentToken() (token string, left time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	if expires, ok := f.tokens[f.token]; ok && now.Before(expires) {
		return f.token, expires.Sub(now)
	}
	for old, expires := range f.tokens {
		if now.After(expires.Add(expiredKept)) {
			delete(f.tokens, old)
		}
	}
	f.token = f.issue(tokenBytes)
	f.tokens[f.token] = now.Add(tokenLifetime)
	return f.token, tokenLifetime
}

// tokenError returns the errcode for an access token, 0 if it is good.
func (f *Fake) tokenError(token string) int {
	if token == "" {
		return 41001
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	expires, ok := f.tokens[token]
	if !ok {
		return 40014
	}
	if !time.Now().Before(expires) {
		return 42001
	}
	return 0
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

// RevokeTokens makes every access token invalid before its time, as WeCom may
// do; calls with one are answered with 40014.
// https://developer.work.weixin.qq.com/document/path/91039
func (f *Fake) RevokeTokens() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.tokens)
}

// Secrets returns the app's secret and the access tokens, codes and user tickets
// that were issued, the latest 10,000 of them. A test can look for them in logs, pages
// and cookies, where none of them belongs.
func (f *Fake) Secrets() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string{f.config.Secret}, f.issued...)
}
