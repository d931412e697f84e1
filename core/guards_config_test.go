package core_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
	"github.com/wecomauth/wecomauth/nethttpmw"
)

func TestNewRefusesMore(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*core.Config)
		want   string
	}{
		{"an empty alias", func(c *core.Config) { c.Aliases = []string{""} }, "is not a host"},
		{"BaseURL's own host as an alias", func(c *core.Config) { c.Aliases = []string{"OA.example.com:443"} }, "BaseURL's own host"},
		{"a BaseURL that is only a port", func(c *core.Config) { c.BaseURL = "https://:8443" }, "not absolute"},
		{"a BaseURL's host in Chinese", func(c *core.Config) { c.BaseURL = "https://公司.example.com" }, "ASCII form"},
		{"a tiny exchange timeout", func(c *core.Config) { c.ExchangeTimeout = 1 }, "Config.ExchangeTimeout"},
		{"a manager and an IdleTimeout", func(c *core.Config) {
			c.Sessions, c.IdleTimeout = manager(func(*scs.SessionManager) {}), time.Hour
		}, "leave Config's empty"},
		{"a manager without a codec", func(c *core.Config) { c.Sessions = manager(func(sm *scs.SessionManager) { sm.Codec = nil }) }, "make it with scs.New()"},
		{"a manager without a lifetime", func(c *core.Config) { c.Sessions = manager(func(sm *scs.SessionManager) { sm.Lifetime = 0 }) }, "make it with scs.New()"},
	} {
		c := core.Config{Provider: app, BaseURL: base}
		tc.change(&c)
		if a, err := core.New(c); err == nil || a != nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v, want an error with %q", tc.name, err, tc.want)
		}
	}
}

// brokenStore does not look at expiry, fails to commit when told, and may hang.
type brokenStore struct {
	countingStore
	fail  bool
	hangs string
}

func (s *brokenStore) hang(ctx context.Context, op string) error {
	if s.hangs == op {
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}

func (s *brokenStore) FindCtx(_ context.Context, token string) ([]byte, bool, error) {
	return s.Find(token)
}

func (s *brokenStore) DeleteCtx(ctx context.Context, token string) error {
	return errors.Join(s.hang(ctx, "delete"), s.Delete(token))
}

func (s *brokenStore) CommitCtx(ctx context.Context, token string, b []byte, expiry time.Time) error {
	if s.fail {
		return errors.New("read only")
	}
	return errors.Join(s.hang(ctx, "commit"), s.Commit(token, b, expiry))
}

func TestIdleSessionsInAStoreThatKeepsThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ended []core.SessionEnded
		fake, store := wecomtest.New(wecomtest.Config{}), &brokenStore{countingStore: countingStore{items: map[string][]byte{}}}
		site(t, fake, func(c *core.Config) {
			c.Store, c.IdleTimeout = store, 30*time.Minute
			c.Observer = func(_ context.Context, e core.Event) {
				if e, ok := e.(core.SessionEnded); ok {
					ended = append(ended, e)
				}
			}
		})
		b := fake.Browser("zhangsan")
		visit(t, b, "hello zhangsan")
		time.Sleep(30*time.Minute - time.Second)
		store.fail = true
		if res, err := b.Get(base + "/me"); err != nil || res.StatusCode != 503 {
			t.Errorf("a visit that cannot be written down: %v, %v", res, err)
		}
		store.fail = false
		time.Sleep(time.Second)
		if loggedIn(t, b) || len(ended) != 1 || !ended[0].Idle || ended[0].Identity.UserID != "zhangsan" {
			t.Errorf("after the idle timeout: %+v", ended)
		}
	})
}

// TestAnOuterManagerKeepsItsOwnIdleTimeout: one write for each request, its own.
func TestAnOuterManagerKeepsItsOwnIdleTimeout(t *testing.T) {
	store := &countingStore{items: map[string][]byte{}}
	sm := manager(func(sm *scs.SessionManager) { sm.Store, sm.IdleTimeout = store, 30*time.Minute }) // scs.New starts a goroutine
	synctest.Test(t, func(t *testing.T) {
		fake := wecomtest.New(wecomtest.Config{})
		auth, err := core.New(core.Config{Provider: fake.App(), BaseURL: base, Sessions: sm, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		fake.Serve(base, sm.LoadAndSave(routes(auth)))
		b := fake.Browser("zhangsan")
		visit(t, b, "hello")
		before := store.commits
		for range 5 {
			time.Sleep(20 * time.Minute)
			visit(t, b, "hello")
		}
		if n := store.commits - before; n != 5 {
			t.Errorf("%d writes in 5 visits", n)
		}
	})
}

func TestEveryUseOfTheStoreHasADeadline(t *testing.T) {
	for _, tc := range []struct{ name, hangs, method, target string }{
		{"touch", "commit", "GET", "/me"}, {"login", "delete", "GET", "/login?fresh=1"}, {"logout", "delete", "POST", "/logout"},
	} {
		synctest.Test(t, func(t *testing.T) {
			fake, store := wecomtest.New(wecomtest.Config{}), &brokenStore{countingStore: countingStore{items: map[string][]byte{}}}
			auth, err := core.New(core.Config{Provider: fake.App(), BaseURL: base, Store: store, IdleTimeout: time.Hour, Logger: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			fake.Serve(base, routes(auth))
			b := fake.Browser("zhangsan")
			visit(t, b, "hello")
			time.Sleep(30 * time.Minute)
			store.hangs = tc.hangs
			req, _ := http.NewRequest(tc.method, base+tc.target, nil)
			req.Header.Set("Accept", "text/html")
			start := time.Now()
			if res, err := b.Do(req); err != nil || res.StatusCode != 503 || time.Since(start) != core.DefaultStoreTimeout {
				t.Errorf("%s: %v, %v after %v", tc.name, res, err, time.Since(start))
			}
		})
	}
}

// routes is a site whose sign-in route is "/" as well as "/login".
func routes(auth *core.Authenticator) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/{$}", nethttpmw.Login(auth))
	mux.Handle("/login", nethttpmw.Login(auth))
	mux.Handle("/signin", nethttpmw.Login(auth))
	mux.Handle("/logout", nethttpmw.Logout(auth))
	mux.Handle("/me", nethttpmw.Require(auth)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })))
	mux.Handle("/admin", nethttpmw.Require(auth, core.Users("nobody"))(http.NotFoundHandler()))
	mux.Handle("/optional", nethttpmw.Optional(auth)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
	return mux
}

func TestWhatIsLoggedAndAnswered(t *testing.T) {
	var log bytes.Buffer
	fake := wecomtest.New(wecomtest.Config{})
	auth, err := core.New(core.Config{Provider: fake.App(), BaseURL: base + "/oa", CallbackPath: "/login", Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	app := routes(auth)
	fake.Serve(base, http.StripPrefix("/oa", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.RequestURI = strings.TrimPrefix(r.RequestURI, "/oa")
		app.ServeHTTP(w, r)
	})))
	b := fake.Browser("zhangsan")
	b.CheckRedirect = func(req *http.Request, _ []*http.Request) error {
		if strings.HasSuffix(req.URL.Path, "/me") {
			return http.ErrUseLastResponse
		}
		return nil
	}
	res, err := b.Get(base + "/oa/login?return_to=/me")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.ReadAll(res.Body)
	cookie := ""
	for _, c := range b.Jar.Cookies(res.Request.URL) {
		if len(c.Value) == 43 {
			cookie = c.String()
		}
	}
	const html, script = "Accept:text/html", "Sec-Fetch-Mode:cors"
	session := "Cookie:" + cookie
	for _, tc := range []struct {
		name, method, target string
		header               []string
		status               int
		level                string // of the refusal in the log, "" for none
		has, lacks           string // in the answer
	}{
		{"a script without a session", "GET", "/me", []string{script}, 401, "DEBUG", "login_url", ""},
		{"a form without a session comes back to the page it is on", "POST", "/me", []string{html, "Referer:" + base + "/oa/form"}, 401, "DEBUG", `href="` + base + `/oa/form"`, ""},
		{"a frame", "GET", "/me", []string{html, "Sec-Fetch-Dest:frame"}, 401, "DEBUG", "_top", ""},
		{"POST to Login", "POST", "/login", []string{html}, 405, "DEBUG", "", "<form"},
		{"GET of Logout", "GET", "/logout", []string{html}, 405, "DEBUG", "<form", ""},
		{"a phone's browser", "GET", "/me", []string{html, "User-Agent:iPhone"}, 401, "DEBUG", `class="link"`, `class="b"`},
		{"a person whom the rules keep out", "GET", "/admin", []string{html, session}, 403, "WARN", "forbidden", `class="b"`},
		{"another site's request", "POST", "/me", []string{script, "Sec-Fetch-Site:cross-site"}, 403, "WARN", "cross_origin", "login_url"},
		{"a request id with a space is not ours to repeat", "GET", "/me", []string{script, "Id:req 7"}, 401, "DEBUG", "request_id", "req 7"},
		{"Login at the place that it would return to", "GET", "/", []string{html, session}, 204, "", "", ""},
		{"Login at another place never returns to the callback", "GET", "/signin?return_to=/login", []string{html, session}, 302, "", "", ""},
		{"Login by a script that wants another person", "GET", "/login?fresh=1", []string{script, session}, 204, "", "", ""},
		{"Login by HEAD that wants another person", "HEAD", "/login?fresh=1", []string{html, session}, 302, "", "", ""},
		{"a public page", "GET", "/optional", nil, 200, "", "", ""},
	} {
		log.Reset()
		r, rec := httptest.NewRequest(tc.method, tc.target, nil), httptest.NewRecorder()
		r.Host = "oa.example.com"
		for _, h := range tc.header {
			name, value, _ := strings.Cut(h, ":")
			r.Header.Set(name, value)
		}
		if id := r.Header.Get("Id"); id != "" {
			rec.Header().Set("X-Request-Id", id)
		}
		app.ServeHTTP(rec, r)
		body := rec.Body.String()
		if rec.Code != tc.status || !strings.Contains(body, tc.has) || tc.lacks != "" && strings.Contains(body, tc.lacks) {
			t.Errorf("%s: status %d, body %.900s", tc.name, rec.Code, body)
		}
		if line := log.String(); (tc.level != "") != strings.Contains(line, "refused") || !strings.Contains(line, tc.level) {
			t.Errorf("%s: log %s, want level %q", tc.name, line, tc.level)
		}
		if h := rec.Header(); h.Get("Vary") != "Cookie" || h.Get("Cache-Control") == "" || rec.Code == 302 && h.Get("Location") != base+"/oa/" {
			t.Errorf("%s: header %v", tc.name, h)
		}
	}
}
