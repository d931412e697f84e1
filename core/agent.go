package core

import "strings"

// Agent is what a User-Agent header says the browser is. It chooses a page and
// never decides about access: anyone can send any header.
type Agent uint8

const (
	// AgentDesktop is an ordinary browser on a computer, or anything unknown.
	AgentDesktop Agent = iota
	// AgentPhone is an ordinary browser on a phone or tablet.
	AgentPhone
	// AgentWeCom is the WeCom client on any system.
	AgentWeCom
	// AgentWeComLocal is the client of a private edition (私有部署).
	AgentWeComLocal
	// AgentWeChat is personal WeChat, which is not WeCom.
	AgentWeChat
)

// ParseAgent classifies a User-Agent header. The WeCom client is known by
// "wxwork" alone, in any case and place: its other tokens come and go.
// https://developer.work.weixin.qq.com/document/path/90315
func ParseAgent(userAgent string) Agent {
	const most = 1024 // bytes that are looked at; real ones have a few hundred
	ua := strings.ToLower(userAgent[:min(len(userAgent), most)])
	has := func(tokens ...string) bool {
		for _, t := range tokens {
			if strings.Contains(ua, t) {
				return true
			}
		}
		return false
	}
	switch {
	case has("wxworklocal", "wwlocal"):
		return AgentWeComLocal
	case has("wxwork"):
		return AgentWeCom
	case has("micromessenger"):
		return AgentWeChat
	case has("mobile", "android", "iphone", "ipad", "openharmony"):
		return AgentPhone
	default:
		return AgentDesktop
	}
}
