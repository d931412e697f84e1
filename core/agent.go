package core

import "bytes"

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
	var space [1024]byte // bytes that are looked at; real ones have a few hundred
	ua := space[:min(len(userAgent), len(space))]
	for i := range ua {
		ua[i] = lower(userAgent[i])
	}
	has := func(token string) bool { return bytes.Contains(ua, []byte(token)) }
	switch {
	case has("local") && (has("wxworklocal") || has("wwlocal")):
		return AgentWeComLocal
	case has("wxwork"):
		return AgentWeCom
	case has("micromessenger"):
		return AgentWeChat
	case has("mobile") || has("android") || has("iphone") || has("ipad") || has("openharmony"):
		return AgentPhone
	default:
		return AgentDesktop
	}
}
