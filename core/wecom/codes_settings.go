package wecom

import "github.com/wecomauth/wecomauth/core"

var (
	tokenRemedy = Text{"Check that nothing but this service's token source, or the central one, supplies the access tokens of this app.",
		"请确认本应用的 access_token 只由本服务的令牌源（或统一的令牌服务）提供。"}
	corpIDRemedy = Text{"Check CorpID against 我的企业 > 企业信息 > 企业ID in the WeCom console.",
		"请在企业微信管理后台“我的企业 > 企业信息 > 企业ID”核对 CorpID。"}
)

// tokenCodes: the token has been renewed once when one of these is final.
// https://developer.work.weixin.qq.com/document/path/91039
var tokenCodes = []ErrorCode{
	{40014, core.ErrMisconfigured,
		Text{"The access token is not valid: expired, or another app's.", "不合法的 access_token：已失效，或属于其他应用。"}, tokenRemedy},
	{42001, core.ErrMisconfigured,
		Text{"The access token has expired.", "access_token 已过期。"}, tokenRemedy},
	{301002, core.ErrMisconfigured,
		Text{"The access token may not act for this app.", "无权限操作指定的应用：access_token 与 AgentID 不匹配。"},
		Text{"Check AgentID, Secret and the token source: the access token is the token of another app.",
			"请核对 AgentID、Secret 和令牌源：当前 access_token 属于其他应用。"}},
}

// settingCodes: the settings of this service.
var settingCodes = []ErrorCode{
	{40001, core.ErrMisconfigured,
		Text{"The Secret is wrong, was reset, or its app is disabled.", "不合法的 Secret：填写有误、已被重置，或应用已停用。"},
		Text{"Check that Secret is the current secret of this app, and that the app is enabled.",
			"请确认 Secret 是本应用当前的 Secret，且应用已启用。"}},
	{40013, core.ErrMisconfigured,
		Text{"The CorpID is not valid.", "不合法的 CorpID。"}, corpIDRemedy},
	{40056, core.ErrMisconfigured,
		Text{"The AgentID is not valid.", "不合法的 AgentID。"},
		Text{"Check AgentID against the app's page in the WeCom console.", "请在企业微信管理后台的应用详情页核对 AgentID。"}},
	{40066, core.ErrMisconfigured,
		Text{"A list of departments is not valid; with WeChat's other interfaces, the path is unknown.",
			"不合法的部门列表；在微信的其他接口中表示路径不存在。"},
		Text{"Check APIURL: no call of this package names departments, so that something else than WeCom's interface was reached.",
			"请检查 APIURL：本模块的调用不涉及部门列表，请求可能到达了其他接口。"}},
	{40091, core.ErrMisconfigured,
		Text{"The Secret is another company's, or of another kind.", "Secret 不合法，可能属于其他企业或其他类型的应用。"},
		Text{"Check that CorpID and Secret belong to the same company and the same app.",
			"请确认 CorpID 与 Secret 属于同一企业的同一应用。"}},
	{41002, core.ErrMisconfigured,
		Text{"The CorpID is missing from the call.", "调用缺少 corpid 参数。"},
		Text{"Set CorpID, and check that no proxy drops the query of the call.",
			"请设置 CorpID，并确认没有代理丢弃请求的查询参数。"}},
	{41004, core.ErrMisconfigured,
		Text{"The Secret is missing from the call.", "调用缺少 corpsecret 参数。"},
		Text{"Set Secret, and check that no proxy drops the query of the call.",
			"请设置 Secret，并确认没有代理丢弃请求的查询参数。"}},
	{41011, core.ErrMisconfigured,
		Text{"The agentid is missing from the call.", "调用缺少 agentid 参数。"},
		Text{"Set LegacyUserInfo: this edition of WeCom wants an agentid.",
			"请设置 LegacyUserInfo：当前版本的企业微信要求 agentid。"}},
	{43003, core.ErrMisconfigured,
		Text{"The call must use https. (Sent by old editions.)", "接口要求使用 https。（旧版本的错误码。）"},
		Text{"Use https in APIURL.", "请在 APIURL 中使用 https。"}},
	{45031, core.ErrMisconfigured,
		Text{"WeCom holds the Secret to be unsafe.", "企业微信认为 Secret 不够安全。"},
		Text{"Reset the app's secret in the WeCom console and set the new one: WeCom holds this one to be unsafe.",
			"请在企业微信管理后台重置应用的 Secret，并改用新的 Secret。"}},
	{48010, core.ErrMisconfigured,
		Text{"The TLS version is not supported.", "使用了不支持的 TLS 版本。"},
		Text{"Let this server use TLS 1.2 or later towards WeCom.", "请让本服务器使用 TLS 1.2 或更高版本访问企业微信。"}},
	{2000002, core.ErrMisconfigured,
		Text{"The CorpID is not valid.", "CorpID 无效。"}, corpIDRemedy},
}

// domainCodes: addresses in WeCom's console.
var domainCodes = []ErrorCode{
	{40057, core.ErrMisconfigured,
		Text{"The callback address is not valid or failed its check.", "不合法的回调 URL，或回调 URL 验证失败。"},
		Text{"Check the callback address in the WeCom console.", "请在企业微信管理后台检查回调 URL。"}},
	{43012, core.ErrMisconfigured,
		Text{"The app needs a callback address.", "应用需配置回调 URL。"},
		Text{"Set the callback address that the app's page in the WeCom console asks for.",
			"请在企业微信管理后台的应用详情页设置回调 URL。"}},
	{50001, core.ErrMisconfigured,
		Text{"The host of the redirect address is no trusted domain of the app, or the code is another app's.",
			"redirect_uri 的域名不是应用的可信域名，或 code 属于其他应用。"},
		Text{"Make the host of the callback a trusted domain (可信域名) of the app in the WeCom console, " +
			"and check that CorpID, AgentID and Secret are of one app: the code may be the code of another app.",
			"请在企业微信管理后台把回调地址的域名设为应用的可信域名，并核对 CorpID、AgentID、Secret 属于同一应用：code 可能属于其他应用。"}},
	{60020, core.ErrMisconfigured,
		Text{"The call came from an address that is not trusted.", "不安全的访问 IP：调用方不在企业可信IP中。"},
		Text{"Add " + serverIP + " to the app's trusted IPs (企业可信IP) in the WeCom console and wait a minute.",
			"请在企业微信管理后台把本服务器的 IP 加入应用的“企业可信IP”，约一分钟后生效。"}},
	{80001, core.ErrMisconfigured,
		Text{"The trusted domain is wrong, or has no ICP filing.", "可信域名不正确，或没有 ICP 备案。"},
		Text{"Make the host of the page a trusted domain (可信域名) of the app in the WeCom console.",
			"请在企业微信管理后台把页面的域名设为应用的可信域名。"}},
	{85004, core.ErrMisconfigured,
		Text{"The company has set more than 20 trusted domains this month.", "企业本月设置的可信域名超过 20 个。"},
		Text{"Use a trusted domain (可信域名) that is set already, or wait for the next month.",
			"请使用已设置的可信域名，或等到下个月。"}},
	{85005, core.ErrMisconfigured,
		Text{"The ownership of the trusted domain is not verified.", "可信域名未通过所有权校验。"},
		Text{"Verify the ownership of the trusted domain (可信域名) in the WeCom console; VerifyFile serves its file.",
			"请在企业微信管理后台校验可信域名的所有权；VerifyFile 可提供校验文件。"}},
	{85007, core.ErrMisconfigured,
		Text{"An IP address in the app's settings is not valid.", "应用设置中有不合法的 IP 地址。"},
		Text{"Correct the app's trusted IPs (企业可信IP) and domains in the WeCom console.",
			"请在企业微信管理后台更正应用的企业可信IP和可信域名。"}},
	{85008, core.ErrMisconfigured,
		Text{"The ICP filing of the trusted domain is not in order.", "可信域名的 ICP 备案未通过。"},
		Text{"Use a trusted domain (可信域名) whose ICP filing is in order.", "请使用 ICP 备案正常的可信域名。"}},
	{85111, core.ErrMisconfigured,
		Text{"The trusted domain belongs to a third-party provider.", "可信域名是第三方服务商的域名。"},
		Text{"Use a trusted domain (可信域名) of the company's own.", "请使用企业自己的域名作为可信域名。"}},
}
