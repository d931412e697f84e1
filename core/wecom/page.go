package wecom

import (
	"net/url"

	"github.com/wecomauth/wecomauth/core"
)

// Page is one of WeCom's login pages, or none.
type Page uint8

const (
	// InClient is the page inside the WeCom client: silent, or with a consent
	// page if App.PrivateInfo is set.
	// https://developer.work.weixin.qq.com/document/path/91022
	InClient Page = iota
	// WebLogin is the page with the QR code, for desktop browsers.
	// https://developer.work.weixin.qq.com/document/path/98152
	WebLogin
	// Guide says that no WeCom page works here: core asks the person to open
	// the page in WeCom.
	Guide
)

// DefaultPage picks the page for a User-Agent header: InClient in WeCom, its
// private edition and personal WeChat (which WeCom answers with an openid,
// unless the person is an employee who uses WeCom through WeChat), WebLogin in
// a desktop browser, Guide in a browser on a phone, for which WeCom has no page.
// https://developer.work.weixin.qq.com/document/path/90315
func DefaultPage(userAgent string) Page {
	switch core.ParseAgent(userAgent) {
	case core.AgentWeCom, core.AgentWeComLocal, core.AgentWeChat:
		return InClient
	case core.AgentPhone:
		return Guide
	default:
		return WebLogin
	}
}

// AuthCodeURL returns the address of the page that App.Page picks, or "" for
// Guide.
func (c *client) AuthCodeURL(req core.AuthRequest) string {
	pick := c.app.Page
	if pick == nil {
		pick = DefaultPage
	}
	switch pick(req.UserAgent) {
	case WebLogin:
		return c.webLoginURL(req)
	case Guide:
		return ""
	default:
		return c.inClientURL(req)
	}
}

// inClientURL is built by hand: url.Values would sort the parameters, and the
// documented order costs nothing to keep.
// https://developer.work.weixin.qq.com/document/path/91022
func (c *client) inClientURL(req core.AuthRequest) string {
	scope := "snsapi_base"
	if c.app.PrivateInfo {
		scope = "snsapi_privateinfo"
	}
	return c.openURL + "/connect/oauth2/authorize" +
		"?appid=" + url.QueryEscape(c.app.CorpID) +
		"&redirect_uri=" + url.QueryEscape(req.RedirectURL) +
		"&response_type=code&scope=" + scope +
		"&state=" + url.QueryEscape(req.State) +
		"&agentid=" + url.QueryEscape(c.app.AgentID) +
		"#wechat_redirect"
}

// webLoginURL has no scope: this page shows no consent and brings no user_ticket.
// https://developer.work.weixin.qq.com/document/path/98152
func (c *client) webLoginURL(req core.AuthRequest) string {
	return c.loginURL + "/wwlogin/sso/login?login_type=CorpApp" +
		"&appid=" + url.QueryEscape(c.app.CorpID) +
		"&agentid=" + url.QueryEscape(c.app.AgentID) +
		"&redirect_uri=" + url.QueryEscape(req.RedirectURL) +
		"&state=" + url.QueryEscape(req.State)
}
