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
func (c *client) AuthCodeURL(req core.AuthRequest) string { return c.login(c.app.Page, req) }

// login is the address of the page that pick, or DefaultPage, picks.
func (s settings) login(pick func(userAgent string) Page, req core.AuthRequest) string {
	if pick == nil {
		pick = DefaultPage
	}
	switch pick(req.UserAgent) {
	case WebLogin:
		return s.webLogin.with(req)
	case Guide:
		return ""
	default:
		return s.inClient.with(req)
	}
}

// piecewise is a login page's address in pieces, around redirect_uri and state:
// the rest is the same for every login.
type piecewise struct{ before, between, after string }

func (p piecewise) with(req core.AuthRequest) string {
	return p.before + url.QueryEscape(req.RedirectURL) + p.between + url.QueryEscape(req.State) + p.after
}

// inClientPage is written by hand: url.Values would sort the parameters, and the
// documented order costs nothing to keep.
// https://developer.work.weixin.qq.com/document/path/91022
func (a App) inClientPage(openURL string) piecewise {
	scope := "snsapi_base"
	if a.PrivateInfo {
		scope = "snsapi_privateinfo"
	}
	return piecewise{
		openURL + "/connect/oauth2/authorize?appid=" + url.QueryEscape(a.CorpID) + "&redirect_uri=",
		"&response_type=code&scope=" + scope + "&state=",
		"&agentid=" + url.QueryEscape(a.AgentID) + "#wechat_redirect",
	}
}

// webLoginPage has no scope: it shows no consent and brings no user_ticket.
// https://developer.work.weixin.qq.com/document/path/98152
func (a App) webLoginPage(loginURL string) piecewise {
	return piecewise{
		loginURL + "/wwlogin/sso/login?login_type=CorpApp&appid=" + url.QueryEscape(a.CorpID) +
			"&agentid=" + url.QueryEscape(a.AgentID) + "&redirect_uri=",
		"&state=",
		"",
	}
}
