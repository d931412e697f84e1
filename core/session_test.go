package core_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
	"github.com/wecomauth/wecomauth/nethttpmw"
)

const base = "https://oa.example.com"

// site runs a site with one protected page in a fake WeCom's network.
func site(t *testing.T, fake *wecomtest.Fake, change func(*core.Config)) {
	t.Helper()
	c := core.Config{Provider: fake.App(), BaseURL: base, Logger: slog.New(slog.DiscardHandler)}
	if change != nil {
		change(&c)
	}
	auth, err := core.New(c)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/me", nethttpmw.Require(auth)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, _ := core.IdentityFrom(r.Context())
		_, _ = io.WriteString(w, "hello "+id.UserID)
	})))
	fake.Serve(base, mux)
}

// loggedIn reports whether the browser reaches the page without a new login.
func loggedIn(t *testing.T, b *http.Client) bool {
	t.Helper()
	res, err := (&http.Client{Jar: b.Jar, Transport: b.Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Get(base + "/me")
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode == 200
}

func visit(t *testing.T, b *http.Client, want string) {
	t.Helper()
	res, err := b.Get(base + "/me")
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(res.Body)
	if res.StatusCode != 200 || !strings.Contains(string(body), want) {
		t.Fatalf("status %d, body %.200s, want %q", res.StatusCode, body, want)
	}
}

func TestLifetime(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*core.Config)
		every  time.Duration // between visits
		ends   time.Duration // the first visit that is not logged in any more
	}{
		{"by default a login lasts twelve hours, used or not", nil, time.Hour, 12 * time.Hour},
		{"Lifetime is absolute", func(c *core.Config) { c.Lifetime = 2 * time.Hour }, 10 * time.Minute, 2 * time.Hour},
		{"an idle timeout ends an unused session", func(c *core.Config) { c.IdleTimeout = 30 * time.Minute }, 30 * time.Minute, 30 * time.Minute},
		{"a session in use outlives the idle timeout, up to its lifetime",
			func(c *core.Config) { c.IdleTimeout = 30 * time.Minute }, 20 * time.Minute, 12 * time.Hour},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := wecomtest.New(wecomtest.Config{})
				site(t, fake, tc.change)
				b := fake.Browser("zhangsan")
				visit(t, b, "hello zhangsan")
				start := time.Now()
				for time.Since(start) < 24*time.Hour {
					time.Sleep(tc.every)
					if in, want := loggedIn(t, b), time.Since(start) < tc.ends; in != want {
						t.Fatalf("after %v logged in: %t, want %t", time.Since(start), in, want)
					} else if !in {
						return
					}
				}
			})
		})
	}
}

// countingStore counts writes.
type countingStore struct {
	items   map[string][]byte
	commits int
}

func (s *countingStore) Find(token string) ([]byte, bool, error) {
	b, ok := s.items[token]
	return b, ok, nil
}
func (s *countingStore) Delete(token string) error { delete(s.items, token); return nil }
func (s *countingStore) Commit(token string, b []byte, _ time.Time) error {
	s.commits++
	s.items[token] = b
	return nil
}

func TestIdleTimeoutWritesOnceATenth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, store := wecomtest.New(wecomtest.Config{}), &countingStore{items: map[string][]byte{}}
		site(t, fake, func(c *core.Config) { c.Store, c.IdleTimeout = store, 100*time.Minute })
		b := fake.Browser("zhangsan")
		visit(t, b, "hello")
		before := store.commits
		for range 100 { // one visit each minute
			time.Sleep(time.Minute)
			visit(t, b, "hello")
		}
		if n := store.commits - before; n != 10 {
			t.Errorf("%d writes in 100 visits over one idle timeout, want 10", n)
		}
	})
}

func TestAnonymousVisitorsKeepNothing(t *testing.T) {
	fake, store := wecomtest.New(wecomtest.Config{}), &countingStore{items: map[string][]byte{}}
	site(t, fake, func(c *core.Config) { c.Store = store })
	for range 1000 {
		if loggedIn(t, fake.Browser("")) {
			t.Fatal("logged in")
		}
	}
	if len(store.items) != 0 || store.commits != 0 {
		t.Errorf("%d sessions, %d writes", len(store.items), store.commits)
	}
}

// TestColdStart: ten thousand people come back from WeCom at once, to a service
// that has no access token yet. A login takes two calls of 50 ms, and 64 are under
// way at once, so the last one is in after 16 seconds.
func TestColdStart(t *testing.T) {
	const people = 10_000
	var company []wecomtest.Employee
	for i := range people {
		company = append(company, wecomtest.Employee{UserID: fmt.Sprint("user", i), Departments: []int{2}})
	}
	synctest.Test(t, func(t *testing.T) {
		fake := wecomtest.New(wecomtest.Config{Employees: company, Tags: []wecomtest.Tag{}})
		site(t, fake, nil)
		fake.Fail(wecomtest.Fault{Delay: 50 * time.Millisecond}) // every call takes its time
		began, failed := time.Now(), make(chan string, people)
		for _, e := range company {
			go func() {
				res, err := fake.Browser(e.UserID).Get(base + "/me")
				if err != nil {
					failed <- err.Error()
					return
				}
				if body, _ := io.ReadAll(res.Body); string(body) != "hello "+e.UserID {
					failed <- fmt.Sprintf("%s got %s: %.200s", e.UserID, res.Status, body)
					return
				}
				failed <- ""
			}()
		}
		for range people {
			if why := <-failed; why != "" {
				t.Error(why)
			}
		}
		if took := time.Since(began); took > 17*time.Second {
			t.Errorf("the last one waited for %v", took)
		}
		if fake.Calls("gettoken") != 1 || fake.Calls("auth/getuserinfo") != people {
			t.Errorf("%d gettoken, %d exchanges", fake.Calls("gettoken"), fake.Calls("auth/getuserinfo"))
		}
	})
}

// TestForgedCodes: three thousand attempts with invented codes cost the company's
// IP address no more than the ration of failing calls.
func TestForgedCodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := wecomtest.New(wecomtest.Config{})
		site(t, fake, nil)
		for i := range 3_000 {
			b := fake.Browser("")
			b.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			res, err := b.Get(base + "/me")
			if err != nil {
				t.Fatal(err)
			}
			_, state, _ := strings.Cut(res.Header.Get("Location"), "state=")
			state, _, _ = strings.Cut(state, "&")
			if _, err = b.Get(fmt.Sprintf("%s/me?code=forged%d&state=%s", base, i, state)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(1200 * time.Millisecond) // all of them within an hour
		}
		if n := fake.Calls("auth/getuserinfo"); n < 500 || n > 1600 {
			t.Errorf("%d failing calls in an hour, want at most the ration of about 1,500", n)
		}
		// And people still get in, at the pace that the ration refills.
		time.Sleep(time.Minute)
		visit(t, fake.Browser("lisi"), "hello lisi")
	})
}
