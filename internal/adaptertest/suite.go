package adaptertest

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
	"github.com/wecomauth/wecomauth/core/wecom"
	"github.com/wecomauth/wecomauth/core/wecomtest"
)

// newSuiteFake is a service provider's WeCom: two customers, each with a zhangsan,
// a company that has installed the suite and is no customer, and a person of none.
func newSuiteFake() *wecomtest.Fake {
	return wecomtest.New(wecomtest.Config{CorpID: corpA, Employees: []wecomtest.Employee{
		{UserID: "zhangsan", Details: wecomtest.Details{Gender: 1, Mobile: "13800000000", Avatar: "https://example.com/a.png"}},
		{UserID: "lisi"},
		{Corp: corpB, UserID: "zhangsan"},
		{Corp: "wwccccccccccccccc", UserID: "zhangsan"},
		{OpenID: "OPENID"},
	}})
}

// suiteWorld is an application of the suite. tickets may be nil: then there is one.
func suiteWorld(t *testing.T, mount Mount, fake *wecomtest.Fake, tickets *wecom.Tickets, change func(*wecom.Suite, *core.Config)) *world {
	t.Helper()
	s := fake.Suite()
	s.Allow = wecom.AllowCorps(corpA, corpB)
	if s.Tickets = tickets; tickets == nil {
		s.Tickets = newTickets(t, fake, nil)
		setTicket(t, s.Tickets, fake.IssueTicket())
	}
	return newWorldAt(t, func(auth core.Gate, _ []Route) http.Handler { return mount(auth, suiteRoutes()) }, fake, func(c *core.Config) {
		if change != nil {
			change(&s, c)
		}
		c.Provider = s
	})
}

func newTickets(t *testing.T, fake *wecomtest.Fake, store wecom.TicketStore) *wecom.Tickets {
	t.Helper()
	tickets, err := fake.Suite().NewTickets(store)
	if err != nil {
		t.Fatal(err)
	}
	return tickets
}

func setTicket(t *testing.T, tickets *wecom.Tickets, ticket string) {
	t.Helper()
	if err := tickets.Set(t.Context(), ticket, time.Now()); err != nil {
		t.Fatal(err)
	}
}

func suiteRoutes() []Route {
	say := func(w http.ResponseWriter, r *http.Request) {
		id, _ := core.IdentityFrom(r.Context())
		_, _ = w.Write([]byte(id.CorpID + "/" + id.UserID))
	}
	return []Route{
		{Path: "/me", Guard: Require, Handler: say},
		{Path: "/b", Guard: Require, Rules: []core.Rule{core.Corp(corpB, core.Users("zhangsan"))}, Handler: say},
		{Path: "/login", Guard: Login},
		{Path: "/logout", Guard: Logout},
	}
}

func testSuite(t *testing.T, mount Mount) {
	for name, legacy := range map[string]bool{"": false, ", the former interface": true} {
		t.Run("people of two customers log in"+name, func(t *testing.T) {
			fake := newSuiteFake()
			w := suiteWorld(t, mount, fake, nil, func(s *wecom.Suite, _ *core.Config) { s.LegacyUserInfo = legacy })
			w.visitor("zhangsan").open("/me?x=1").want(200, corpA+"/zhangsan")
			w.visitor(corpB+"/zhangsan").open("/me").want(200, corpB+"/zhangsan")
			w.visitor("wwccccccccccccccc/zhangsan").open("/me").want(403, "other_corp")
			w.visitor("OPENID").open("/me").want(403, "not_member")
			if n := fake.Calls("service/get_suite_token"); n != 1 {
				t.Errorf("%d calls of get_suite_token", n)
			}
		})
	}
	t.Run("rules and revocations name the company, and a person of one never passes for another's", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := suiteWorld(t, mount, newSuiteFake(), nil, nil)
			a, b := w.visitor("zhangsan").open("/me"), w.visitor(corpB+"/zhangsan").open("/b").want(200, corpB)
			a.open("/b").want(403, "forbidden")
			time.Sleep(2 * time.Millisecond)
			if err := w.auth.Revoke(t.Context(), corpA, "zhangsan"); err != nil {
				t.Fatal(err)
			}
			if w.in(a.session()) || !w.in(b.session()) {
				t.Error("the revocation of A's zhangsan ended the wrong session")
			}
			if w.auth.Revoke(t.Context(), "", "zhangsan") == nil {
				t.Error("a revocation without a company is no error")
			}
			for name, rule := range map[string]core.Rule{"a bare UserID": core.Users("zhangsan"), "a department": core.Corp(corpA, core.Departments(2)), "a tag": core.Corp(corpA, core.Tags(1))} {
				if !panics(func() { w.auth.Guard(rule) }) {
					t.Errorf("%s: Guard does not panic", name)
				}
			}
		})
	})
	for name, legacy := range map[string]bool{"": false, ", the former interface": true} {
		t.Run("details with consent, of the right person"+name, func(t *testing.T) {
			var got *core.Details
			w := suiteWorld(t, mount, newSuiteFake(), nil, func(s *wecom.Suite, c *core.Config) {
				s.PrivateInfo, s.LegacyUserInfo = true, legacy
				c.OnLogin = func(_ context.Context, id core.Identity) error { got = id.Details; return nil }
			})
			w.visitor("zhangsan").open("/me").want(200)
			if got == nil || got.Gender != 1 || got.Avatar != "https://example.com/a.png" || got.Mobile != "" {
				t.Errorf("details %#v", got)
			}
			if former := w.fake.Calls("service/getuserdetail3rd") == 1; former != legacy {
				t.Errorf("the former interface was asked: %t, want %t", former, legacy)
			}
		})
	}
	testSuiteDesktop(t, mount)
	testSuiteEvents(t, mount)
	testSuiteTickets(t, mount)
	testSuiteFaults(t, mount)
}

func testSuiteFaults(t *testing.T, mount Mount) {
	const user, token = "service/auth/getuserinfo3rd", "service/get_suite_token"
	for name, tc := range map[string]struct {
		fault  wecomtest.Fault
		status int
		kind   string
		tokens int // calls of get_suite_token
	}{
		"no token is valid":                        {wecomtest.Fault{API: user, Code: 40082}, 500, "misconfigured", 2},
		"the ticket is not valid":                  {wecomtest.Fault{API: token, Code: 40085}, 503, "wecom_unavailable", 1},
		"the secret is not valid":                  {wecomtest.Fault{API: token, Code: 40080}, 500, "misconfigured", 1},
		"the suite is not known":                   {wecomtest.Fault{API: token, Code: 40083}, 500, "misconfigured", 1},
		"a token that is none":                     {wecomtest.Fault{API: token, Body: `{"suite_access_token":"","expires_in":7200}`}, 502, "wecom_bad_answer", 1},
		"a person without a company":               {wecomtest.Fault{API: user, Body: `{"errcode":0,"userid":"zhangsan"}`}, 502, "wecom_bad_answer", 1},
		"a company without a person":               {wecomtest.Fault{API: user, Body: `{"errcode":0,"corpid":"` + corpA + `"}`}, 502, "wecom_bad_answer", 1},
		"a person and an openid":                   {wecomtest.Fault{API: user, Body: `{"errcode":0,"corpid":"` + corpA + `","userid":"zhangsan","openid":"o"}`}, 502, "wecom_bad_answer", 1},
		"two companies":                            {wecomtest.Fault{API: user, Body: `{"errcode":0,"corpid":"` + corpA + `","CorpId":"` + corpB + `","userid":"zhangsan"}`}, 502, "wecom_bad_answer", 1},
		"a company with a slash":                   {wecomtest.Fault{API: user, Body: `{"errcode":0,"corpid":"` + corpA + `/x","userid":"zhangsan"}`}, 502, "wecom_bad_answer", 1},
		"a userid of another company within it":    {wecomtest.Fault{API: user, Body: `{"errcode":0,"corpid":"` + corpA + `","userid":"` + corpB + `/zhangsan"}`}, 502, "wecom_bad_answer", 1},
		"a used code begins again":                 {wecomtest.Fault{API: user, Code: 40029, Times: 1}, 200, "refresh", 1},
		"WeCom is down":                            {wecomtest.Fault{API: user, Status: 503}, 503, "wecom_unavailable", 1},
		"the answer is about a person of no corp":  {wecomtest.Fault{API: user, Body: `{"errcode":0,"openid":"o"}`}, 403, "not_member", 1},
		"WeCom is busy when a token is asked for":  {wecomtest.Fault{API: token, Code: -1, Times: 1}, 200, "", 2},
		"a person of a company that is not served": {wecomtest.Fault{API: user, Body: `{"errcode":0,"corpid":"wwx","userid":"zhangsan"}`}, 403, "other_corp", 1},
	} {
		t.Run("suite: "+name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := newSuiteFake()
				w := suiteWorld(t, mount, fake, nil, nil)
				fake.Fail(tc.fault)
				v := w.visitor("zhangsan").open("/me").want(tc.status, tc.kind)
				if n := fake.Calls(token); n != tc.tokens {
					t.Errorf("%d calls of get_suite_token, want %d", n, tc.tokens)
				}
				for _, secret := range fake.Secrets() {
					if secret != "" && (strings.Contains(w.log.String(), secret) || strings.Contains(v.body, secret)) {
						t.Error("a secret is in the log or on the page")
					}
				}
			})
		})
	}
	for _, code := range []int{42009, 40082} {
		t.Run(fmt.Sprintf("suite: a token that WeCom withdrew is renewed once, unseen: %d", code), func(t *testing.T) {
			fake := newSuiteFake()
			w := suiteWorld(t, mount, fake, nil, nil)
			w.visitor("lisi").open("/me").want(200)
			fake.RevokeTokens()
			if code != 40082 { // which the fake says by itself
				fake.Fail(wecomtest.Fault{API: user, Code: code, Times: 1})
			}
			w.visitor("zhangsan").open("/me").want(200, corpA+"/zhangsan")
			if n := fake.Calls(token); n != 2 {
				t.Errorf("%d calls of get_suite_token", n)
			}
		})
	}
	t.Run("suite: Allow fails", func(t *testing.T) {
		w := suiteWorld(t, mount, newSuiteFake(), nil, func(s *wecom.Suite, _ *core.Config) {
			s.Allow = func(context.Context, string) (bool, error) { return true, errors.New("the database is down") }
		})
		w.visitor("zhangsan").open("/me").want(503, "wecom_unavailable")
	})
}
