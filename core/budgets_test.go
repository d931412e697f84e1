package core_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/wecomauth/wecomauth/core"
)

// nowhere is a ResponseWriter that costs nothing.
type nowhere struct{ header http.Header }

func (w *nowhere) Header() http.Header         { return w.header }
func (w *nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (w *nowhere) WriteHeader(int)             {}

// TestAllocations: what a request may allocate, its own copy by WithContext left
// out, which an adapter adds. The identity's departments are one of them.
func TestAllocations(t *testing.T) {
	p := newCompany()
	p.exchange = func(context.Context, string) (core.Identity, error) {
		return core.Identity{CorpID: "ww1", UserID: "zhangsan", Name: "张三", Departments: []int{2}}, nil
	}
	for _, tc := range []struct {
		name   string
		change func(*core.Config)
		cookie func(session string) string
		most   float64
	}{
		{"a request to the default store", nil, func(s string) string { return s }, 2},
		{"the same among twenty other cookies", nil, func(s string) string { return strings.Repeat("other=cookie; ", 20) + s }, 2},
		{"another store", func(c *core.Config) { c.Store = &mapStore{} }, func(s string) string { return s }, 5},
		{"another store, with a re-check", func(c *core.Config) { c.Store, c.Recheck = &mapStore{}, time.Hour }, func(s string) string { return s }, 5},
	} {
		config := core.Config{Provider: p, BaseURL: base, Logger: slog.New(slog.DiscardHandler)}
		if tc.change != nil {
			tc.change(&config)
		}
		auth, err := core.New(config)
		if err != nil {
			t.Fatal(err)
		}
		guard := auth.Guard()
		w, r := &nowhere{http.Header{}}, httptest.NewRequest("GET", base+"/me?week=3", nil)
		r.Header.Set("Cookie", tc.cookie(signIn(t, auth, "zhangsan")[0]))
		n := testing.AllocsPerRun(200, func() {
			clear(w.header)
			d := guard(w.header, r)
			if id, ok := core.IdentityFrom(d.Context()); !ok || id.UserID != "zhangsan" {
				t.Fatal("not logged in")
			}
		})
		if n > tc.most {
			t.Errorf("%s: %v allocations, want %v at most", tc.name, n, tc.most)
		}
	}
}

// TestAnonymousAllocations: a visitor who never logs in costs a sealed cookie.
func TestAnonymousAllocations(t *testing.T) {
	auth := rechecking(t, newCompany(), nil)
	guard := auth.Guard()
	w, r := &nowhere{http.Header{}}, httptest.NewRequest("GET", base+"/me?week=3", nil)
	r.Header.Set("Sec-Fetch-Mode", "navigate")
	r.Header.Set("User-Agent", "wxwork/4.1")
	n := testing.AllocsPerRun(200, func() {
		clear(w.header)
		if d := guard(w.header, r); d.Status() != 302 {
			t.Fatal("no login")
		}
	})
	if n > 20 {
		t.Errorf("%v allocations, want 20 at most", n)
	}
}

// TestTheShortWay: a request with a session is let through without asking the
// machine; whatever else it brings, the answer is what the machine would say.
func TestTheShortWay(t *testing.T) {
	auth := rechecking(t, newCompany(), func(c *core.Config) { c.Recheck = 0 })
	long := rechecking(t, newCompany(), func(c *core.Config) { c.Recheck, c.Store = 0, &mapStore{} }) // no way as short
	for i, tc := range []struct {
		name, method, target string
		header               http.Header
		want                 int // 0 passes
	}{
		{"a page", "GET", "/me", nil, 0},
		{"a query of another system", "GET", "/me?code=1&state=open", nil, 0},
		{"an escaped name is another", "GET", "/me?st%61te=x&code=1", nil, 0},
		{"a script", "GET", "/me", http.Header{"Sec-Fetch-Mode": {"cors"}}, 0},
		{"a frame", "GET", "/me", http.Header{"Sec-Fetch-Dest": {"iframe"}}, 0},
		{"a form of this site", "POST", "/me", http.Header{"Origin": {base}}, 0},
		{"a form of another site", "POST", "/me", http.Header{"Origin": {"https://evil.example"}}, 403},
		{"a form of another site, by fetch metadata", "DELETE", "/me", http.Header{"Sec-Fetch-Site": {"cross-site"}}, 403},
		{"a program without an Origin", "PUT", "/me", nil, 0},
		{"HEAD", "HEAD", "/me", nil, 0},
		{"our own state, reloaded", "GET", "/me?a=1&code=C&state=STATE", nil, 302},
		{"our own state on a POST", "POST", "/me?code=C&state=STATE", nil, 0},
	} {
		var statuses []int
		var headers []http.Header
		for _, a := range []*core.Authenticator{auth, long} {
			session := signIn(t, a, fmt.Sprint("u", i))
			_, h := decide(a, "/me", nil)
			_, state, _ := strings.Cut(h.Get("Location"), "state=")
			r := httptest.NewRequest(tc.method, base+"/me", nil)
			r.RequestURI = strings.ReplaceAll(tc.target, "STATE", state)
			for name, v := range tc.header {
				r.Header[name] = v
			}
			if tc.header == nil {
				r.Header.Set("Accept", "text/html")
			}
			r.Header.Set("Cookie", session[0])
			h = http.Header{}
			d := a.Decide(h, r)
			h.Del("Set-Cookie")
			statuses, headers = append(statuses, d.Status()), append(headers, h)
		}
		if statuses[0] != tc.want || statuses[1] != tc.want || !reflect.DeepEqual(headers[0], headers[1]) {
			t.Errorf("%s: status %v, want %d; headers %v", tc.name, statuses, tc.want, headers)
		}
	}
}
