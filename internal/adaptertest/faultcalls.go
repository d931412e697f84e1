package adaptertest

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom"
	"github.com/wecomauth/wecomauth/core/wecomtest"
)

// caller is an application whose logins make a call, and what comes of it if the
// call goes wrong.
type caller struct {
	api   string
	want  func(shape) int
	world func(t *testing.T, mount Mount, c *core.Config) (w *world, renew func())
}

var (
	asToken   = func(s shape) int { return s.token }
	asPerson  = func(s shape) int { return s.person }
	asProfile = func(s shape) int { return s.profile }
	asNothing = func(shape) int { return 200 }
)

// callers are all calls that a login makes.
var callers = []caller{
	{"gettoken", asToken, appWorld(func(*wecom.App) {})},
	{"auth/getuserinfo", asPerson, appWorld(func(*wecom.App) {})},
	{"user/getuserinfo", asPerson, appWorld(func(a *wecom.App) { a.LegacyUserInfo = true })},
	{"user/get", asProfile, appWorld(func(*wecom.App) {})},
	{"auth/getuserdetail", asNothing, appWorld(func(a *wecom.App) { a.PrivateInfo = true })},
	{"service/get_suite_token", asToken, serviceWorld(func(*wecom.Suite) {})},
	{"service/auth/getuserinfo3rd", asPerson, serviceWorld(func(*wecom.Suite) {})},
	{"service/getuserinfo3rd", asPerson, serviceWorld(func(s *wecom.Suite) { s.LegacyUserInfo = true })},
	{"service/auth/getuserdetail3rd", asNothing, serviceWorld(func(s *wecom.Suite) { s.PrivateInfo = true })},
}

type worldMaker = func(*testing.T, Mount, *core.Config) (*world, func())

// appWorld is the application of a self-built app.
func appWorld(change func(*wecom.App)) worldMaker {
	return func(t *testing.T, mount Mount, c *core.Config) (*world, func()) {
		fake := wecomtest.New(wecomtest.Config{})
		app := fake.App()
		change(&app)
		return newWorldAt(t, mount, fake, func(own *core.Config) { own.Provider, own.OnLogin = app, c.OnLogin }), func() {}
	}
}

// serviceWorld is the application of a suite. renew is a new suite_ticket, which
// lasts half an hour.
func serviceWorld(change func(*wecom.Suite)) worldMaker {
	return func(t *testing.T, mount Mount, c *core.Config) (*world, func()) {
		fake := newSuiteFake()
		suite := fake.Suite()
		suite.Tickets = newTickets(t, fake, nil)
		change(&suite)
		renew := func() { setTicket(t, suite.Tickets, fake.IssueTicket()) }
		renew()
		onlyMe := func(auth core.Gate, routes []Route) http.Handler { // no rule about departments, which a suite does not know
			return mount(auth, slices.DeleteFunc(routes, func(r Route) bool { return r.Rules != nil }))
		}
		return newWorldAt(t, onlyMe, fake, func(own *core.Config) { own.Provider, own.OnLogin = suite, c.OnLogin }), renew
	}
}

// failLogin logs in once a minute while WeCom fails, beside somebody who is
// logged in already.
func failLogin(t *testing.T, mount Mount, c caller, s shape) {
	var details *core.Details // of the last login
	w, renew := c.world(t, mount, &core.Config{OnLogin: func(_ context.Context, id core.Identity) error {
		details = id.Details
		return nil
	}})
	lisi := w.visitor("lisi").open("/me").want(200, "user=lisi")
	if strings.HasSuffix(c.api, "token") {
		time.Sleep(7201 * time.Second)
		renew()
	}
	w.fake.Fail(s.fault)
	want := c.want(s)
	for range 3 {
		ran := w.runs.Load()
		details = nil
		v := w.visitor("zhangsan").open("/me").follow().want(want)
		if got := w.runs.Load() - ran; got != int64(map[bool]int{true: 1}[want == 200]) {
			t.Errorf("status %d, and the handler ran %d times", want, got)
		}
		if got := v.res.Header.Get("Retry-After"); (got != "") != (want == 503) {
			t.Errorf("status %d with Retry-After %q", want, got)
		}
		if want == 200 && !strings.Contains(v.body, "user=zhangsan") {
			t.Errorf("somebody else: %s", v.body)
		}
		if slow := s.fault.Delay == time.Second; strings.Contains(c.api, "detail") && (details != nil) != slow {
			t.Errorf("details %#v", details)
		}
		w.findNoSecret(v.body + fmt.Sprint(v.res.Header))
		lisi.open("/me").want(200, "user=lisi")
		time.Sleep(time.Minute)
	}
	if w.fake.Calls(c.api) < 1 {
		t.Error("nobody made the call")
	}
}
