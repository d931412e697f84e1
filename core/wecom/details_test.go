package wecom_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core"
)

const okTicket = `{"errcode":0,"errmsg":"ok","userid":"lisi","user_ticket":"USER_TICKET"}`

func TestDetails(t *testing.T) {
	const start = `{"errcode":0,"errmsg":"ok","userid":"lisi"`
	tests := []struct {
		name string
		body string
		want core.Details
	}{
		{"D1 everything", start + `,"gender":"1","avatar":"http://shp.qpic.cn/bizmp/xxxxxxxxxxx/0","qr_code":"https://open.work.weixin.qq.com/wwopen/userQRCode?vcode=vcfc13b01dfs78e981c","mobile":"13800000000","email":"zhangsan@gzdev.com","biz_mail":"zhangsan@qyycs2.wecom.work","address":"广州市海珠区"}`,
			core.Details{Gender: 1, Mobile: "13800000000", Email: "zhangsan@gzdev.com", BizMail: "zhangsan@qyycs2.wecom.work", Address: "广州市海珠区",
				Avatar: "http://shp.qpic.cn/bizmp/xxxxxxxxxxx/0", QRCode: "https://open.work.weixin.qq.com/wwopen/userQRCode?vcode=vcfc13b01dfs78e981c"}},
		{"D2 nothing consented", start + `,"gender":"0"}`, core.Details{}},
		{"gender a number", start + `,"gender":2}`, core.Details{Gender: 2}},
		{"gender out of range", start + `,"gender":"3"}`, core.Details{}},
		{"gender no number", start + `,"gender":"male"}`, core.Details{}},
		{"another spelling of the userid", `{"userid":"LiSi","mobile":"1"}`, core.Details{Mobile: "1"}},
		{"no userid", `{"mobile":"1"}`, core.Details{Mobile: "1"}},
		{"null", start + `,"mobile":null,"avatar":null,"gender":null}`, core.Details{}},
		{"control characters", start + `,"mobile":"1\u00002\n3","email":"a\u0085@b","address":"a\u001b[31mb"}`, core.Details{Mobile: "123", Email: "a@b", Address: "a[31mb"}},
		{"invalid UTF-8", start + ",\"address\":\"a\xffb\"}", core.Details{Address: "a\ufffdb"}},
		{"as long as may be", start + `,"mobile":"` + strings.Repeat("1", 128) + `","email":"` + strings.Repeat("e", 128) + `","biz_mail":"` + strings.Repeat("b", 128) + `"}`,
			core.Details{Mobile: strings.Repeat("1", 128), Email: strings.Repeat("e", 128), BizMail: strings.Repeat("b", 128)}},
		{"longer than that, and a piece of them would be another's", start + `,"mobile":"` + strings.Repeat("1", 129) + `","email":"` + strings.Repeat("e", 129) + `","biz_mail":"` + strings.Repeat("b", 129) + `"}`, core.Details{}},
		{"a long address is cut between characters", start + `,"address":"` + strings.Repeat("张", 100) + `"}`, core.Details{Address: strings.Repeat("张", 85)}},
		{"links of 1024 bytes", start + `,"avatar":"https://h/` + strings.Repeat("a", 1014) + `","qr_code":"https://h/` + strings.Repeat("a", 1015) + `"}`,
			core.Details{Avatar: "https://h/" + strings.Repeat("a", 1014)}},
		{"links of other schemes", start + `,"avatar":"javascript:alert(1)","qr_code":"data:text/html,x"}`, core.Details{}},
		{"links to nowhere", start + `,"avatar":"https:///a","qr_code":"//h/a"}`, core.Details{}},
		{"links with odd characters", start + `,"avatar":"https://h/a b","qr_code":"https://h/\u0000"}`, core.Details{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			id, log := loginWithDetails(t, okTicket, body(tt.body))
			if id.Details == nil || *id.Details != tt.want {
				t.Errorf("details are not what they should be")
				t.Logf("got %+v", dump(id.Details))
			}
			if log != "" {
				t.Errorf("log = %s", log)
			}
		})
	}
}

// dump prints what Details keeps out of prints.
func dump(d *core.Details) any {
	type open core.Details
	return (*open)(d)
}

// loginWithDetails logs lisi in; userInfo and reply are the answers of
// auth/getuserinfo and auth/getuserdetail.
func loginWithDetails(t *testing.T, userInfo string, reply func(*http.Request) (*http.Response, error)) (core.Identity, string) {
	t.Helper()
	f := newFake()
	f.on("auth/getuserinfo", body(userInfo))
	f.on("auth/getuserdetail", reply)
	app := f.app()
	app.PrivateInfo = true
	c, log := openLogged(t, app)
	id, err := c.Exchange(t.Context(), "CODE")
	checkOutcome(t, id, err, "lisi", nil)
	return id, log.String()
}

func TestALoginGoesOnWithoutDetails(t *testing.T) {
	ticket := func(raw string) string { return `{"errcode":0,"userid":"lisi","user_ticket":` + raw + `}` }
	tests := []struct {
		name     string
		userInfo string
		reply    func(*http.Request) (*http.Response, error)
		level    string
	}{
		{"no ticket", `{"errcode":0,"userid":"lisi"}`, body("{}"), "DEBUG"},
		{"an empty ticket", ticket(`""`), body("{}"), "DEBUG"},
		{"a ticket that is no string", ticket(`1`), body("{}"), "WARN"},
		{"a ticket with a blank", ticket(`"a b"`), body("{}"), "WARN"},
		{"a ticket of 513 bytes", ticket(`"` + strings.Repeat("t", 513) + `"`), body("{}"), "WARN"},
		{"D3 an expired ticket", okTicket, body(`{"errcode":84014,"errmsg":"expired user ticket"}`), "WARN"},
		{"an invalid token", okTicket, body(`{"errcode":40014,"errmsg":"invalid access_token"}`), "WARN"},
		{"another person", okTicket, body(`{"errcode":0,"userid":"wangwu","mobile":"13800000000"}`), "WARN"},
		{"a mobile number that is no string", okTicket, body(`{"errcode":0,"userid":"lisi","mobile":13800000000}`), "WARN"},
		{"a userid that is no string", okTicket, body(`{"errcode":0,"userid":1,"mobile":"13800000000"}`), "WARN"},
		{"HTML", okTicket, body("<html>13800000000"), "WARN"},
		{"a status", okTicket, status(404, "13800000000"), "WARN"},
		{"no connection", okTicket, down, "WARN"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			id, log := loginWithDetails(t, tt.userInfo, tt.reply)
			if id.Details != nil {
				t.Error("there are details")
			}
			if strings.Count(log, "\n") != 1 || !strings.Contains(log, "level="+tt.level) {
				t.Errorf("log = %s, want one record of level %s", log, tt.level)
			}
			for _, leak := range []string{"USER_TICKET", "ttttt", "13800000000", "wangwu"} {
				if strings.Contains(log, leak) {
					t.Errorf("the log holds %q: %s", leak, log)
				}
			}
		})
	}
}

func TestTheTicketIsPosted(t *testing.T) {
	for _, ticket := range []string{"USER_TICKET", "a&b<c>\"\\'/+", strings.Repeat("t", 512)} {
		var got string
		userInfo := fmt.Sprintf(`{"errcode":0,"userid":"lisi","user_ticket":%q}`, ticket)
		id, _ := loginWithDetails(t, userInfo, func(req *http.Request) (*http.Response, error) {
			text, err := io.ReadAll(req.Body)
			if err != nil {
				return nil, err
			}
			got = fmt.Sprintf("%s %s %s", req.Method, req.URL, req.Header.Get("Content-Type"))
			return body(fmt.Sprintf(`{"userid":"lisi","mobile":%q}`, ticketOf(t, text)))(req)
		})
		want := "POST https://qyapi.weixin.qq.com/cgi-bin/auth/getuserdetail?access_token=accesstoken000001 application/json"
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if len(ticket) <= 128 && (id.Details == nil || id.Details.Mobile != ticket) {
			t.Errorf("WeCom read another ticket than %q", ticket)
		}
	}
}

func TestNoDetailsWithoutPrivateInfo(t *testing.T) {
	f := newFake()
	f.on("auth/getuserinfo", body(okTicket))
	id, err := open(t, f.app()).Exchange(t.Context(), "CODE")
	checkOutcome(t, id, err, "lisi", nil)
	if id.Details != nil || f.count("auth/getuserdetail") != 0 {
		t.Errorf("details %v after %d calls", id.Details, f.count("auth/getuserdetail"))
	}
}

func TestDetailsDoNotNeedTheProfile(t *testing.T) {
	f := newFake()
	f.on("user/getuserinfo", body(`{"UserId":"lisi","user_ticket":"USER_TICKET","expires_in":7200}`))
	f.on("auth/getuserdetail", body(`{"userid":"lisi","mobile":"1"}`))
	app := f.app()
	app.PrivateInfo, app.NoProfile, app.LegacyUserInfo = true, true, true
	id, err := open(t, app).Exchange(t.Context(), "CODE")
	checkOutcome(t, id, err, "lisi", nil)
	if id.Details == nil || id.Details.Mobile != "1" {
		t.Error("no details")
	}
}
