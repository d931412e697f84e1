package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
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
		return finding{wrong, err.Error(), wecom.Text{
			EN: "Set WECOM_CORP_ID, WECOM_AGENT_ID, WECOM_SECRET and BASE_URL as the service has them.",
			ZH: "请按服务实际使用的值设置 WECOM_CORP_ID、WECOM_AGENT_ID、WECOM_SECRET 和 BASE_URL。"}}
	}
	if u, _ := url.Parse(p.baseURL); u.Scheme == "http" && u.Hostname() != "localhost" {
		return finding{warning, p.baseURL, wecom.Text{
			EN: "BASE_URL is http: anyone on the way can read sessions. Use https, and https in BASE_URL where a proxy speaks it for the service.",
			ZH: "BASE_URL 使用 http，途中任何人都能读取会话。请使用 https；若由反向代理提供 https，BASE_URL 也应写 https。"}}
	}
	return fine("%s", p.baseURL)
}

// reach opens a connection to WeCom and gets any answer.
func (p *patient) reach(ctx context.Context) finding {
	res, err := p.call(ctx, "getcallbackip", nil)
	if err != nil {
		return finding{wrong, err.Error(), wecom.Text{
			EN: "This machine cannot reach " + p.api() + ". Open the firewall for outgoing https to it; set HTTPS_PROXY if there is a proxy.",
			ZH: "本机无法访问 " + p.api() + "。请放通到该地址的 https 出站访问；如需代理请设置 HTTPS_PROXY。"}}
	}
	return fine("%s answers with %d", p.api(), res.StatusCode)
}

// clock compares with WeCom's Date header.
func (p *patient) clock(ctx context.Context) finding {
	res, err := p.call(ctx, "getcallbackip", nil)
	if err != nil {
		return finding{}
	}
	theirs, err := http.ParseTime(res.Header.Get("Date"))
	if err != nil {
		return finding{what: "WeCom sent no date"}
	}
	off := p.now().Sub(theirs).Round(time.Second)
	if off.Abs() > 30*time.Second {
		return finding{wrong, "off by " + off.String(), wecom.Text{
			EN: "Set the clock, by NTP: logins expire by it, and instances compare times.",
			ZH: "请用 NTP 校准时钟：登录有效期依赖本机时间，多实例之间也会比较时间。"}}
	}
	return fine("off by %s", off)
}

// secret gets an access token.
func (p *patient) secret(ctx context.Context) finding {
	tokens, err := p.app.NewTokenSource()
	if err != nil {
		return finding{}
	}
	if p.token, err = tokens.Token(ctx, ""); err != nil {
		return refusal(err)
	}
	return fine("WeCom gives an access token")
}

// agent is how the app is set up in the console.
// https://developer.work.weixin.qq.com/document/path/90227
type agent struct {
	Code       int    `json:"errcode"`
	Msg        string `json:"errmsg"`
	Name       string `json:"name"`
	Close      int    `json:"close"`
	Domain     string `json:"redirect_domain"`
	AllowUsers struct {
		User []json.RawMessage `json:"user"`
	} `json:"allow_userinfos"`
	AllowParties struct {
		ID []int `json:"partyid"`
	} `json:"allow_partys"`
	AllowTags struct {
		ID []int `json:"tagid"`
	} `json:"allow_tags"`
}

// console reads the app's settings, which is also the first call that WeCom
// refuses to an address that is not listed.
func (p *patient) console(ctx context.Context) finding {
	if p.token == "" {
		return finding{}
	}
	res, err := p.call(ctx, "agent/get", url.Values{"access_token": {p.token}, "agentid": {p.app.AgentID}})
	if err != nil {
		return finding{state: wrong, what: err.Error()}
	}
	if err := json.Unmarshal(res.body, &p.agent); err != nil {
		p.agent = agent{}
		return finding{state: wrong, what: "agent/get answers with something that is not JSON"}
	}
	if p.agent.Code != 0 {
		return refusal(&wecom.APIError{API: "agent/get", Code: p.agent.Code, Msg: p.agent.Msg})
	}
	return fine("the app is called %q", p.agent.Name)
}

func (p *patient) knows() bool { return p.agent.Name != "" && p.agent.Code == 0 }

func (p *patient) switchedOn(context.Context) finding {
	switch {
	case !p.knows():
		return finding{}
	case p.agent.Close != 0:
		return finding{wrong, "switched off", wecom.Text{
			EN: "Switch the app on: 应用管理 > the app > 启用.", ZH: "请在管理后台启用该应用：应用管理 > 该应用 > 启用。"}}
	}
	return fine("")
}

func (p *patient) visible(context.Context) finding {
	people, parties, tags := len(p.agent.AllowUsers.User), len(p.agent.AllowParties.ID), len(p.agent.AllowTags.ID)
	switch {
	case !p.knows():
		return finding{}
	case people+parties+tags == 0:
		return finding{wrong, "nobody", wecom.Text{
			EN: "Nobody is in the app's visible range, so that everybody is refused: add people or departments (可见范围).",
			ZH: "应用的可见范围为空，所有人都会被拒绝。请添加成员或部门。"}}
	}
	return fine("%d people, %d departments, %d tags", people, parties, tags)
}

// domain compares the trusted domain with BaseURL's host, as WeCom does: to the
// letter, port included.
func (p *patient) domain(context.Context) finding {
	u, err := url.Parse(p.baseURL)
	switch {
	case err != nil || !p.knows():
		return finding{}
	case p.agent.Domain == "":
		return finding{wrong, "none is set", wecom.Text{
			EN: "Set the app's trusted domain to " + u.Host + ": the app > 网页授权及JS-SDK > 设置可信域名.",
			ZH: "请把应用的可信域名设为 " + u.Host + "：该应用 > 网页授权及JS-SDK > 设置可信域名。"}}
	case !strings.EqualFold(p.agent.Domain, u.Host):
		return finding{wrong, p.agent.Domain + ", but BASE_URL's host is " + u.Host, wecom.Text{
			EN: "Make them the same, port included, or WeCom shows “redirect_uri 需使用应用可信域名”.",
			ZH: "两者必须一致（含端口），否则企业微信会提示“redirect_uri 需使用应用可信域名”。"}}
	}
	return fine("%s", p.agent.Domain)
}

// refusal is a finding about an error of WeCom's, with the remedy of its code.
func refusal(err error) finding {
	f := finding{state: wrong, what: err.Error()}
	if e := (*wecom.APIError)(nil); errors.As(err, &e) {
		f.what, f.fix.EN = strings.TrimSuffix(strings.TrimSuffix(err.Error(), e.Remedy()), ": "), e.Remedy()
		for _, row := range wecom.ErrorCodes() {
			if row.Code == e.Code {
				f.fix.ZH = row.Remedy.ZH
			}
		}
	}
	return f
}

type answer struct {
	*http.Response
	body []byte
}

func (p *patient) api() string {
	if p.app.APIURL != "" {
		return p.app.APIURL
	}
	return "https://qyapi.weixin.qq.com"
}

// call makes an API call. Its error does not hold the address, in which the
// token is.
func (p *patient) call(ctx context.Context, api string, q url.Values) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.api()+"/cgi-bin/"+api+"?"+q.Encode(), http.NoBody)
	if err != nil {
		return answer{}, errors.New("WECOM_API_URL is no address")
	}
	client := p.app.HTTPClient
	if client == nil {
		client = http.DefaultClient
	}
	res, err := client.Do(req)
	if e := (*url.Error)(nil); errors.As(err, &e) {
		err = e.Err
	}
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	return answer{res, body}, err
}
