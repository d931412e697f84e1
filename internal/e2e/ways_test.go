package e2e

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/wecomauth/wecomauth/core"
)

func TestDesktopBrowser(t *testing.T) {
	s := newSite(t, nil)
	b := s.tab(agentDesktop, "zh-CN").open(base + "/me?week=3").sees(pick("lisi"))
	if href := b.href(); !strings.HasPrefix(href, webLogin) {
		t.Fatalf("the page with the QR code is at %s", href)
	}
	b.click(pick("lisi")).greeted("lisi", base+"/me?week=3").noViolations()
}

func TestPhoneBrowser(t *testing.T) {
	s := newSite(t, nil)
	b := s.tab(agentPhone, "zh-CN").open(base+"/me?week=3").at(base+"/me?week=3").sees("svg.qr", "请在企业微信中打开", base+"/me?week=3")
	var link string
	b.run(chromedp.AttributeValue(".link a", "href", &link, nil, chromedp.ByQuery))
	if link != base+"/me?week=3" {
		t.Errorf("the link is %q", link)
	}
	b.noViolations()
}

func TestRefusal(t *testing.T) {
	for name, agent := range map[string]string{"in the client": agentWeCom, "in a desktop browser": agentDesktop} {
		t.Run(name, func(t *testing.T) {
			b := newSite(t, nil).tab(agent, "zh-CN").open(base + "/me?week=3").sees(`button[name="refuse"]`)
			b.click(`button[name="refuse"]`).sees("#go", "登录已取消", "login_cancelled")
			b.click("#go").sees(pick("wangwu")).click(pick("wangwu")).greeted("wangwu", base+"/me?week=3").noViolations()
		})
	}
}

func TestInsideAFrame(t *testing.T) {
	b := newSite(t, nil).tab(agentDesktop, "zh-CN").open(base + "/embeds")
	const inner = `document.querySelector("iframe").contentDocument`
	b.until(inner + ` && ` + inner + `.body && ` + inner + `.body.innerText.includes("请在完整窗口中登录") && !!` + inner + `.querySelector('#go[target="_top"]')`)
	b.leave(inner + `.querySelector("#go").click()`)
	b.sees(pick("zhangsan")).click(pick("zhangsan")).greeted("zhangsan", base+"/me?week=3")
	b.open(base + "/embeds").until(inner + ` && ` + inner + `.body && ` + inner + `.body.innerText.includes("hello zhangsan")`)
	b.noViolations()
}

// TestConsent: an app that asks for private details logs in whatever the person
// answers; only what it is told differs.
func TestConsent(t *testing.T) {
	for answer, want := range map[string]bool{"yes": true, "no": false} {
		t.Run(answer, func(t *testing.T) {
			told := make(chan bool, 1)
			s := newSite(t, func(c *core.Config) {
				privateInfo(c)
				c.OnLogin = func(_ context.Context, id core.Identity) error {
					told <- id.Details != nil
					return nil
				}
			})
			b := s.tab(agentWeCom, "zh-CN").open(base + "/me?week=3").sees(pick("zhangsan")).click(pick("zhangsan"))
			b.sees(`button[name="consent"]`, "是否提供个人信息").click(`button[name="consent"][value="` + answer + `"]`)
			b.greeted("zhangsan", base+"/me?week=3").noViolations()
			if got := <-told; got != want {
				t.Errorf("OnLogin was told the details: %t", got)
			}
		})
	}
}

func TestLogout(t *testing.T) {
	s := newSite(t, nil)
	s.fake.SignIn("zhangsan")
	b := s.tab(agentWeCom, "zh-CN").open(base+"/me").greeted("zhangsan", base+"/me")
	b.open(base+"/logout").sees("button.b", "退出登录？").click("button.b").at(base + "/").sees("#home")
	s.fake.SignIn("")
	b.open(base + "/me").sees(pick("zhangsan")).noViolations()
}

func TestLogoutInOneOfTwoTabs(t *testing.T) {
	s := newSite(t, nil)
	s.fake.SignIn("zhangsan")
	one := s.tab(agentWeCom, "zh-CN").open(base+"/me").greeted("zhangsan", base+"/me")
	two := one.beside(agentWeCom, "zh-CN").open(base+"/me?week=3").greeted("zhangsan", base+"/me?week=3")
	s.fake.SignIn("")
	session, _ := one.cookies()
	one.open(base+"/logout").sees("button.b", "退出登录？").click("button.b").at(base + "/").sees("#home")

	if got := two.at(base + "/me?week=3").call("fetch"); got.Status != http.StatusUnauthorized {
		t.Errorf("in the other tab a fetch is answered %+v", got)
	}
	two.leave("location.reload()")
	two.sees(pick("zhangsan"))

	// Whoever has kept the cookie has kept nothing.
	two.open(base + "/").run(network.SetCookie(session.Name, session.Value).
		WithURL(base).WithPath("/").WithSecure(true).WithHTTPOnly(true).WithSameSite(network.CookieSameSiteLax))
	if back, _ := two.cookies(); back == nil || back.Value != session.Value {
		t.Fatal("the browser does not take the old cookie back")
	}
	if got := two.call("fetch"); got.Status != http.StatusUnauthorized {
		t.Errorf("the old cookie: a fetch is answered %+v", got)
	}
	two.open(base+"/me?week=3").sees(pick("zhangsan")).click(pick("zhangsan")).greeted("zhangsan", base+"/me?week=3")
	two.noViolations()
}
