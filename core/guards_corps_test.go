package core_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core"
)

// firm is a company with an id of its own, and one that it is linked with.
type firm struct {
	*company
	id, linked string
}

func newFirm(id, linked string) firm {
	f := firm{newCompany(), id, linked}
	f.exchange = func(_ context.Context, code string) (core.Identity, error) {
		corp, user, _ := strings.Cut(code, ".")
		return core.Identity{CorpID: corp, UserID: user}, nil
	}
	return f
}

func (f firm) Open(core.Env) (core.Client, error) { return f, nil }
func (f firm) App() core.AppInfo {
	app := core.AppInfo{CorpID: f.id, AgentID: "1", KeyMaterial: []byte(strings.Repeat(f.id, 8))}
	if f.linked != "" {
		app.LinkedCorps = []string{f.linked}
	}
	return app
}

func newMember(t *testing.T, id string) *core.Authenticator {
	t.Helper()
	auth, err := core.New(core.Config{Provider: newFirm(id, ""), BaseURL: base, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return auth
}

// TestCorpsTrustsItsMembersOnly: an Authenticator that was never joined had its rules
// checked by nobody, and lets nobody in.
func TestCorpsTrustsItsMembersOnly(t *testing.T) {
	a, b, stranger := newMember(t, "wwa"), newMember(t, "wwb"), newMember(t, "wwc")
	gate, err := core.NewCorps(func(*http.Request) *core.Authenticator { return stranger }, a, b)
	if err != nil {
		t.Fatal(err)
	}
	session := signIn(t, stranger, "wwc.zhangsan")
	for name, decide := range map[string]func(http.Header, *http.Request) core.Decision{
		"Require": gate.Guard(), "Login": gate.Login, "Logout": gate.Logout,
	} {
		r := httptest.NewRequest(map[string]string{"Logout": "POST"}[name], base+"/me", nil)
		r.Header.Set("Cookie", session[0])
		if d := decide(http.Header{}, r); d.Action == core.Pass || !errors.Is(d.Err(), core.ErrNoCorp) {
			t.Errorf("%s: action %d, %v", name, d.Action, d.Err())
		}
	}
	r := httptest.NewRequest("GET", base+"/me", nil)
	r.Header.Set("Cookie", session[0])
	if d := gate.Optional(http.Header{}, r); d.Action != core.Pass || named(d) {
		t.Error("Optional denies, or names the stranger's person")
	}
	if !in(stranger, session) {
		t.Error("Logout ended a session of an Authenticator that it does not have")
	}
}

// TestNewCorpsRefusesOneAppTwice: whichever of the two is chosen, they would read each
// other's cookies.
func TestNewCorpsRefusesOneAppTwice(t *testing.T) {
	a := newMember(t, "wwa")
	choose := func(*http.Request) *core.Authenticator { return a }
	if _, err := core.NewCorps(choose, a, newMember(t, "wwb"), newMember(t, "wwa")); err == nil {
		t.Error("no error")
	}
}

// TestACallThatCarriesAnothersState is of the company that was chosen: only a page
// load brings a login back.
func TestACallThatCarriesAnothersState(t *testing.T) {
	a, b := newMember(t, "wwa"), newMember(t, "wwb")
	gate, err := core.NewCorps(func(*http.Request) *core.Authenticator { return b }, a, b)
	if err != nil {
		t.Fatal(err)
	}
	_, h := decide(a, "/me", nil)
	_, state, _ := strings.Cut(h.Get("Location"), "state=")
	r := httptest.NewRequest("GET", base+"/me", nil)
	r.RequestURI = "/me?code=C&state=" + state
	r.Header.Set("Cookie", signIn(t, b, "wwb.zhangsan")[0])
	r.Header.Set("Sec-Fetch-Mode", "cors")
	r.Header.Set("Sec-Fetch-Dest", "empty")
	d := gate.Guard()(http.Header{}, r)
	if id, _ := core.IdentityFrom(contextOf(d)); d.Action != core.Pass || id.CorpID != "wwb" {
		t.Errorf("status %d, %v, as %q", d.Status(), d.Err(), id.CorpID)
	}
}

func contextOf(d core.Decision) context.Context {
	if ctx := d.Context(); ctx != nil {
		return ctx
	}
	return context.Background()
}

// TestPeopleOfLinkedCompaniesAreNotLookedUp: the app's token opens its own company
// only; its answer about another's person would be about a namesake.
func TestPeopleOfLinkedCompaniesAreNotLookedUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFirm("wwa", "wwb")
		auth := rechecking(t, f, nil)
		linked := signIn(t, auth, "wwb.zhangsan")
		f.fire("zhangsan", time.Now())
		time.Sleep(11 * time.Hour)
		if n, _ := f.calls(time.Hour); n != 0 || !in(auth, linked) {
			t.Errorf("%d calls; in: %t", n, in(auth, linked))
		}
		time.Sleep(2 * time.Hour)
	})
}
