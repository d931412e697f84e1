package wecom_test

import (
	"testing"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom"
)

func TestAuthCodeURL(t *testing.T) {
	web := func(string) wecom.Page { return wecom.WebLogin }
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
		{"the in-client page is the default", wecom.App{}, "https://app.example.com/auth/callback",
			"https://open.weixin.qq.com/connect/oauth2/authorize?appid=ww0123456789abcdef" +
				"&redirect_uri=https%3A%2F%2Fapp.example.com%2Fauth%2Fcallback&response_type=code&scope=snsapi_base" +
				"&state=" + state + "&agentid=1000002#wechat_redirect"},
		{"the desktop page", wecom.App{Page: web}, "https://app.example.com/auth/callback",
			"https://login.work.weixin.qq.com/wwlogin/sso/login?login_type=CorpApp&appid=ww0123456789abcdef" +
				"&agentid=1000002&redirect_uri=https%3A%2F%2Fapp.example.com%2Fauth%2Fcallback&state=" + state},
		{"Page sees the User-Agent", wecom.App{Page: byAgent, LoginURL: "https://qr.example.com"}, "https://a/b",
			"https://qr.example.com/wwlogin/sso/login?login_type=CorpApp&appid=ww0123456789abcdef" +
				"&agentid=1000002&redirect_uri=https%3A%2F%2Fa%2Fb&state=" + state},
		{"a port, an escape and a plus are escaped once", wecom.App{}, "http://10.0.0.1:8080/a%20b/c+d/中",
			"https://open.weixin.qq.com/connect/oauth2/authorize?appid=ww0123456789abcdef" +
				"&redirect_uri=http%3A%2F%2F10.0.0.1%3A8080%2Fa%2520b%2Fc%2Bd%2F%E4%B8%AD&response_type=code&scope=snsapi_base" +
				"&state=" + state + "&agentid=1000002#wechat_redirect"},
		{"an ampersand and a fragment stay inside the redirect address", wecom.App{}, "https://a/b?x=1&agentid=9#f",
			"https://open.weixin.qq.com/connect/oauth2/authorize?appid=ww0123456789abcdef" +
				"&redirect_uri=https%3A%2F%2Fa%2Fb%3Fx%3D1%26agentid%3D9%23f&response_type=code&scope=snsapi_base" +
				"&state=" + state + "&agentid=1000002#wechat_redirect"},
		{"a private edition with a port and a path", wecom.App{OpenURL: "http://wx.corp.example:8090/gate/"}, "https://a/b",
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
