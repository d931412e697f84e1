package wecom

import "github.com/wecomauth/wecomauth/core"

// class is what an error code means for a login.
type class struct {
	kind   *core.Kind
	remedy string // one sentence for an administrator
}

// serverIP stands in a remedy where the address goes, if WeCom has named it.
const serverIP = "this server's IP address"

const (
	waitRemedy  = "Wait; if it lasts, look at WeCom's service status."
	againRemedy = "Nothing is wrong: the code was used, has expired or is another app's, and the login starts again."
	rangeRemedy = "Add the person to the app's visible range (可见范围) if they should have access."
	leftRemedy  = "Check in the WeCom contacts that the account exists, is active and has joined the company."
	tokenRemedy = "Check that nothing but this service's token source, or the central one, supplies the access tokens of this app."
	permRemedy  = "Give the app the permission for this call in the WeCom console."
	stateRemedy = "Check in the WeCom console that the company and the app are in good standing and enabled."
)

// codes are the error codes that matter for a login.
// https://developer.work.weixin.qq.com/document/path/90313
var codes = map[int]class{
	// WeCom is busy or limits us.
	-1:    {core.ErrUnavailable, waitRemedy},
	6000:  {core.ErrUnavailable, waitRemedy},
	45009: {core.ErrUnavailable, "Find what calls WeCom so often, or with a wrong Secret, from " + serverIP + ", and wait out the block."},
	45033: {core.ErrUnavailable, "Lower the number of simultaneous calls to WeCom from this app and company."},

	// The code is spent: a new login brings a new one.
	40029: {core.ErrCodeInvalid, againRemedy},
	40078: {core.ErrCodeInvalid, againRemedy},
	40163: {core.ErrCodeInvalid, againRemedy},
	41008: {core.ErrCodeInvalid, againRemedy},
	42003: {core.ErrCodeInvalid, againRemedy},
	42007: {core.ErrCodeInvalid, againRemedy},
	42022: {core.ErrCodeInvalid, againRemedy},

	// The person.
	40003: {core.ErrNotMember, leftRemedy},
	43004: {core.ErrNotMember, leftRemedy},
	60111: {core.ErrNotMember, leftRemedy},
	50002: {core.ErrNotVisible, rangeRemedy},
	60011: {core.ErrNotVisible, rangeRemedy},
	60021: {core.ErrNotVisible, rangeRemedy},
	92000: {core.ErrNotVisible, rangeRemedy},

	// The access token. It has been renewed once when this is final.
	40014: {core.ErrMisconfigured, tokenRemedy},
	42001: {core.ErrMisconfigured, tokenRemedy},

	// The settings of this service.
	40001:   {core.ErrMisconfigured, "Check that Secret is the current secret of this app, and that the app is enabled."},
	40013:   {core.ErrMisconfigured, "Check CorpID against 我的企业 > 企业信息 > 企业ID in the WeCom console."},
	40056:   {core.ErrMisconfigured, "Check AgentID against the app's page in the WeCom console."},
	40066:   {core.ErrMisconfigured, "Check APIURL: WeCom does not know the path of the call."},
	40091:   {core.ErrMisconfigured, "Check that CorpID and Secret belong to the same company and the same app."},
	41002:   {core.ErrMisconfigured, "Set CorpID, and check that no proxy drops the query of the call."},
	41004:   {core.ErrMisconfigured, "Set Secret, and check that no proxy drops the query of the call."},
	41011:   {core.ErrMisconfigured, "Set LegacyUserInfo: this edition of WeCom wants an agentid."},
	43003:   {core.ErrMisconfigured, "Use https in APIURL."},
	301002:  {core.ErrMisconfigured, "Check AgentID, Secret and the token source: the access token is the token of another app."},
	2000002: {core.ErrMisconfigured, "Check CorpID against 我的企业 > 企业信息 > 企业ID in the WeCom console."},

	// The settings in WeCom's console.
	40057: {core.ErrMisconfigured, "Check the callback address in the WeCom console."},
	43012: {core.ErrMisconfigured, "Set the callback address that the app's page in the WeCom console asks for."},
	45031: {core.ErrMisconfigured, "Reset the app's secret in the WeCom console and set the new one: WeCom holds this one to be unsafe."},
	48010: {core.ErrMisconfigured, "Let this server use TLS 1.2 or later towards WeCom."},
	50001: {core.ErrMisconfigured, "Make the host of the callback a trusted domain (可信域名) of the app in the WeCom console, " +
		"and check that CorpID, AgentID and Secret are of one app: the code may be the code of another app."},
	60020: {core.ErrMisconfigured, "Add " + serverIP + " to the app's trusted IPs (企业可信IP) in the WeCom console and wait a minute."},
	80001: {core.ErrMisconfigured, "Make the host of the page a trusted domain (可信域名) of the app in the WeCom console."},
	85005: {core.ErrMisconfigured, "Verify the ownership of the trusted domain (可信域名) in the WeCom console."},
	85008: {core.ErrMisconfigured, "Use a trusted domain (可信域名) whose ICP filing is in order."},

	// The company or the app itself.
	40136:  {core.ErrMisconfigured, stateRemedy},
	40137:  {core.ErrMisconfigured, stateRemedy},
	40138:  {core.ErrMisconfigured, stateRemedy},
	40139:  {core.ErrMisconfigured, stateRemedy},
	40140:  {core.ErrMisconfigured, stateRemedy},
	40141:  {core.ErrMisconfigured, stateRemedy},
	43009:  {core.ErrMisconfigured, "Have the company verified (企业认证) in the WeCom console."},
	48001:  {core.ErrMisconfigured, permRemedy},
	48002:  {core.ErrMisconfigured, permRemedy},
	48003:  {core.ErrMisconfigured, stateRemedy},
	48004:  {core.ErrMisconfigured, stateRemedy},
	48005:  {core.ErrMisconfigured, "Change LegacyUserInfo: this edition of WeCom no longer has the call."},
	48006:  {core.ErrMisconfigured, "Enable the API permission of the app again in the WeCom console: it was withdrawn for lack of use."},
	48009:  {core.ErrMisconfigured, permRemedy},
	50003:  {core.ErrMisconfigured, "Enable the app in the WeCom console."},
	60031:  {core.ErrMisconfigured, stateRemedy},
	301007: {core.ErrMisconfigured, stateRemedy},
}
