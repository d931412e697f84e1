package core_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wecomauth/wecomauth/core"
)

// company is a WeCom that a test makes up: a code is a UserID.
type company struct {
	provider
	mu    sync.Mutex
	gone  map[string]time.Time
	err   error
	stuck bool
	panic bool
	asked []time.Time
}

func newCompany() *company {
	c := &company{gone: map[string]time.Time{}}
	c.exchange = func(_ context.Context, code string) (core.Identity, error) {
		return core.Identity{CorpID: "ww1", UserID: code}, nil
	}
	return c
}

func (c *company) Open(core.Env) (core.Client, error) { return c, nil }

func (c *company) Member(ctx context.Context, corpID, userID string) (core.Identity, error) {
	c.mu.Lock()
	c.asked = append(c.asked, time.Now())
	stuck := c.stuck
	c.mu.Unlock()
	if stuck { // without the lock: who waits for one does not let a bubble's time go on
		<-ctx.Done()
		return core.Identity{}, ctx.Err()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.panic {
		panic("in the provider")
	}
	if at, ok := c.gone[userID]; ok && !time.Now().Before(at) {
		return core.Identity{}, core.ErrNotMember
	}
	return core.Identity{CorpID: corpID, UserID: userID}, c.err
}

func (*company) DepartmentParents(context.Context, string) (map[int]int, error) { return nil, nil }
func (*company) TagMembers(context.Context, string, int) (core.TagMembers, error) {
	return core.TagMembers{}, nil
}

// calls returns how many calls there were, and the most in any window.
func (c *company) calls(window time.Duration) (all, most int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	first := 0
	for i, at := range c.asked {
		for at.Sub(c.asked[first]) >= window {
			first++
		}
		most = max(most, i-first+1)
	}
	return len(c.asked), most
}

func (c *company) fire(userID string, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gone[userID] = at
}

// mapStore is a store that several instances share.
type mapStore struct{ items sync.Map }

func (s *mapStore) Find(token string) ([]byte, bool, error) {
	b, ok := s.items.Load(token)
	bytes, _ := b.([]byte)
	return bytes, ok, nil
}
func (s *mapStore) Delete(token string) error { s.items.Delete(token); return nil }
func (s *mapStore) Commit(token string, b []byte, _ time.Time) error {
	s.items.Store(token, b)
	return nil
}

func rechecking(t *testing.T, p core.Provider, change func(*core.Config)) *core.Authenticator {
	t.Helper()
	config := core.Config{Provider: p, BaseURL: base, Recheck: time.Hour, Logger: slog.New(slog.DiscardHandler)}
	if change != nil {
		change(&config)
	}
	auth, err := core.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return auth
}

// decide sends a page load with these cookies.
func decide(auth *core.Authenticator, target string, cookies []string) (core.Decision, http.Header) {
	r := httptest.NewRequest("GET", base+target, nil)
	r.RequestURI = target
	r.Header.Set("Accept", "text/html")
	r.Header.Set("User-Agent", "wxwork/4.1")
	r.Header.Set("Cookie", strings.Join(cookies, "; "))
	h := http.Header{}
	return auth.Decide(h, r), h
}

func cookiesOf(h http.Header) (all []string) {
	for _, c := range h.Values("Set-Cookie") {
		pair, _, _ := strings.Cut(c, ";")
		all = append(all, pair)
	}
	return all
}

// signIn logs a person in and returns the session's cookie.
func signIn(t *testing.T, auth *core.Authenticator, userID string) []string {
	t.Helper()
	_, h := decide(auth, "/me", nil)
	_, state, _ := strings.Cut(h.Get("Location"), "state=")
	_, h = decide(auth, "/me?code="+userID+"&state="+state, cookiesOf(h))
	for _, c := range cookiesOf(h) {
		if d, _ := decide(auth, "/me", []string{c}); d.Action == core.Pass {
			return []string{c}
		}
	}
	t.Fatalf("%s is not logged in", userID)
	return nil
}

// in reports whether these cookies open the page.
func in(auth *core.Authenticator, cookies []string) bool {
	d, _ := decide(auth, "/me", cookies)
	return d.Action == core.Pass
}
