package wecom_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core"
)

func TestExchangeReadsEveryDocumentedAnswer(t *testing.T) {
	const more = `, more info at https://open.work.weixin.qq.com/devtool/query?e=1"}`
	tests := []struct {
		name   string
		body   string
		userID string
		kind   *core.Kind
	}{
		{"U1 member", okUser, "USERID", nil},
		{"U2 member with a ticket", `{"errcode":0,"errmsg":"ok","userid":"USERID","user_ticket":"USER_TICKET"}`, "USERID", nil},
		{"U3 member with two tickets", `{"errcode":0,"errmsg":"ok","userid":"USERID","user_ticket":"T","user_doc_ticket":"D"}`, "USERID", nil},
		{"U4 member of a linked company", `{"errcode":0,"errmsg":"ok","userid":"CorpId/userid"}`, "", core.ErrOtherCorp},
		{"U5 stranger", `{"errcode":0,"errmsg":"ok","openid":"OPENID"}`, "", core.ErrNotMember},
		{"U6 customer", `{"errcode":0,"errmsg":"ok","openid":"OPENID","external_userid":"EXTERNAL_USERID"}`, "", core.ErrNotMember},
		{"U7 bad code", `{"errcode":40029,"errmsg":"invalid code"}`, "", core.ErrCodeInvalid},
		{"U8 bad code, real", `{"errcode":40029,"errmsg":"invalid code, hint: [1607658081_80_bb459aff9bb8823036851dbe0cf270ff], from ip: 47.93.204.58` + more, "", core.ErrCodeInvalid},
		{"U9 domain", `{"errcode":50001,"errmsg":"redirect_uri unauthorized, hint: [1653364652188812201754715], from ip: 47.94.3.0` + more, "", core.ErrMisconfigured},
		{"U10 bad token, twice", `{"errcode":40014,"errmsg":"invalid access_token"}`, "", core.ErrMisconfigured},
		{"U11 expired token, twice", `{"ip_list":[],"errcode":42001,"errmsg":"access_token expired, hint: [1], from ip: 9.30.0.138` + more, "", core.ErrMisconfigured},
		{"U12 address not trusted", `{"errcode":60020,"errmsg":"not allow to access from your ip, hint: [1], from ip: 221.182.171.162` + more, "", core.ErrMisconfigured},
		{"U13 nobody", `{"errcode":0,"errmsg":"ok"}`, "", core.ErrBadAnswer},
		{"U14 empty ids", `{"errcode":0,"errmsg":"ok","userid":"","openid":""}`, "", core.ErrBadAnswer},
		{"O1 former dialect, without errcode", `{"UserId":"USERID"}`, "USERID", nil},
		{"O2 former dialect, quoted errcode", `{"errcode":"40029","errmsg":"invalid code"}`, "", core.ErrCodeInvalid},
		{"O3 with a device", `{"UserId":"USERID","DeviceId":"DEVICEID"}`, "USERID", nil},
		{"O4 stranger", `{"OpenId":"OPENID","DeviceId":"DEVICEID"}`, "", core.ErrNotMember},
		{"O5 with errcode", `{"errcode":0,"errmsg":"ok","UserId":"USERID","DeviceId":"DEVICEID"}`, "USERID", nil},
		{"O6 stranger with errcode", `{"errcode":0,"errmsg":"ok","OpenId":"OPENID","DeviceId":"DEVICEID"}`, "", core.ErrNotMember},
		{"O7 with a ticket", `{"errcode":0,"errmsg":"ok","UserId":"USERID","DeviceId":"D","user_ticket":"T","expires_in":7200}`, "USERID", nil},
		{"O8 real, other order", `{"errcode":0,"UserId":"yXianSheng","DeviceId":"faaa62ab-ba1e-321f-8f4a-a2r3d9271ca6","errmsg":"ok"}`, "yXianSheng", nil},
		{"O9 customer, mixed case", `{"errcode":0,"errmsg":"ok","OpenId":"OPENID","DeviceId":"D","external_userid":"E"}`, "", core.ErrNotMember},
		{"O10 bad code", `{"errcode":40029,"errmsg":"invalid code"}`, "", core.ErrCodeInvalid},
		{"O11 another app's token", `{"errcode":301002,"errmsg":"not allow operate another agent with this accesstoken., hint: […]"}`, "", core.ErrMisconfigured},

		{"busy", `{"errcode":-1,"errmsg":"system error"}`, "", core.ErrUnavailable},
		{"limited", `{"errcode":45009,"errmsg":"api freq out of limit"}`, "", core.ErrUnavailable},
		{"too many calls at once", `{"errcode":45033,"errmsg":"x"}`, "", core.ErrUnavailable},
		{"used code", `{"errcode":42022,"errmsg":"x"}`, "", core.ErrCodeInvalid},
		{"used code, public account spelling", `{"errcode":40163,"errmsg":"code been used"}`, "", core.ErrCodeInvalid},
		{"out of the visible range", `{"errcode":60021,"errmsg":"x"}`, "", core.ErrNotVisible},
		{"no such member", `{"errcode":60111,"errmsg":"x"}`, "", core.ErrNotMember},
		{"an unknown code", `{"errcode":987654,"errmsg":"x"}`, "", core.ErrBadAnswer},
		{"an error beside a userid", `{"errcode":40029,"userid":"USERID"}`, "", core.ErrCodeInvalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, legacy := range []bool{false, true} {
				f := newFake()
				f.on("auth/getuserinfo", body(tt.body))
				f.on("user/getuserinfo", body(tt.body))
				app := f.app()
				app.LegacyUserInfo, app.NoProfile = legacy, true
				id, err := open(t, app).Exchange(t.Context(), "CODE")
				checkOutcome(t, id, err, tt.userID, tt.kind)
			}
		})
	}
}

func checkOutcome(t *testing.T, id core.Identity, err error, userID string, kind *core.Kind) {
	t.Helper()
	if kind == nil && err != nil || kind != nil && !errors.Is(err, kind) {
		t.Fatalf("error = %v, want kind %v", err, kind)
	}
	if id.UserID != userID || userID != "" && id.CorpID != corpID || err != nil && id.CorpID != "" {
		t.Errorf("identity = %+v, want user %q", id, userID)
	}
	if err != nil && strings.Contains(err.Error(), "OPENID") {
		t.Errorf("error names the stranger: %v", err)
	}
}

func TestExchangeRefusesOddAnswers(t *testing.T) {
	tests := map[string]string{
		"both ids":                              `{"errcode":0,"userid":"a","openid":"b"}`,
		"a quoted zero and nothing else":        `{"errcode":"0"}`,
		"errcode null":                          `{"errcode":null,"userid":"a"}`,
		"errcode empty":                         `{"errcode":"","userid":"a"}`,
		"errcode a fraction":                    `{"errcode":0.0,"userid":"a"}`,
		"errcode an exponent":                   `{"errcode":0e5,"userid":"a"}`,
		"errcode a word":                        `{"errcode":"ok","userid":"a"}`,
		"errcode minus zero":                    `{"errcode":-0,"userid":"a"}`,
		"errcode a list":                        `{"errcode":[],"userid":"a"}`,
		"errcode false":                         `{"errcode":false,"userid":"a"}`,
		"errcode twice, differently":            `{"errcode":0,"userid":"a","ERRCODE":40029}`,
		"userid twice, differently":             `{"userid":"a","UserId":"b"}`,
		"userid twice, once escaped":            `{"userid":"a","\u0075serid":"b"}`,
		"userid a number":                       `{"errcode":0,"userid":1}`,
		"userid with a blank":                   `{"errcode":0,"userid":"a b"}`,
		"userid with a line break at its end":   `{"errcode":0,"userid":"a\n"}`,
		"userid beginning with a dot":           `{"errcode":0,"userid":".a"}`,
		"userid of 65 bytes":                    `{"errcode":0,"userid":"` + strings.Repeat("a", 65) + `"}`,
		"userid not ASCII":                      `{"errcode":0,"userid":"张三"}`,
		"a name that only Unicode folds to one": `{"errcode":0,"` + "u\u017ferid" + `":"a"}`,
		"text after the object":                 okUser + `x`,
		"two objects":                           okUser + okUser,
		"a comma too many":                      `{"userid":"a",}`,
		"a list":                                `[` + okUser + `]`,
		"a string":                              `"userid"`,
		"null":                                  `null`,
		"nothing":                               ``,
		"HTML":                                  `<html><body>sign in to the network</body></html>`,
		"cut off":                               `{"errcode":0,"userid":"a"`,
		"too large":                             okUser + strings.Repeat(" ", 1<<20),
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			f.on("auth/getuserinfo", body(text))
			id, err := open(t, f.app()).Exchange(t.Context(), "CODE")
			checkOutcome(t, id, err, "", core.ErrBadAnswer)
			if n := f.count("auth/getuserinfo"); n != 1 {
				t.Errorf("%d calls with the code, want 1", n)
			}
		})
	}
}

func TestExchangeAcceptsHarmlessVariants(t *testing.T) {
	tests := map[string]string{
		"quoted zero":         `{"errcode":"0","userid":"a.b-c_d@e"}`,
		"the same twice":      `{"userid":"a.b-c_d@e","UserId":"a.b-c_d@e"}`,
		"capitals":            `{"ERRCODE":0,"USERID":"a.b-c_d@e"}`,
		"openid null":         `{"userid":"a.b-c_d@e","openid":null}`,
		"blanks around":       " \n{\"userid\":\"a.b-c_d@e\"}\r\n",
		"errmsg not a string": `{"errcode":0,"errmsg":1,"userid":"a.b-c_d@e"}`,
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			f.on("auth/getuserinfo", body(text))
			id, err := open(t, f.app()).Exchange(t.Context(), "CODE")
			checkOutcome(t, id, err, "a.b-c_d@e", nil)
		})
	}
}

func TestExchangeMapsHTTPStatus(t *testing.T) {
	tests := map[int]*core.Kind{
		204: core.ErrBadAnswer, 302: core.ErrBadAnswer, 404: core.ErrBadAnswer, 403: core.ErrBadAnswer,
		500: core.ErrUnavailable, 503: core.ErrUnavailable,
	}
	for code, kind := range tests {
		f := newFake()
		f.on("auth/getuserinfo", status(code, okUser))
		id, err := open(t, f.app()).Exchange(t.Context(), "CODE")
		checkOutcome(t, id, err, "", kind)
		if n := f.count("auth/getuserinfo"); n != 1 {
			t.Errorf("status %d: the code was sent %d times, want once", code, n)
		}
	}
}
