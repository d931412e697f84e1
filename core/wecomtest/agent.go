package wecomtest

import (
	"net/http"

	"github.com/wecomauth/wecomauth/core"
)

// User-Agent headers for [Fake.BrowserAs].
const (
	// UserAgentWeCom is that of WeCom 4.1 on Android 13.
	// https://developer.work.weixin.qq.com/document/path/90315
	UserAgentWeCom = "Mozilla/5.0 (Linux; Android 13; 22041211AC Build/TP1A.220624.014; wv) AppleWebKit/537.36 (KHTML, like Gecko) " +
		"Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36 wxwork/4.1.22 MicroMessenger/7.0.1 NetType/WIFI Language/zh ColorScheme/Light"

	// UserAgentDesktop is that of Chrome on Windows.
	// https://www.chromium.org/updates/ua-reduction/
	UserAgentDesktop = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"

	// UserAgentPhone is that of Safari on an iPhone.
	// https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/User-Agent
	UserAgentPhone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
		"Version/18.5 Mobile/15E148 Safari/604.1"

	// UserAgentWeChat is that of personal WeChat on an iPhone, which is not the
	// WeCom client but can open its sign-in page.
	// https://developer.work.weixin.qq.com/document/path/90315
	UserAgentWeChat = "Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
		"Mobile/15E148 MicroMessenger/8.0.27(0x18001b36) NetType/WIFI Language/zh_CN"
)

// misplaced reports whether the page of the WeCom client was opened in an
// ordinary browser, to which the real one says to open it in the client, or in a
// frame; or that for desktop browsers on a phone.
// https://developer.work.weixin.qq.com/document/path/90315
func misplaced(r *http.Request) bool {
	agent := core.ParseAgent(r.UserAgent())
	if r.URL.Path != authorizePath {
		return agent == core.AgentPhone
	}
	return agent == core.AgentDesktop || agent == core.AgentPhone || r.Header.Get("Sec-Fetch-Dest") == "iframe"
}
