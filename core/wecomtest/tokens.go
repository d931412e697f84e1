package wecomtest

import "time"

const (
	// https://developer.work.weixin.qq.com/document/path/91039
	tokenLifetime = 7200 * time.Second
	tokenBytes    = 160 // 214 characters
)

// tokens are what stands for an app for some time, by when it ends.
type tokens struct {
	newest string
	ends   map[string]time.Time
}

func (t *tokens) add(token string, life time.Duration) {
	if t.ends == nil {
		t.ends = make(map[string]time.Time)
	}
	now := time.Now()
	for old, end := range t.ends {
		if now.After(end.Add(expiredKept)) {
			delete(t.ends, old)
		}
	}
	t.newest, t.ends[token] = token, now.Add(life)
}

// check returns 0 for a token that is good, else the one errcode of three.
func (t *tokens) check(token string, missing, unknown, expired int) int {
	end, ok := t.ends[token]
	switch {
	case token == "":
		return missing
	case !ok:
		return unknown
	case !time.Now().Before(end):
		return expired
	}
	return 0
}

// current returns the access token, the same one while it is valid, and the time
// that it has left. The caller holds f.mu.
func (f *Fake) current(t *tokens) (token string, left time.Duration) {
	if t.check(t.newest, 1, 1, 1) != 0 {
		t.add(f.issue(tokenBytes), tokenLifetime)
	}
	return t.newest, time.Until(t.ends[t.newest])
}

// currentToken returns the app's access token.
func (f *Fake) currentToken() (token string, left time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.current(&f.tokens)
}

// tokenError returns the errcode for an access token, 0 if it is good.
func (f *Fake) tokenError(token string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.tokens.check(token, 41001, 40014, 42001)
}

// RevokeTokens makes every access token invalid before its time, as WeCom may
// do; calls with one are answered with 40014, with a suite's with 40082.
// https://developer.work.weixin.qq.com/document/path/91039
func (f *Fake) RevokeTokens() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.tokens.ends)
	for i := range f.suites {
		clear(f.suites[i].tokens.ends)
	}
}
