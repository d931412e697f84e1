package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/wecomauth/wecomauth/core/wecom"
)

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
		ID []json.RawMessage `json:"partyid"`
	} `json:"allow_partys"`
	AllowTags struct {
		ID []json.RawMessage `json:"tagid"`
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
		return p.unreachable(err)
	}
	var a agent
	switch err := json.Unmarshal(res.body, &a); {
	case err != nil, a.Code == 0 && a.Name == "":
		return stranger("agent/get: " + res.Status)
	case a.Code != 0:
		return refusal(&wecom.APIError{API: "agent/get", Code: a.Code, Msg: a.Msg})
	}
	p.agent = &a
	return fine(fact(fmt.Sprintf("%q", a.Name)))
}

func (p *patient) switchedOn(context.Context) finding {
	switch {
	case p.agent == nil:
		return finding{}
	case p.agent.Close != 0:
		return finding{wrong, say("switched off", "已停用"), say(
			"Switch the app on: 应用管理 > the app > 启用.",
			"请在管理后台启用该应用：应用管理 > 该应用 > 启用。")}
	}
	return fine(wecom.Text{})
}

func (p *patient) visible(context.Context) finding {
	if p.agent == nil {
		return finding{}
	}
	people, parties, tags := len(p.agent.AllowUsers.User), len(p.agent.AllowParties.ID), len(p.agent.AllowTags.ID)
	if people+parties+tags == 0 {
		return finding{wrong, say("nobody", "无人可见"), say(
			"Nobody is in the app's visible range, so that everybody is refused: add people or departments (可见范围).",
			"应用的可见范围为空，所有人都会被拒绝。请添加成员或部门。")}
	}
	return fine(say(fmt.Sprintf("%d people, %d departments, %d tags", people, parties, tags),
		fmt.Sprintf("%d 名成员、%d 个部门、%d 个标签", people, parties, tags)))
}

// domain compares the trusted domain with BaseURL's host, as WeCom does: to the
// letter, with the port unless it is the scheme's own, which core leaves out.
func (p *patient) domain(context.Context) finding {
	u := p.base()
	if u == nil || p.agent == nil {
		return finding{}
	}
	host := strings.TrimSuffix(u.Host, map[string]string{"http": ":80", "https": ":443"}[u.Scheme])
	switch {
	case p.agent.Domain == "":
		return finding{wrong, say("none is set", "未设置"), say(
			"Set the app's trusted domain to "+host+": the app > 网页授权及JS-SDK > 设置可信域名.",
			"请把应用的可信域名设为 "+host+"：该应用 > 网页授权及JS-SDK > 设置可信域名。")}
	case !strings.EqualFold(p.agent.Domain, host):
		return finding{wrong, say(
			p.agent.Domain+", but BASE_URL's host is "+host,
			p.agent.Domain+"，而 BASE_URL 的主机名是 "+host), say(
			"Make them the same, port included, or WeCom shows “redirect_uri 需使用应用可信域名”.",
			"两者必须一致（含端口），否则企业微信会提示“redirect_uri 需使用应用可信域名”。")}
	}
	return fine(fact(p.agent.Domain))
}
