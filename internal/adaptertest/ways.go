package adaptertest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom"
	"github.com/wecomauth/wecomauth/core/wecomtest"
)

func testWaysIn(t *testing.T, mount Mount) {
	const inClient, webLogin = "https://open.weixin.qq.com/connect/oauth2/authorize?", "https://login.work.weixin.qq.com/wwlogin/sso/login?login_type=CorpApp&"
	for _, tc := range []struct{ name, agent, want string }{
		{"the WeCom client goes to the in-client page", wecomtest.UserAgentWeCom, inClient},
		{"personal WeChat goes to the in-client page", wecomtest.UserAgentWeChat, inClient},
		{"a desktop browser goes to the page with the QR code", wecomtest.UserAgentDesktop, webLogin},
		{"no User-Agent at all counts as a desktop browser", "", webLogin},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, mount, nil)
			v := (&visitor{world: w, Client: w.fake.BrowserAs("zhangsan", tc.agent)}).still().open("/me?week=3", "User-Agent", tc.agent).want(302)
			if !strings.HasPrefix(v.location(), tc.want) {
				t.Errorf("Location %q", v.location())
			}
			v.CheckRedirect = nil
			v.open("/me?week=3").want(200, "user=zhangsan", "query=week=3")
		})
	}
	t.Run("a browser on a phone is shown how to open the page in WeCom: a link and a QR code of it", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		v := &visitor{world: w, Client: w.fake.BrowserAs("zhangsan", wecomtest.UserAgentPhone)}
		v.open("/me?week=3").want(401, "请在企业微信中打开", `href="https://oa.example.com/me?week=3"`, `<svg class="qr"`)
		if v.res.Header.Get("Set-Cookie") != "" || w.runs.Load() != 0 {
			t.Errorf("Set-Cookie %q", v.res.Header.Get("Set-Cookie"))
		}
		v.open("/me", "Accept-Language", "en").want(401, "Open this page in WeCom")
	})
	t.Run("a hook decides otherwise", func(t *testing.T) {
		w := newWorld(t, mount, func(c *core.Config) {
			app := c.Provider.(wecom.App)
			app.Page = func(string) wecom.Page { return wecom.WebLogin }
			c.Provider = app
		})
		if v := w.visitor("zhangsan").still().open("/me").want(302); !strings.HasPrefix(v.location(), webLogin) {
			t.Errorf("Location %q", v.location())
		}
	})
	t.Run("the agent chooses the page, never access", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		for _, agent := range []string{"wxwork", wecomtest.UserAgentWeCom, "GoogleHC/1.0", "kube-probe/1.30"} {
			if rec := w.raw("GET", "/me", "User-Agent", agent); rec.Code != 302 || w.runs.Load() != 0 {
				t.Errorf("%q: status %d", agent, rec.Code)
			}
		}
	})
	t.Run("WeCom reads the domain's file without a login, and no other file of the kind", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		if rec := w.raw("GET", "/"+verifyFile); rec.Code != 200 || rec.Body.String() != "agFRemnEVeHcITzc" || !strings.HasPrefix(rec.Header().Get("Content-Type"), "text/plain") {
			t.Errorf("status %d, %q, %v", rec.Code, rec.Body, rec.Header())
		}
		if rec := w.raw("GET", "/WW_verify_anotherToken00000.txt"); rec.Code != 404 {
			t.Errorf("another file: status %d", rec.Code)
		}
	})
	t.Run("a refusal on either page gives the cancelled page, with a way to try again", func(t *testing.T) {
		for _, agent := range []string{wecomtest.UserAgentWeCom, wecomtest.UserAgentDesktop} {
			w := newWorld(t, mount, nil)
			w.fake.Refuse()
			v := &visitor{world: w, Client: w.fake.BrowserAs("zhangsan", agent)}
			v.open("/me?week=3").want(403, "login_cancelled", `href="https://oa.example.com/me?week=3"`)
			v.open("/me?week=3").want(200, "user=zhangsan")
		}
	})
	t.Run("details are asked for on request, shown to OnLogin and kept nowhere", func(t *testing.T) {
		for _, consent := range []bool{true, false} {
			var got *core.Details
			fake := wecomtest.New(wecomtest.Config{Employees: []wecomtest.Employee{{
				UserID: "zhangsan", NoConsent: !consent, Details: wecomtest.Details{Gender: 1, Mobile: "13800000000"},
			}}})
			w := newWorldAt(t, mount, fake, func(c *core.Config) {
				app := c.Provider.(wecom.App)
				app.PrivateInfo = true
				c.Provider = app
				c.OnLogin = func(_ context.Context, id core.Identity) error { got = id.Details; return nil }
			})
			w.visitor("zhangsan").open("/me").want(200, "user=zhangsan")
			if (got != nil) != consent || consent && (got.Mobile != "13800000000" || got.Gender != 1) {
				t.Errorf("consent %t: OnLogin saw details: %t", consent, got != nil)
			}
			if js, err := json.Marshal(core.Identity{Details: &core.Details{Mobile: "13800000000"}}); err != nil || strings.Contains(string(js), "138") {
				t.Errorf("an identity in JSON: %s, %v", js, err)
			}
			if text := fmt.Sprintf("%v %+v", core.Details{Mobile: "13800000000"}, core.Identity{Details: got}); strings.Contains(text, "138") {
				t.Errorf("printed: %s", text)
			}
			if strings.Contains(w.log.String(), "13800000000") {
				t.Error("the mobile number is in the log")
			}
		}
	})
}

func testFragments(t *testing.T, mount Mount) {
	keep := func(c *core.Config) { c.KeepFragment = true }
	t.Run("a first visit is asked for its fragment, and the login comes back to it", func(t *testing.T) {
		v := newWorld(t, mount, keep).visitor("zhangsan").open("/me?week=3").want(200, "<script>", "<noscript>")
		if csp := v.res.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "script-src 'sha256-") || strings.Contains(csp, "unsafe") {
			t.Errorf("policy %q", csp)
		}
		if v.res.Header.Get("Set-Cookie") != "" {
			t.Error("a login began before the fragment was known")
		}
		v.still().open("/me?week=3&wecomauth_fragment=" + url.QueryEscape("/orders/7?x=1")).want(302)
		v.open(v.location())
		v.open(v.location()).want(302)
		if got := v.location(); got != base+"/me?week=3#/orders/7?x=1" {
			t.Errorf("the login ended at %q", got)
		}
		v.open("/me?week=3").want(200, "user=zhangsan", "query=week=3") // no page in between any more
	})
	t.Run("without JavaScript the login works, without the fragment", func(t *testing.T) {
		newWorld(t, mount, keep).visitor("zhangsan").open("/me?week=3&wecomauth_fragment=").want(200, "user=zhangsan", "query=week=3")
	})
	t.Run("a reload of the address that told the fragment goes to the clean one", func(t *testing.T) {
		v := newWorld(t, mount, keep).visitor("zhangsan").open("/me?wecomauth_fragment=").want(200).still()
		v.open("/me?wecomauth_fragment=%2Fa&week=3").want(302)
		if got := v.location(); got != base+"/me?week=3#/a" {
			t.Errorf("Location %q", got)
		}
	})
	t.Run("hostile fragments are encoded or dropped, and never leave the site", func(t *testing.T) {
		for value, want := range map[string]string{
			"%22%3E%3Cscript%3E": "#%22%3E%3Cscript%3E", "a%0d%0aSet-Cookie:x=1": "#a%0D%0ASet-Cookie:x=1", "%23%23": "#%23%23",
			"wechat_redirect": "#", "%zz": "#", strings.Repeat("x", 600): "#", "//evil.example": "#//evil.example",
		} {
			v := newWorld(t, mount, keep).visitor("zhangsan")
			v.open(v.callback("/me?wecomauth_fragment=" + value)).want(302)
			if got := v.location(); got != base+"/me"+want {
				t.Errorf("%q: Location %q, want fragment %q", value, got, want)
			}
		}
	})
	t.Run("unless switched on, the parameter is an ordinary one", func(t *testing.T) {
		newWorld(t, mount, nil).visitor("zhangsan").open("/me?wecomauth_fragment=x").want(200, "query=wecomauth_fragment=x")
	})
}

func testScripts(t *testing.T, mount Mount) {
	fetch := []string{"Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty", "Sec-Fetch-Site", "same-origin"}
	t.Run("the 401 says where to log in and come back to the page the script runs on", func(t *testing.T) {
		for _, tc := range []struct{ name, callback, referer, want string }{
			{"Login is mounted", "/login", base + "/orders?id=7", base + "/login?return_to=%2Forders%3Fid%3D7"},
			{"no Referer", "/login", "", base + "/login?return_to=%2F"},
			{"another site's Referer", "/login", "https://evil.example/x", base + "/login?return_to=%2F"},
			{"a Referer that only looks like ours", "/login", "https://oa.example.com.evil.example/x", base + "/login?return_to=%2F"},
			{"a hostile path", "/login", base + "//evil.example", base + "/login?return_to=%2F"},
		} {
			w := newWorld(t, mount, func(c *core.Config) { c.CallbackPath = tc.callback })
			rec := w.raw("GET", "/me", append(fetch, "Referer", tc.referer)...)
			if rec.Code != 401 || !strings.Contains(rec.Body.String(), fmt.Sprintf("%q:%q", "login_url", strings.ReplaceAll(tc.want, "&", `\u0026`))) {
				t.Errorf("%s: status %d, body %s", tc.name, rec.Code, rec.Body)
			}
		}
	})
	t.Run("without CallbackPath there is no login_url: the page may be public, and would call again for ever", func(t *testing.T) {
		rec := newWorld(t, mount, nil).raw("GET", "/me", append(fetch, "Referer", base+"/orders")...)
		if rec.Code != 401 || strings.Contains(rec.Body.String(), "login_url") {
			t.Errorf("status %d, body %s", rec.Code, rec.Body)
		}
	})
	t.Run("return_to may hold the fragment of a hash route", func(t *testing.T) {
		w := newWorld(t, mount, func(c *core.Config) { c.CallbackPath = "/login" })
		v := w.visitor("zhangsan")
		v.open(v.callback("/login?return_to=" + url.QueryEscape("/#/orders/7"))).want(302)
		if got := v.location(); got != base+"/#/orders/7" {
			t.Errorf("Location %q", got)
		}
	})
}
