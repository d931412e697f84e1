package wecom

import (
	"net/url"

	"github.com/wecomauth/wecomauth/core"
)

// Page is one of WeCom's login pages.
type Page uint8

const (
	// InClient is the silent page inside the WeCom client.
	// https://developer.work.weixin.qq.com/document/path/91022
	InClient Page = iota
	// WebLogin is the page with the QR code, for desktop browsers.
	// https://developer.work.weixin.qq.com/document/path/98152
	WebLogin
)

// AuthCodeURL returns the address of the page that App.Page picks.
func (c *client) AuthCodeURL(req core.AuthRequest) string {
	if c.app.Page != nil && c.app.Page(req.UserAgent) == WebLogin {
		return c.webLoginURL(req)
	}
	return c.inClientURL(req)
}

// inClientURL is built by hand: url.Values would sort the parameters, and the
// documented order costs nothing to keep.
// https://developer.work.weixin.qq.com/document/path/91022
func (c *client) inClientURL(req core.AuthRequest) string {
	return c.openURL + "/connect/oauth2/authorize" +
		"?appid=" + url.QueryEscape(c.app.CorpID) +
		"&redirect_uri=" + url.QueryEscape(req.RedirectURL) +
		"&response_type=code&scope=snsapi_base" +
		"&state=" + url.QueryEscape(req.State) +
		"&agentid=" + url.QueryEscape(c.app.AgentID) +
		"#wechat_redirect"
}

// https://developer.work.weixin.qq.com/document/path/98152
func (c *client) webLoginURL(req core.AuthRequest) string {
	return c.loginURL + "/wwlogin/sso/login?login_type=CorpApp" +
		"&appid=" + url.QueryEscape(c.app.CorpID) +
		"&agentid=" + url.QueryEscape(c.app.AgentID) +
		"&redirect_uri=" + url.QueryEscape(req.RedirectURL) +
		"&state=" + url.QueryEscape(req.State)
}
