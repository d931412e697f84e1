package wecom_test

import (
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom"
)

func TestAuthCodeURL(t *testing.T) {
	page := func(p wecom.Page) func(string) wecom.Page { return func(string) wecom.Page { return p } }
	byAgent := func(ua string) wecom.Page {
		if ua == "Desktop" {
			return wecom.WebLogin
		}
		return wecom.InClient
	}
	const state = "abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnop"
	tests := []struct {
		name     string
		app      wecom.App
		redirect string
		want     string
	}{
		{"the in-client page", wecom.App{Page: page(wecom.InClient)}, "https://app.example.com/auth/callback",
			"https://open.weixin.qq.com/connect/oauth2/authorize?appid=ww0123456789abcdef" +
				"&redirect_uri=https%3A%2F%2Fapp.example.com%2Fauth%2Fcallback&response_type=code&scope=snsapi_base" +
				"&state=" + state + "&agentid=1000002#wechat_redirect"},
		{"the in-client page with consent", wecom.App{Page: page(wecom.InClient), PrivateInfo: true}, "https://a/b",
			"https://open.weixin.qq.com/connect/oauth2/authorize?appid=ww0123456789abcdef" +
				"&redirect_uri=https%3A%2F%2Fa%2Fb&response_type=code&scope=snsapi_privateinfo" +
				"&state=" + state + "&agentid=1000002#wechat_redirect"},
		{"the desktop page has no scope", wecom.App{Page: page(wecom.WebLogin), PrivateInfo: true}, "https://app.example.com/auth/callback",
			"https://login.work.weixin.qq.com/wwlogin/sso/login?login_type=CorpApp&appid=ww0123456789abcdef" +
				"&agentid=1000002&redirect_uri=https%3A%2F%2Fapp.example.com%2Fauth%2Fcallback&state=" + state},
		{"no page", wecom.App{Page: page(wecom.Guide)}, "https://a/b", ""},
		{"Page sees the User-Agent", wecom.App{Page: byAgent, LoginURL: "https://qr.example.com"}, "https://a/b",
			"https://qr.example.com/wwlogin/sso/login?login_type=CorpApp&appid=ww0123456789abcdef" +
				"&agentid=1000002&redirect_uri=https%3A%2F%2Fa%2Fb&state=" + state},
		{"a port, an escape and a plus are escaped once", wecom.App{Page: page(wecom.InClient)}, "http://10.0.0.1:8080/a%20b/c+d/中",
			"https://open.weixin.qq.com/connect/oauth2/authorize?appid=ww0123456789abcdef" +
				"&redirect_uri=http%3A%2F%2F10.0.0.1%3A8080%2Fa%2520b%2Fc%2Bd%2F%E4%B8%AD&response_type=code&scope=snsapi_base" +
				"&state=" + state + "&agentid=1000002#wechat_redirect"},
		{"an ampersand and a fragment stay inside the redirect address", wecom.App{Page: page(wecom.InClient)}, "https://a/b?x=1&agentid=9#f",
			"https://open.weixin.qq.com/connect/oauth2/authorize?appid=ww0123456789abcdef" +
				"&redirect_uri=https%3A%2F%2Fa%2Fb%3Fx%3D1%26agentid%3D9%23f&response_type=code&scope=snsapi_base" +
				"&state=" + state + "&agentid=1000002#wechat_redirect"},
		{"a private edition with a port and a path", wecom.App{Page: page(wecom.InClient), OpenURL: "http://wx.corp.example:8090/gate/"}, "https://a/b",
			"http://wx.corp.example:8090/gate/connect/oauth2/authorize?appid=ww0123456789abcdef" +
				"&redirect_uri=https%3A%2F%2Fa%2Fb&response_type=code&scope=snsapi_base" +
				"&state=" + state + "&agentid=1000002#wechat_redirect"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.app.CorpID, tt.app.AgentID, tt.app.Secret = corpID, agentID, secret
			got := open(t, tt.app).AuthCodeURL(core.AuthRequest{
				RedirectURL: tt.redirect, State: state, UserAgent: "Desktop"})
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestDefaultPage(t *testing.T) {
	tests := []struct {
		name, userAgent string
		want            wecom.Page
		address         string // how the login's address begins
	}{
		{"WeCom on Android", "Mozilla/5.0 (Linux; Android 13; wv) Mobile Safari/537.36 wxwork/4.1.22 MicroMessenger/7.0.1", wecom.InClient, "https://open.weixin.qq.com/"},
		{"WeCom on Windows", "Mozilla/5.0 (Windows NT 10.0; WOW64) Chrome/107.0.5304.110 Safari/537.36 wxwork/4.1.10 (MicroMessenger/6.2) WindowsWechat", wecom.InClient, "https://open.weixin.qq.com/"},
		{"a private edition", "Mozilla/5.0 (Linux; Android 14) Mobile wxworklocal/3.2.200 wwlocal/3.2.200 wxwork/4.0.0", wecom.InClient, "https://open.weixin.qq.com/"},
		{"personal WeChat", "Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) Mobile/15E148 MicroMessenger/8.0.27(0x18001b36)", wecom.InClient, "https://open.weixin.qq.com/"},
		{"a desktop browser", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36", wecom.WebLogin, "https://login.work.weixin.qq.com/"},
		{"no User-Agent", "", wecom.WebLogin, "https://login.work.weixin.qq.com/"},
		{"a phone's own browser", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Mobile/15E148 Safari/604.1", wecom.Guide, ""},
	}
	c := open(t, newFake().app())
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := wecom.DefaultPage(tt.userAgent); got != tt.want {
				t.Errorf("DefaultPage = %d, want %d", got, tt.want)
			}
			got := c.AuthCodeURL(core.AuthRequest{RedirectURL: "https://a/b", State: "s", UserAgent: tt.userAgent})
			if !strings.HasPrefix(got, tt.address) || (got == "") != (tt.address == "") {
				t.Errorf("AuthCodeURL without a Page = %q, want %q...", got, tt.address)
			}
		})
	}
}
