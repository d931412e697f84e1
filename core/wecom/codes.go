package wecom

import "github.com/wecomauth/wecomauth/core"

// Remedies that several codes share.
var (
	waitRemedy = Text{"Wait; if it lasts, look at WeCom's service status.",
		"请稍候；如持续出现，请查看企业微信的服务状态。"}
	againRemedy = Text{"Nothing is wrong: the code was used, has expired or is another app's, and the login starts again.",
		"无需处理：code 已使用、已过期，或属于其他应用，登录会自动重新开始。"}
	rangeRemedy = Text{"Add the person to the app's visible range (可见范围) if they should have access.",
		"如该成员应当有权访问，请把他加入应用的可见范围。"}
	leftRemedy = Text{"Check in the WeCom contacts that the account exists, is active and has joined the company.",
		"请在企业微信通讯录中确认该账号存在、已激活，并已加入企业。"}
	ticketRemedy = Text{"Nothing is wrong: the person is logged in, without details; the next login brings a new ticket.",
		"无需处理：成员已登录，只是没有敏感信息；下次登录会得到新的票据。"}
)

// busyCodes: WeCom is busy or limits us.
var busyCodes = []ErrorCode{
	{-1, core.ErrUnavailable,
		Text{"WeCom is busy.", "企业微信系统繁忙。"}, waitRemedy},
	{6000, core.ErrUnavailable,
		Text{"Two callers changed the same data at once.", "数据版本冲突：多个调用方同时修改了同一数据。"}, waitRemedy},
	{45009, core.ErrUnavailable,
		Text{"Too many calls, or a block after many calls with a wrong Secret or code.",
			"接口调用超过频率限制，或因多次使用错误的 Secret 或 code 而被暂时封禁。"},
		Text{"Find what calls WeCom so often, or with a wrong Secret, from " + serverIP + ", and wait out the block.",
			"请查明本服务器的 IP 上是什么程序在频繁调用企业微信，或在使用错误的 Secret，并等待封禁结束。"}},
	{45033, core.ErrUnavailable,
		Text{"Too many calls at the same time.", "接口并发调用超过限制。"},
		Text{"Lower the number of simultaneous calls to WeCom from this app and company.",
			"请降低本应用及本企业对企业微信的并发调用数。"}},
}

// spentCodes: a new login brings a new code.
var spentCodes = []ErrorCode{
	{40029, core.ErrCodeInvalid,
		Text{"The code is not valid: used, older than five minutes, or another app's.",
			"不合法的 code：已使用、超过五分钟，或属于其他应用。"}, againRemedy},
	{40078, core.ErrCodeInvalid,
		Text{"The auth_code is not valid or was used.", "不合法的 auth_code，或已被使用。"}, againRemedy},
	{40163, core.ErrCodeInvalid,
		Text{"The code was used. (A code of WeChat's public accounts, not on WeCom's list.)",
			"code 已被使用。（这是微信公众号的错误码，不在企业微信的列表中。）"}, againRemedy},
	{41008, core.ErrCodeInvalid,
		Text{"The code is missing from the call.", "调用缺少 code 参数。"},
		Text{"Check that no proxy between this server and WeCom drops the query of the call; the login starts again.",
			"请确认本服务器与企业微信之间没有代理丢弃请求的查询参数；登录会自动重新开始。"}},
	{42003, core.ErrCodeInvalid,
		Text{"The code has expired.", "code 已过期。"}, againRemedy},
	{42007, core.ErrCodeInvalid,
		Text{"The pre_auth_code has expired.", "pre_auth_code 已过期。"}, againRemedy},
	{42022, core.ErrCodeInvalid,
		Text{"The code was used: it can be used once only.", "code 已被使用过，只能使用一次。"}, againRemedy},
}

// personCodes: WeCom does not know the person, or not for this app.
var personCodes = []ErrorCode{
	{40003, core.ErrNotMember,
		Text{"The userid is not valid.", "无效的 UserID。"}, leftRemedy},
	{43004, core.ErrNotMember,
		Text{"The userid is not bound to WeChat.", "该 userid 未绑定微信，或未关注微信插件。"}, leftRemedy},
	{60111, core.ErrNotMember,
		Text{"The userid does not exist, or is out of the app's visible range.", "UserID 不存在，或不在应用可见范围内。"},
		Text{"Check in the WeCom contacts that the account exists and has joined the company, and that it is in the app's visible range (可见范围).",
			"请在企业微信通讯录中确认该账号存在并已加入企业，且在应用的可见范围内。"}},
	{50002, core.ErrNotVisible,
		Text{"The person is out of the range of the app or of the administrators' group.", "成员不在应用或管理组的权限范围内。"}, rangeRemedy},
	{60011, core.ErrNotVisible,
		Text{"The app may not read this member, department or tag.", "应用对指定的成员、部门或标签没有权限。"}, rangeRemedy},
	{60021, core.ErrNotVisible,
		Text{"The userid is out of the app's visible range.", "userid 不在应用可见范围内。"}, rangeRemedy},
	{92000, core.ErrNotVisible,
		Text{"The person is out of the app's visible range.", "成员不在应用可见范围之内。"}, rangeRemedy},
}

// ticketCodes come when the details are read, and never fail a login.
// https://developer.work.weixin.qq.com/document/path/95833
var ticketCodes = []ErrorCode{
	{84014, core.ErrCodeInvalid,
		Text{"The user_ticket has expired.", "成员票据 user_ticket 已过期。"}, ticketRemedy},
	{84015, core.ErrCodeInvalid,
		Text{"The user_ticket is not valid.", "成员票据 user_ticket 无效。"}, ticketRemedy},
	{84090, core.ErrInternal,
		Text{"The user_ticket is missing from the call.", "调用缺少 user_ticket。"},
		Text{"Check that no proxy between this server and WeCom drops the body of the call; the person is logged in, without details.",
			"请确认本服务器与企业微信之间没有代理丢弃请求正文；成员已登录，只是没有敏感信息。"}},
}
