package core_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
)

// provider is a Provider that a test makes up.
type provider struct {
	exchange func(context.Context, string) (core.Identity, error)
}

func (p provider) Open(core.Env) (core.Client, error) { return p, nil }
func (p provider) App() core.AppInfo {
	return core.AppInfo{CorpID: "ww1", AgentID: "1", NonMembers: true, KeyMaterial: make([]byte, 32)}
}
func (p provider) AuthCodeURL(r core.AuthRequest) string {
	return "https://open.weixin.qq.com/?state=" + r.State
}
func (p provider) Exchange(ctx context.Context, code string) (core.Identity, error) {
	return p.exchange(ctx, code)
}

// login plays a whole login with a provider and returns the callback's answer.
func login(t *testing.T, p core.Provider, change func(*core.Config)) *http.Response {
	t.Helper()
	fake := wecomtest.New(wecomtest.Config{})
	site(t, fake, func(c *core.Config) {
		c.Provider = p
		if change != nil {
			change(c)
		}
	})
	b := fake.Browser("")
	b.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := b.Get(base + "/me?week=3")
	if err != nil {
		t.Fatal(err)
	}
	_, state, _ := strings.Cut(res.Header.Get("Location"), "state=")
	if res, err = b.Get(base + "/me?code=C&state=" + state); err != nil {
		t.Fatal(err)
	}
	return res
}

func TestWhatAProviderMayGetWrong(t *testing.T) {
	good := core.Identity{CorpID: "ww1", UserID: "zhangsan"}
	for _, tc := range []struct {
		name     string
		exchange func(context.Context, string) (core.Identity, error)
		want     int
	}{
		{"nothing", func(context.Context, string) (core.Identity, error) { return good, nil }, 302},
		{"nobody, and no error", func(context.Context, string) (core.Identity, error) { return core.Identity{}, nil }, 502},
		{"no corp", func(context.Context, string) (core.Identity, error) { return core.Identity{UserID: "x"}, nil }, 502},
		{"an endless UserID", func(context.Context, string) (core.Identity, error) {
			return core.Identity{CorpID: "ww1", UserID: strings.Repeat("x", 1000)}, nil
		}, 502},
		{"a negative department", func(context.Context, string) (core.Identity, error) {
			return core.Identity{CorpID: "ww1", UserID: "x", Departments: []int{-1}}, nil
		}, 502},
		{"an identity beside an error", func(context.Context, string) (core.Identity, error) { return good, core.ErrNotMember }, 403},
		{"an error of no kind", func(context.Context, string) (core.Identity, error) { return good, errors.New("boom") }, 500},
		{"a panic", func(context.Context, string) (core.Identity, error) { panic("boom") }, 500},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if res := login(t, provider{tc.exchange}, nil); res.StatusCode != tc.want {
				t.Errorf("status %d, want %d", res.StatusCode, tc.want)
			}
		})
	}
}

func TestOnLoginDecides(t *testing.T) {
	ok := provider{func(context.Context, string) (core.Identity, error) {
		return core.Identity{CorpID: "ww1", UserID: "zhangsan"}, nil
	}}
	for _, tc := range []struct {
		name    string
		onLogin func(context.Context, core.Identity) error
		want    int
	}{
		{"a plain error refuses", func(context.Context, core.Identity) error { return errors.New("no account") }, 403},
		{"an error of a kind is answered as that kind", func(context.Context, core.Identity) error { return core.ErrUnavailable }, 503},
		{"a database that is too slow is no refusal", func(ctx context.Context, _ core.Identity) error { <-ctx.Done(); return ctx.Err() }, 503},
		{"an error made by hand without a kind is an internal one", func(context.Context, core.Identity) error { return &core.Error{Err: errors.New("x")} }, 500},
		{"ErrCodeInvalid is for providers: it refuses, and does not start the login again", func(context.Context, core.Identity) error { return fmt.Errorf("x: %w", core.ErrCodeInvalid) }, 403},
		{"a panic fails the login and not the process", func(context.Context, core.Identity) error { panic("boom") }, 500},
		{"nil lets the person in", func(context.Context, core.Identity) error { return nil }, 302},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				res := login(t, ok, func(c *core.Config) { c.OnLogin = tc.onLogin })
				if res.StatusCode != tc.want {
					t.Errorf("status %d, want %d", res.StatusCode, tc.want)
				}
				session := false
				for _, c := range res.Cookies() {
					session = session || len(c.Value) == 43
				}
				if session != (tc.want == 302) {
					t.Errorf("a session cookie was set: %t", session)
				}
			})
		})
	}
}

// TestAVisitorWhoLeavesDoesNotHarmTheLogin: the exchange goes on, and the second
// delivery of the same callback gets its result.
func TestAVisitorWhoLeavesDoesNotHarmTheLogin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		slow := provider{func(ctx context.Context, _ string) (core.Identity, error) {
			calls++
			select {
			case <-time.After(5 * time.Second):
				return core.Identity{CorpID: "ww1", UserID: "zhangsan"}, nil
			case <-ctx.Done():
				return core.Identity{}, ctx.Err()
			}
		}}
		fake := wecomtest.New(wecomtest.Config{})
		site(t, fake, func(c *core.Config) { c.Provider = slow })
		b := fake.Browser("")
		b.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		res, err := b.Get(base + "/me")
		if err != nil {
			t.Fatal(err)
		}
		_, state, _ := strings.Cut(res.Header.Get("Location"), "state=")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		req, _ := http.NewRequestWithContext(ctx, "GET", base+"/me?code=C&state="+state, nil)
		if _, err := b.Do(req); err == nil {
			t.Fatal("the impatient visitor got an answer")
		}
		if res, err = b.Get(base + "/me?code=C&state=" + state); err != nil || res.StatusCode != 302 {
			t.Fatalf("the second delivery: %v, %v", res, err)
		}
		if calls != 1 {
			t.Errorf("%d exchanges, want 1", calls)
		}
	})
}

func TestResultsAnswerDuplicatesForAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		p := provider{func(context.Context, string) (core.Identity, error) {
			calls++
			return core.Identity{CorpID: "ww1", UserID: "zhangsan"}, nil
		}}
		fake := wecomtest.New(wecomtest.Config{})
		site(t, fake, func(c *core.Config) { c.Provider = p })
		b := fake.Browser("")
		b.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		res, _ := b.Get(base + "/me")
		attempt := res.Cookies()[0]
		_, state, _ := strings.Cut(res.Header.Get("Location"), "state=")
		for _, tc := range []struct {
			after  time.Duration
			status int
		}{{0, 302}, {50 * time.Second, 302}, {11 * time.Second, 200}} { // 200 is the second round
			time.Sleep(tc.after)
			copied := fake.Browser("") // has the attempt's cookie, open, and nothing else
			copied.CheckRedirect = b.CheckRedirect
			req, _ := http.NewRequest("GET", base+"/me?code=C&state="+state, nil)
			req.AddCookie(&http.Cookie{Name: attempt.Name, Value: attempt.Value})
			if res, err := copied.Do(req); err != nil || res.StatusCode != tc.status {
				t.Errorf("after %v more: %v, %v, want %d", tc.after, res, err, tc.status)
			}
		}
		if calls != 1 {
			t.Errorf("%d exchanges, want 1", calls)
		}
	})
}
