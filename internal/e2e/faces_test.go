package e2e

import (
	"net/url"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom"
	"github.com/wecomauth/wecomauth/core/wecomtest"
)

// face is a page that people see: ours, or the fake's.
type face struct {
	name, agent, zh, en string // what it says
	change              func(*core.Config)
	reach               func(*tab, *site)
}

var faces = []face{
	{name: "wecom-sign-in", agent: agentWeCom, zh: "选择登录的员工", en: "Choose an employee",
		reach: func(b *tab, _ *site) { b.open(base + "/me").sees(pick("zhangsan")) }},
	{name: "wecom-qr", agent: agentDesktop, zh: "企业微信扫码登录", en: "Scan to sign in",
		reach: func(b *tab, _ *site) { b.open(base + "/me").sees(pick("zhangsan")) }},
	{name: "wecom-troubles", agent: agentWeCom, zh: "选择登录的员工", en: "Choose an employee",
		reach: func(b *tab, _ *site) {
			b.open(base + "/me").sees(pick("zhangsan")).click("summary").click(`button[name="fault"][value="60020"]`)
			b.sees(`button[name="fault"][aria-pressed="true"]`)
		}},
	{name: "wecom-consent", agent: agentWeCom, zh: "是否提供个人信息", en: "Share your details?", change: privateInfo,
		reach: func(b *tab, _ *site) { b.open(base + "/me").sees(pick("zhangsan")).click(pick("zhangsan")) }},
	{name: "wecom-wrong-domain", agent: agentWeCom, zh: "redirect_uri", en: "redirect_uri",
		reach: func(b *tab, _ *site) {
			b.open(base + "/me").sees(pick("zhangsan"))
			u, _ := url.Parse(b.loaded(inClient)) // chromium parsed it before
			q := u.Query()
			q.Set("redirect_uri", "https://elsewhere.example/me")
			u.RawQuery = q.Encode()
			b.open(u.String())
		}},
	{name: "guide", agent: agentPhone, zh: "请在企业微信中打开", en: "Open this page in WeCom",
		reach: func(b *tab, _ *site) { b.open(base + "/me?week=3") }},
	{name: "cancelled", agent: agentWeCom, zh: "登录已取消", en: "Sign-in cancelled",
		reach: func(b *tab, _ *site) {
			b.open(base + "/me").sees(pick("zhangsan")).click(`button[name="refuse"]`)
		}},
	{name: "forbidden", agent: agentWeCom, zh: "没有访问权限", en: "You may not open this page",
		reach: func(b *tab, s *site) {
			s.fake.SignIn("zhangsan")
			b.open(base + "/closed")
		}},
	{name: "misconfigured", agent: agentWeCom, zh: "应用配置有误", en: "The application is misconfigured",
		reach: func(b *tab, s *site) {
			s.fake.SignIn("zhangsan")
			s.fake.Fail(wecomtest.Fault{API: "auth/getuserinfo", Code: 60020})
			b.open(base + "/me")
		}},
	{name: "unavailable", agent: agentWeCom, zh: "企业微信暂时不可用", en: "WeCom is unavailable",
		reach: func(b *tab, s *site) {
			s.fake.SignIn("zhangsan")
			s.fake.Fail(wecomtest.Fault{API: "auth/getuserinfo", Status: 503})
			b.open(base + "/me")
		}},
	{name: "frame", agent: agentDesktop, zh: "请在完整窗口中登录", en: "Sign in outside the frame",
		reach: func(b *tab, _ *site) {
			b.open(base + "/embeds").until(inFrame + ` && !!` + inFrame + `.querySelector("#go")`)
		}},
	{name: "confirm", agent: agentDesktop, zh: "退出登录？", en: "Sign out?",
		reach: func(b *tab, _ *site) { b.open(base + "/logout") }},
	{name: "signing-in", agent: agentWeCom, zh: "正在登录", en: "Signing in", reach: secondRound},
	{name: "loop", agent: agentWeCom, zh: "登录未能完成", en: "Sign-in did not complete",
		reach: func(b *tab, s *site) {
			secondRound(b, s)
			var next string
			b.run(chromedp.AttributeValue("#go", "href", &next, nil, chromedp.ByQuery))
			b.comeBack(next)
		}},
}

const inFrame = `document.querySelector("iframe")?.contentDocument`

func privateInfo(c *core.Config) {
	app := c.Provider.(wecom.App)
	app.PrivateInfo = true
	c.Provider = app
}

// secondRound comes back from WeCom without cookies, and stays on the page that
// would go there again.
func secondRound(b *tab, s *site) {
	b.open(base + "/me").sees(pick("zhangsan"))
	s.holdAtWeCom()
	b.comeBack(b.loaded(inClient))
}

// comeBack is WeCom's answer to the login at this address, in a browser that has
// lost its cookies.
func (b *tab) comeBack(login string) {
	b.t.Helper()
	u, err := url.Parse(login)
	if err != nil {
		b.t.Fatal(err)
	}
	b.run(network.ClearBrowserCookies()) // of this tab's jar
	b.open(base + "/me?code=spent&state=" + u.Query().Get("state"))
}

// each shows every face in both languages, in a tab that prepare was called with.
func each(t *testing.T, prepare func(*tab), show func(t *testing.T, b *tab, name string)) {
	for _, f := range faces {
		for lang, title := range map[string]string{"zh-CN": f.zh, "en": f.en} {
			t.Run(f.name+" "+lang, func(t *testing.T) {
				s := newSite(t, f.change)
				b := s.tab(f.agent, lang)
				prepare(b)
				f.reach(b, s)
				if f.name == "frame" {
					b.until(inFrame + ".body.innerText.includes(" + quote(title) + ")")
				} else {
					b.sees("h1", title)
				}
				show(t, b, f.name+"-"+lang)
			})
		}
	}
}
