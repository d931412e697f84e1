package wecomtest

import (
	"crypto/rand"
	"encoding/base64"
	"time"
)

const (
	// https://developer.work.weixin.qq.com/document/path/91022
	codeLifetime = 5 * time.Minute
	codeBytes    = 32 // 43 characters
	// https://developer.work.weixin.qq.com/document/path/91039
	tokenLifetime = 7200 * time.Second
	tokenBytes    = 160 // 214 characters

	expiredTokensKept = 24 * time.Hour
	secretsKept       = 10_000
)

// credentials are the codes and access tokens that the fake has issued. They
// are guarded by Fake.mu.
type credentials struct {
	codes     map[string]grant
	codeOrder []string // by expiry
	token     string   // the newest
	tokens    map[string]time.Time
	issued    []string
}

// A grant is what a code stands for.
type grant struct {
	person  Employee
	expires time.Time
}

func (f *Fake) newCode(person Employee) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dropExpiredCodes()
	code := f.issue(codeBytes)
	f.codes[code] = grant{person, time.Now().Add(codeLifetime)}
	f.codeOrder = append(f.codeOrder, code)
	return code
}

// spendCode returns whom a code stands for, once.
func (f *Fake) spendCode(code string) (Employee, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dropExpiredCodes()
	g, ok := f.codes[code]
	delete(f.codes, code)
	return g.person, ok
}

func (f *Fake) dropExpiredCodes() {
	now := time.Now()
	for len(f.codeOrder) > 0 {
		code := f.codeOrder[0]
		if g, ok := f.codes[code]; ok && now.Before(g.expires) {
			return
		}
		delete(f.codes, code)
		f.codeOrder = f.codeOrder[1:]
	}
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
		if now.After(expires.Add(expiredTokensKept)) {
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
	if len(f.issued) == secretsKept {
		f.issued = f.issued[1:]
	}
	f.issued = append(f.issued, s)
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

// Secrets returns the app's secret and the access tokens and codes that were
// issued, the latest 10,000 of them. A test can look for them in logs, pages
// and cookies, where none of them belongs.
func (f *Fake) Secrets() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string{f.config.Secret}, f.issued...)
}
