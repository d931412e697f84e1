package wecom

import "github.com/wecomauth/wecomauth/core"

var (
	permRemedy = Text{"Give the app the permission for this call in the WeCom console.",
		"请在企业微信管理后台为应用开通该接口的权限。"}
	stateRemedy = Text{"Check in the WeCom console that the company and the app are in good standing and enabled.",
		"请在企业微信管理后台确认企业与应用状态正常、已启用。"}
	payRemedy = Text{"Renew the app or extend its licence with its provider.",
		"请联系应用的服务商续费或扩容。"}
	suiteRemedy = Text{"Copy SuiteID and SuiteSecret of the wecom.Suite from the service provider's console. A self-built app (自建应用) never meets this code: check its token source.",
		"请从服务商后台复制 wecom.Suite 的 SuiteID 和 SuiteSecret。自建应用不会遇到此错误码：请检查令牌源。"}
	suiteTicketRemedy = Text{"Check that the suite_ticket, which WeCom sends every ten minutes to the suite's instruction URL (指令回调URL), reaches Tickets.Set, in a store that all instances share; the next one mends it.",
		"请确认企业微信每十分钟推送到指令回调URL的 suite_ticket 已交给 Tickets.Set，且存储由所有实例共享；收到下一个后自动恢复。"}
	defectRemedy = Text{"Check that no proxy between this server and WeCom changes or drops the query and body of calls; if none does, report it as a defect of this module.",
		"请确认本服务器与企业微信之间没有代理改动或丢弃请求参数；如果没有，请作为本模块的缺陷反馈。"}
	foreignRemedy = Text{"No call of this module brings this code: look for other programs that use the app, and check APIURL.",
		"本模块的调用不会产生此错误码：请检查是否有其他程序在使用本应用，并检查 APIURL。"}
)

// standingCodes: what the company and the app may do.
var standingCodes = []ErrorCode{
	{40136, core.ErrMisconfigured, Text{"The app's trial has ended.", "应用试用到期。"}, payRemedy},
	{40137, core.ErrMisconfigured, Text{"The app's service has ended.", "应用服务到期。"}, payRemedy},
	{40138, core.ErrMisconfigured, Text{"More people use the app than are paid for.", "应用付费可用人数超限。"}, payRemedy},
	{40139, core.ErrMisconfigured, Text{"More people use the app than have been authorized.", "成员授权使用人数超限。"}, payRemedy},
	{40140, core.ErrMisconfigured,
		Text{"The company has installed another app of the same suite.", "企业安装了套件中的其他应用。"}, stateRemedy},
	{40141, core.ErrMisconfigured,
		Text{"The company's account is not in order.", "企业账号异常。"}, stateRemedy},
	{43009, core.ErrMisconfigured,
		Text{"The company is not verified.", "企业未验证主体。"},
		Text{"Have the company verified (企业认证) in the WeCom console.", "请在企业微信管理后台完成企业认证。"}},
	{48001, core.ErrMisconfigured,
		Text{"The app has not been given this interface.", "API 功能未授权。"}, permRemedy},
	{48002, core.ErrMisconfigured,
		Text{"The app may not call this interface.", "API 接口无权限调用。"}, permRemedy},
	{48004, core.ErrMisconfigured,
		Text{"The app's authorization does not exist or was withdrawn.", "授权关系无效：没有授权，或授权已被取消。"}, stateRemedy},
	{48005, core.ErrMisconfigured,
		Text{"The interface is no longer there.", "API 接口已废弃。"},
		Text{"Change LegacyUserInfo: this edition of WeCom no longer has the call.",
			"请更改 LegacyUserInfo 的设置：当前版本的企业微信已不再提供该接口。"}},
	{48006, core.ErrMisconfigured,
		Text{"The permission was withdrawn, because the app was not used for long.", "企业长时间未使用应用，接口权限被收回。"},
		Text{"Enable the API permission of the app again in the WeCom console: it was withdrawn for lack of use.",
			"请由企业管理员在企业微信管理后台重新启用应用的接口权限。"}},
	{48009, core.ErrMisconfigured,
		Text{"The contacts assistant may not read contacts from a new IP address.", "不再允许通讯录同步助手从新增 IP 读取通讯录详情。"},
		Text{"Set the Secret of a self-built app in place of the contacts assistant's (通讯录同步助手).",
			"请改用自建应用的 Secret，不要使用通讯录同步助手的 Secret。"}},
	{50003, core.ErrMisconfigured,
		Text{"The app is disabled.", "应用已禁用。"},
		Text{"Enable the app in the WeCom console.", "请在企业微信管理后台启用应用。"}},
	{60031, core.ErrMisconfigured,
		Text{"The app may not call any interface.", "当前应用已被禁止调用 API。"}, stateRemedy},
	{301007, core.ErrMisconfigured,
		Text{"The company was dissolved or banned.", "企业不可用，可能已解散或被封禁。"}, stateRemedy},
}

// suiteCodes belong to third-party apps.
var suiteCodes = []ErrorCode{
	{40080, core.ErrMisconfigured, Text{"The suite's secret is not valid.", "不合法的 suite_secret。"}, suiteRemedy},
	{40082, core.ErrMisconfigured, Text{"The suite's token is not valid.", "不合法的 suite_token。"}, suiteRemedy},
	{40083, core.ErrMisconfigured, Text{"The suite's id is not valid.", "不合法的 suite_id。"}, suiteRemedy},
	{40084, core.ErrMisconfigured, Text{"The permanent_code is not valid.", "不合法的 permanent_code。"}, suiteRemedy},
	{40085, core.ErrUnavailable, Text{"The suite_ticket does not exist or has expired.", "不合法的 suite_ticket：不存在或已失效。"}, suiteTicketRemedy},
	{40086, core.ErrMisconfigured, Text{"The id of a third-party app is not valid.", "不合法的第三方应用 appid。"}, suiteRemedy},
	{41021, core.ErrMisconfigured, Text{"The suite_id is missing.", "缺少 suite_id 参数。"}, suiteRemedy},
	{41022, core.ErrMisconfigured, Text{"The suite_access_token is missing.", "缺少 suite_access_token 参数。"}, suiteRemedy},
	{41023, core.ErrUnavailable, Text{"The suite_ticket is missing.", "缺少 suite_ticket 参数。"}, suiteTicketRemedy},
	{41024, core.ErrMisconfigured, Text{"The suite's secret is missing.", "缺少 secret 参数。"}, suiteRemedy},
	{41025, core.ErrMisconfigured, Text{"The permanent_code is missing.", "缺少 permanent_code 参数。"}, suiteRemedy},
	{42009, core.ErrMisconfigured, Text{"The suite_access_token has expired.", "suite_access_token 已过期。"}, suiteRemedy},
	{48003, core.ErrMisconfigured, Text{"The suite's id does not fit its token.", "不合法的 suite_id：与 suite_access_token 不匹配。"}, suiteRemedy},
}

// defectCodes: this module, or a proxy, has sent a malformed call.
var defectCodes = []ErrorCode{
	{40058, core.ErrInternal, Text{"A parameter is not valid.", "不合法的参数。"}, defectRemedy},
	{40063, core.ErrInternal, Text{"A parameter is empty.", "参数为空。"}, defectRemedy},
	{41001, core.ErrInternal, Text{"The access token is missing from the call.", "调用缺少 access_token 参数。"}, defectRemedy},
	{41009, core.ErrInternal, Text{"The userid is missing from the call.", "调用缺少 userid 参数。"}, defectRemedy},
}

// foreignCodes: nothing that a login calls sends these.
var foreignCodes = []ErrorCode{
	{40073, core.ErrBadAnswer, Text{"The openid is not valid.", "不合法的 openid。"}, foreignRemedy},
	{43016, core.ErrBadAnswer,
		Text{"The open-data component (opendata) has no logged-in member.", "通讯录展示组件（opendata）未获取到用户登录信息。"}, foreignRemedy},
	{43017, core.ErrBadAnswer,
		Text{"The open-data component's request failed its check.", "用户 OpenData 请求校验失败。"}, foreignRemedy},
	{84025, core.ErrBadAnswer,
		Text{"The state is not 1 to 128 letters and digits. (Sent for registration links.)",
			"不符合要求的 state：须为 [a-zA-Z0-9]，不超过 128 字节。（用于注册链接。）"}, foreignRemedy},
	{301025, core.ErrBadAnswer,
		Text{"A parameter of the approval interface is not valid.", "审批接口参数错误。"}, foreignRemedy},
}
