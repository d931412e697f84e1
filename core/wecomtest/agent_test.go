package wecomtest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
)

var agents = []struct {
	name, userAgent string
	agent           core.Agent
	ordinary        bool
}{
	{"the WeCom client", wecomtest.UserAgentWeCom, core.AgentWeCom, false},
	{"personal WeChat", wecomtest.UserAgentWeChat, core.AgentWeChat, false},
	{"a browser on a computer", wecomtest.UserAgentDesktop, core.AgentDesktop, true},
	{"a browser on a phone", wecomtest.UserAgentPhone, core.AgentPhone, true},
	{"a client that does not say what it is", "", core.AgentDesktop, true},
}

// visitAs is visit with a User-Agent.
func visitAs(t *testing.T, fake *wecomtest.Fake, person, userAgent, address string) (*http.Response, string) {
	t.Helper()
	c := fake.BrowserAs(person, userAgent)
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := c.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	return res, readAll(t, res)
}

func TestUserAgentsAreWhatTheirNamesSay(t *testing.T) {
	for _, tt := range agents {
		t.Run(tt.name, func(t *testing.T) {
			if got := core.ParseAgent(tt.userAgent); got != tt.agent {
				t.Errorf("agent %d, want %d", got, tt.agent)
			}
			fake, got := newFake(t), "?"
			fake.Serve(site, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.UserAgent() }))
			if visitAs(t, fake, "", tt.userAgent, site); got != tt.userAgent {
				t.Errorf("the application sees %q", got)
			}
		})
	}
}

func TestPageOfTheClientInAnOrdinaryBrowser(t *testing.T) {
	const notice = "真实的页面只能在企业微信客户端中打开"
	for _, tt := range agents {
		t.Run(tt.name, func(t *testing.T) {
			fake := newFake(t, wecomtest.Employee{UserID: "zhangsan"}, wecomtest.Employee{UserID: "lisi"})
			_, page := visitAs(t, fake, "", tt.userAgent, signInURL())
			if strings.Contains(page, notice) != tt.ordinary || !strings.Contains(page, `value="zhangsan"`) {
				t.Errorf("want the list, and the notice: %v\n%s", tt.ordinary, page)
			}
			phone := tt.userAgent == wecomtest.UserAgentPhone
			if _, page := visitAs(t, fake, "", tt.userAgent, webLoginURL()); strings.Contains(page, notice) || strings.Contains(page, "真实的页面只能在桌面浏览器中打开") != phone {
				t.Error("the notice of the web login page, where it opens on no phone")
			}
			if res, _ := visitAs(t, fake, "zhangsan", tt.userAgent, signInURL()); (res.StatusCode == 302) == tt.ordinary {
				t.Errorf("zhangsan's browser: %s", res.Status)
			}
			if res, _ := visitAs(t, fake, "zhangsan", tt.userAgent, webLoginURL()); (res.StatusCode != 302) != phone {
				t.Errorf("zhangsan's browser on the web login page: %s", res.Status)
			}
			fake.SignIn("lisi")
			if res, _ := visitAs(t, fake, "", tt.userAgent, signInURL()); res.StatusCode != 302 {
				t.Errorf("SignIn is for every browser: %s", res.Status)
			}
			if res, _ := visitAs(t, fake, "zhangsan", tt.userAgent, signInURL()); (res.StatusCode == 302) == tt.ordinary {
				t.Errorf("zhangsan's browser, where lisi is signed in: %s", res.Status)
			}
		})
	}
}
