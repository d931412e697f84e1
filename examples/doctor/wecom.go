package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom"
)

// settings asks core.New, which makes no network call.
func (p *patient) settings(context.Context) finding {
	_, err := core.New(core.Config{Provider: p.app, BaseURL: p.baseURL, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return finding{wrong, fact(err.Error()), say(
			"Set WECOM_CORP_ID, WECOM_AGENT_ID, WECOM_SECRET and BASE_URL as the service has them; WECOM_API_URL and its like (APIURL …) for private editions only.",
			"请按服务实际使用的值设置 WECOM_CORP_ID、WECOM_AGENT_ID、WECOM_SECRET 和 BASE_URL；WECOM_API_URL 等（APIURL …）仅用于私有部署。")}
	}
	if u := p.base(); u.Scheme == "http" && !thisMachine(u.Hostname()) {
		return finding{warning, fact(p.baseURL), say(
			"BASE_URL is http: anyone on the way can read sessions. Use https, and https in BASE_URL where a proxy speaks it for the service.",
			"BASE_URL 使用 http，途中任何人都能读取会话。请使用 https；若由反向代理提供 https，BASE_URL 也应写 https。")}
	}
	return fine(fact(p.baseURL))
}

func thisMachine(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// reach asks WeCom something that needs a token, without one: WeCom says so.
func (p *patient) reach(ctx context.Context) finding {
	if p.api() == "" {
		return finding{}
	}
	res, err := p.call(ctx, "user/get", nil)
	if err != nil {
		return p.unreachable(err)
	}
	p.ours = p.now()
	p.theirs, _ = http.ParseTime(res.Header.Get("Date"))
	var body struct {
		Code json.RawMessage `json:"errcode"` // a number, or digits in quotes
	}
	if json.Unmarshal(res.body, &body) != nil || len(body.Code) == 0 {
		return stranger(res.Status)
	}
	p.reached = true
	return fine(say(p.api()+" answers", p.api()+" 有应答"))
}

func (p *patient) unreachable(err error) finding {
	return finding{wrong, fact(err.Error()), say(
		"This machine cannot reach "+p.api()+". Open the firewall for outgoing https to it; set HTTPS_PROXY if there is a proxy.",
		"本机无法访问 "+p.api()+"。请放通到该地址的 https 出站访问；如需代理请设置 HTTPS_PROXY。")}
}

// stranger is a finding about an answer that is not WeCom's.
func stranger(what string) finding {
	return finding{wrong, fact(what), say(
		"Something other than WeCom's API answers, or it is out of order: check WECOM_API_URL, and proxies and login portals between this machine and WeCom.",
		"应答的不是企业微信接口，或接口异常。请检查 WECOM_API_URL，以及本机与企业微信之间的代理、上网认证。")}
}

// clock compares with WeCom's Date header.
func (p *patient) clock(context.Context) finding {
	switch {
	case !p.reached:
		return finding{}
	case p.theirs.IsZero():
		return finding{what: say("WeCom sent no date", "企业微信未返回时间")}
	}
	off := p.ours.Sub(p.theirs).Round(time.Second)
	what := say("off by "+off.String(), "偏差 "+off.String())
	if off.Abs() > 30*time.Second {
		return finding{wrong, what, say(
			"Set the clock, by NTP: logins expire by it, and instances compare times.",
			"请用 NTP 校准时钟：登录有效期依赖本机时间，多实例之间也会比较时间。")}
	}
	return fine(what)
}

// secret gets an access token.
func (p *patient) secret(ctx context.Context) finding {
	tokens, err := p.app.NewTokenSource()
	if err != nil || !p.reached {
		return finding{}
	}
	p.token, err = tokens.Token(ctx, "")
	refused := (*wecom.APIError)(nil)
	switch {
	case errors.As(err, &refused):
		return refusal(refused)
	case errors.Is(err, core.ErrBadAnswer):
		return stranger(err.Error())
	case err != nil:
		return p.unreachable(err)
	}
	return fine(say("WeCom gives an access token", "已取得 access_token"))
}

// refusal is a finding about an error of WeCom's, with the remedy of its code.
func refusal(e *wecom.APIError) finding {
	lookUp := fmt.Sprintf("https://open.work.weixin.qq.com/devtool/query?e=%d", e.Code)
	what := fmt.Sprintf("%s: errcode %d (%s)", e.API, e.Code, e.Msg)
	f := finding{wrong, fact(what), say(e.Remedy(), "请在 "+lookUp+" 查询该错误码。")}
	for _, row := range wecom.ErrorCodes() {
		if row.Code == e.Code {
			f.what.ZH, f.fix.ZH = row.Meaning.ZH, row.Remedy.ZH
		}
	}
	return f
}

// api is where WeCom is, or "" if settings finds that this is no address.
func (p *patient) api() string {
	if p.app.APIURL == "" {
		return "https://qyapi.weixin.qq.com"
	}
	u, err := url.Parse(p.app.APIURL)
	if err != nil || u.Hostname() == "" || u.User != nil || strings.ContainsAny(p.app.APIURL, "?#") {
		return ""
	}
	return strings.TrimRight(p.app.APIURL, "/")
}

type answer struct {
	*http.Response
	body []byte
}

// call makes an API call. Its error does not hold the address, in which the
// token is.
func (p *patient) call(ctx context.Context, api string, q url.Values) (answer, error) {
	var client http.Client
	if p.app.HTTPClient != nil {
		client = *p.app.HTTPClient
	}
	return get(ctx, client, p.api()+"/cgi-bin/"+api+"?"+q.Encode(), 16<<20) // a visible range may have 100,000 people
}

// get reads an answer of at most limit bytes. It does not follow redirects, which
// would tell a token to another host, and take a login for the page behind it.
func get(ctx context.Context, client http.Client, address string, limit int64) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return answer{}, bare(err)
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := client.Do(req)
	if err != nil {
		return answer{}, bare(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, limit))
	if err != nil {
		return answer{}, bare(err)
	}
	return answer{res, body}, nil
}
