package core

import "net/http"

// The kinds of refusal. Each comment says who causes it.
var (
	// ErrLoginRequired: an API call, or a method other than GET and HEAD, came
	// without a session. Nothing is wrong; the visitor must log in first.
	ErrLoginRequired = &Kind{"login_required", http.StatusUnauthorized,
		text{"请先登录", "登录已过期，或尚未登录。请重新打开页面，登录后再试。"},
		text{"Please sign in", "You are not signed in, or your session has ended. Open the page again to sign in, then retry."}}

	// ErrFrame: a page load inside a frame came without a session. WeCom does
	// not log anyone in inside a frame.
	ErrFrame = &Kind{"login_in_frame", http.StatusUnauthorized,
		text{"请在完整窗口中登录", "企业微信不支持在内嵌页面中登录。请在完整窗口中打开。"},
		text{"Sign in outside the frame", "WeCom cannot sign you in inside an embedded page. Open it in a window of its own."}}

	// ErrOpenInWeCom: no login page of WeCom works in this browser, an ordinary
	// one on a phone.
	ErrOpenInWeCom = &Kind{"open_in_wecom", http.StatusUnauthorized,
		text{"请在企业微信中打开", "手机浏览器无法登录企业微信。请复制链接，在企业微信中打开；或用另一台设备上的企业微信扫描二维码。"},
		text{"Open this page in WeCom", "Browsers on phones cannot sign in with WeCom. Copy the link and open it in WeCom, or scan the code with WeCom on another device."}}

	// ErrForbidden: the person is logged in and a [Rule] of the route refused.
	ErrForbidden = &Kind{"forbidden", http.StatusForbidden,
		text{"没有访问权限", "你已登录，但没有权限访问此页面。如需开通，请联系管理员。"},
		text{"You may not open this page", "You are signed in, but this page is not open to you. Ask your administrator for access."}}

	// ErrRefused: Config.OnLogin refused the person.
	ErrRefused = &Kind{"login_refused", http.StatusForbidden,
		text{"无法登录此应用", "企业微信已确认你的身份，但此应用未开通你的账号。请联系管理员。"},
		text{"This application refused the sign-in", "WeCom knows you, but this application has no account for you. Ask your administrator."}}

	// ErrNotMember: WeCom named a person who is not an employee, or an employee
	// whose account is disabled or gone.
	ErrNotMember = &Kind{"not_member", http.StatusForbidden,
		text{"仅限企业成员访问", "当前账号不是本企业的有效成员。请用企业微信打开，或联系管理员加入企业。"},
		text{"For employees only", "This account is not an active member of the company. Open the page in WeCom, or ask your administrator."}}

	// ErrOtherCorp: WeCom named an employee of a linked company.
	ErrOtherCorp = &Kind{"other_corp", http.StatusForbidden,
		text{"仅限本企业成员访问", "你的账号属于互联企业，此应用仅供本企业成员使用。"},
		text{"For another company", "Your account belongs to a linked company; this application is for its own company only."}}

	// ErrNoCorp: [Corps] found no company that the request belongs to.
	ErrNoCorp = &Kind{"no_such_company", http.StatusNotFound,
		text{"网址没有对应的企业", "此网址不属于任何已接入的企业。请检查网址，或联系管理员。"},
		text{"No company at this address", "No company uses this service under this address. Check the address, or tell your administrator."}}

	// ErrNotVisible: the person is an employee outside the app's visible range.
	ErrNotVisible = &Kind{"not_visible", http.StatusForbidden,
		text{"不在应用可见范围内", "管理员没有把此应用开放给你。请联系管理员调整应用的可见范围。"},
		text{"Not in the app's visible range", "The app has not been opened to you. Ask your administrator to add you to its visible range."}}

	// ErrCancelled: WeCom sent the person back without a code: they refused.
	ErrCancelled = &Kind{"login_cancelled", http.StatusForbidden,
		text{"登录已取消", "你取消了登录。需要时可以重试。"},
		text{"Sign-in cancelled", "You cancelled the sign-in. Try again whenever you like."}}

	// ErrBadCallback: a callback bore our state, but a code that WeCom would not send.
	ErrBadCallback = &Kind{"bad_callback", http.StatusBadRequest,
		text{"登录请求无效", "企业微信返回的登录信息不完整。请重试。"},
		text{"Invalid sign-in request", "The answer that came back from WeCom is malformed. Please try again."}}

	// ErrCodeInvalid: WeCom refused the code: used, expired or another app's.
	// The login starts again by itself once; this is what the second time shows.
	ErrCodeInvalid = &Kind{"code_invalid", http.StatusBadRequest,
		text{"登录已失效", "登录凭证已使用或已过期。请重试。"},
		text{"Sign-in expired", "The sign-in was used or has expired. Please try again."}}

	// ErrLoop: the login came back twice without the cookies that it had set.
	ErrLoop = &Kind{"login_loop", http.StatusBadRequest,
		text{"登录未能完成", "浏览器没有保存登录所需的 Cookie。请允许 Cookie，用正确的网址打开，然后重试；仍不成功请联系管理员。"},
		text{"Sign-in did not complete", "The browser did not keep the cookies that signing in needs. Allow cookies, check the address, then try again; if it persists, tell your administrator."}}

	// ErrCrossOrigin: another site sent a request that would change something.
	ErrCrossOrigin = &Kind{"cross_origin", http.StatusForbidden,
		text{"请求被拒绝", "该请求来自其他网站，已被拒绝。请在本站页面上操作。"},
		text{"Request refused", "The request came from another site and was refused. Use the pages of this site."}}

	// ErrMethod: Login or Logout was called with a method that it does not serve.
	ErrMethod = &Kind{"method_not_allowed", http.StatusMethodNotAllowed,
		text{"请求方式有误", "此地址不支持该操作。请返回页面重试。"},
		text{"Method not allowed", "This address does not do that. Go back to the page and try again."}}

	// ErrMisconfigured: the app's settings, here or in WeCom's console, are wrong.
	ErrMisconfigured = &Kind{"misconfigured", http.StatusInternalServerError,
		text{"应用配置有误", "登录配置有误，无法完成登录。请将此页面告知管理员，详情见服务日志。"},
		text{"The application is misconfigured", "Signing in is not set up correctly. Show this page to your administrator; the server's log has the details."}}

	// ErrUnavailable: WeCom, or the way to it, is down, slow or limiting us.
	ErrUnavailable = &Kind{"wecom_unavailable", http.StatusServiceUnavailable,
		text{"企业微信暂时不可用", "暂时无法连接企业微信。请稍后重试。"},
		text{"WeCom is unavailable", "WeCom cannot be reached right now. Please try again in a moment."}}

	// ErrBadAnswer: WeCom, or something that answers in its place, sent what we
	// do not understand.
	ErrBadAnswer = &Kind{"wecom_bad_answer", http.StatusBadGateway,
		text{"企业微信返回异常", "企业微信的应答异常。请稍后重试；仍不成功请联系管理员。"},
		text{"Unexpected answer from WeCom", "WeCom sent an unexpected answer. Please try again; if it persists, tell your administrator."}}

	// ErrStore: the session store does not answer.
	ErrStore = &Kind{"store_unavailable", http.StatusServiceUnavailable,
		text{"服务暂时不可用", "暂时无法读取登录状态。请稍后重试。"},
		text{"Service unavailable", "The sign-in state cannot be read right now. Please try again in a moment."}}

	// ErrInternal: a mistake in this package, a provider or a callback.
	ErrInternal = &Kind{"internal", http.StatusInternalServerError,
		text{"服务内部错误", "服务出现内部错误。请稍后重试；仍不成功请联系管理员。"},
		text{"Internal error", "Something went wrong on the server. Please try again; if it persists, tell your administrator."}}
)
