package core

import (
	"strings"
	"testing"
)

// agents are the User-Agents that WeCom documents, and captured ones.
// https://developer.work.weixin.qq.com/document/path/90315
var agents = []struct {
	name, ua string
	want     Agent
}{
	{"WeCom 2 on an iPhone", "Mozilla/5.0 (iPhone; CPU iPhone OS 10_3_2 like Mac OS X) AppleWebKit/603.2.4 (KHTML, like Gecko) Mobile/14F89 wxwork/2.2.0 MicroMessenger/6.3.2", AgentWeCom},
	{"WeCom 2 on Android", "Mozilla/5.0 (Linux; Android 7.1.2; g3ds Build/NJH47F; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/53.0.2785.49 Mobile MQQBrowser/6.2 TBS/043508 Safari/537.36 wxwork/2.2.0 MicroMessenger/6.3.22 NetType/WIFI Language/zh", AgentWeCom},
	{"WeCom 2 on Windows", "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/49.0.2623.110 Safari/537.36 wxwork/2.1.3 (MicroMessenger/6.2) WindowsWechat QBCore/3.43.644.400 QQBrowser/9.0.2524.400", AgentWeCom},
	{"WeCom 2 on macOS", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_12_6) AppleWebKit/603.3.8 (KHTML, like Gecko) wxwork/2.2.0 (MicroMessenger/6.2) WeChat/2.0.4", AgentWeCom},
	{"WeCom 4 on iOS 18", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 wxwork/4.1.30 MicroMessenger/7.0.1 Language/zh ColorScheme/Light wwmver/3.26.13.714", AgentWeCom},
	{"WeCom 4 on iOS 15", "Mozilla/5.0 (iPhone; CPU iPhone OS 15_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 wxwork/4.0.12 MicroMessenger/7.0.1 Language/zh ColorScheme/Dark", AgentWeCom},
	{"WeCom 4 on Android 12", "Mozilla/5.0 (Linux; Android 12; 22041211AC Build/SP1A.210812.016; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/103.0.5060.129 Mobile Safari/537.36 wxwork/4.0.6 ColorScheme/Dark MicroMessenger/7.0.1 NetType/WIFI Language/zh Lang/zh", AgentWeCom},
	{"WeCom 4 on Android 13", "Mozilla/5.0 (Linux; Android 13; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36 wxwork/4.1.22 MicroMessenger/7.0.1 NetType/WIFI Language/zh ColorScheme/Light", AgentWeCom},
	{"WeCom without MicroMessenger", "Mozilla/5.0 (Linux; Android 7.0; MI 5s Build/NRD90M) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/64.0.3282.137 Mobile Safari/537.36 wxwork/2.4.16  NetType/WIFI Language/zh", AgentWeCom},
	{"WeCom 4 on Windows 10", "Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/107.0.5304.110 Safari/537.36 Language/zh wxwork/4.1.10 (MicroMessenger/6.2) WindowsWechat  MailPlugin_Electron WeMail embeddisk", AgentWeCom},
	{"WeCom 4 on macOS", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Language/zh ColorScheme/Light DistType/publish wxwork/4.0.16 (MicroMessenger/6.2) WeChat/2.0.4", AgentWeCom},
	{"WeCom 4 from the Mac store", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) DistType/publish-store wxwork/4.1.15 (MicroMessenger/6.2) WeChat/2.0.4 Safari/605.1.15", AgentWeCom},
	{"WeCom without a blank in front of its token", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)wxwork/3.1.12 (MicroMessenger/6.2) WeChat/2.0.4", AgentWeCom},
	{"a private edition on Android", "Mozilla/5.0 (Linux; Android 14; wv) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.7204.180 Mobile Safari/537.36 XWEB/1380275 MMWEBSDK/20230806 MMWEBID/4102 wxworklocal/3.2.200 wwlocal/3.2.200 wxwork/4.0.0 appname/wxworklocal-customized MicroMessenger/7.0.1 Language/zh_CN", AgentWeComLocal},
	{"a private edition on iOS", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 wxworklocal/3.3.0 wxwork/4.0.0 MicroMessenger/7.0.1 appname/wxworklocal-customized wwlocal/3.3.0 WXWorklocalClientType/IOS", AgentWeComLocal},
	{"a private edition that says wwlocal only", "Mozilla/5.0 (iPhone) Mobile/15E148 wwlocal/3.3.0", AgentWeComLocal},
	{"personal WeChat", "Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.27(0x18001b36) NetType/WIFI Language/zh_CN", AgentWeChat},
	{"Chrome on Windows", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36", AgentDesktop},
	{"Safari on a Mac, or on an iPad that reports one", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15", AgentDesktop},
	{"Firefox on Linux", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", AgentDesktop},
	{"Safari on an iPhone", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1", AgentPhone},
	{"Chrome on an Android tablet", "Mozilla/5.0 (Linux; Android 14; Pixel Tablet) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36", AgentPhone},
	{"HarmonyOS NEXT", "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36  ArkWeb/4.1.6.1 Mobile", AgentPhone},
	{"curl", "curl/8.5.0", AgentDesktop},
	{"nothing", "", AgentDesktop},
}

// TestParseAgent: case, spacing and order of the tokens do not matter.
func TestParseAgent(t *testing.T) {
	for _, tc := range agents {
		words := strings.Fields(tc.ua)
		backwards := make([]string, len(words))
		for i, w := range words {
			backwards[len(words)-1-i] = w
		}
		for how, ua := range map[string]string{
			"as sent": tc.ua, "upper case": strings.ToUpper(tc.ua), "lower case": strings.ToLower(tc.ua),
			"no blanks": strings.Join(words, ""), "wide": strings.Join(words, "   "), "backwards": strings.Join(backwards, " "),
		} {
			if got := ParseAgent(ua); got != tc.want {
				t.Errorf("%s, %s: got %d, want %d", tc.name, how, got, tc.want)
			}
		}
	}
}

func FuzzParseAgent(f *testing.F) {
	for _, tc := range agents {
		f.Add(tc.ua)
	}
	f.Fuzz(func(t *testing.T, ua string) {
		if got := ParseAgent(ua); got > AgentWeChat {
			t.Fatalf("%q is %d", ua, got)
		}
	})
}
