package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/wecomauth/wecomauth/core"
)

// calls are how a page's script asks the application who is logged in.
var calls = map[string]string{
	"fetch": `fetch("/api/who").then(async (r) => ({Status: r.status, Type: r.headers.get("Content-Type"), Body: await r.text()}))`,
	"XMLHttpRequest": `new Promise((done) => {
		const x = new XMLHttpRequest();
		x.onloadend = () => done({Status: x.status, Type: x.getResponseHeader("Content-Type"), Body: x.responseText});
		x.open("GET", "/api/who");
		x.send();
	})`,
}

// callAnswer is what the script was told.
type callAnswer struct {
	Status     int
	Type, Body string
}

// call asks from the page that the tab shows, which stays.
func (b *tab) call(by string) (a callAnswer) {
	b.t.Helper()
	b.run(chromedp.Evaluate(calls[by], &a, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	return a
}

// loginURL checks a 401, and returns where it says that the login is.
func (a callAnswer) loginURL(t *testing.T) string {
	t.Helper()
	var problem struct {
		Status   int
		Code     string
		LoginURL string `json:"login_url"`
	}
	if err := json.Unmarshal([]byte(a.Body), &problem); err != nil {
		t.Fatalf("%+v: %v", a, err)
	}
	if a.Status != http.StatusUnauthorized || a.Type != "application/problem+json" || problem.Status != a.Status || problem.Code != "login_required" {
		t.Fatalf("the answer is %+v", a)
	}
	return problem.LoginURL
}

// TestCallsWithoutASession: a script is told so, and can send the window to log in
// and come back to where it was, its hash included.
func TestCallsWithoutASession(t *testing.T) {
	for by := range calls {
		for _, tc := range []struct {
			name, page string
			end        func(*site, *clock)
		}{
			{"on a public page", "/shop?week=3", nil},
			{"on a page whose session was revoked", "/me?week=3", revoke},
			{"on a page whose session has expired", "/me?week=3", expire},
		} {
			t.Run(by+" "+tc.name, func(t *testing.T) {
				s, clock := newClockedSite(t, func(c *core.Config) { c.CallbackPath = "/login" })
				s.page("GET /shop", `<p id="shop">shop</p>`)
				b := s.tab(agentWeCom, "zh-CN").open(base + tc.page)
				if tc.end == nil {
					b.sees("#shop")
				} else {
					b.sees(pick("zhangsan")).click(pick("zhangsan")).greeted("zhangsan", base+tc.page)
					if got := b.call(by); got.Status != http.StatusOK {
						t.Fatalf("with a session the answer is %+v", got)
					}
					tc.end(s, clock)
				}
				b.run(chromedp.Evaluate(`location.hash = "#/orders"; 0`, nil))
				b.logsInByCall(s, by, base+tc.page+"#/orders")
			})
		}
	}
}

// logsInByCall makes a call that is refused, logs in where the answer says, and
// is back on the page, where the call is answered.
func (b *tab) logsInByCall(s *site, by, page string) {
	b.t.Helper()
	asked := s.fake.Calls("authorize")
	login := b.call(by).loginURL(b.t)
	if s.fake.Calls("authorize") != asked {
		b.t.Error("the call was sent on to WeCom")
	}
	b.at(page).leave("location.assign(" + quote(login) + " + encodeURIComponent(location.hash))")
	b.sees(pick("lisi")).click(pick("lisi")).at(page)
	if got := b.call(by); got.Status != http.StatusOK || !strings.Contains(got.Body, "hello lisi") {
		b.t.Errorf("after the login the answer is %+v", got)
	}
	b.noViolations()
}
