package wecomtest_test

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core/wecomtest"
)

const (
	detailAPI = "https://qyapi.weixin.qq.com/cgi-bin/auth/getuserdetail"
	private   = "snsapi_privateinfo"
)

// userInfo signs person in silently at address and returns the answer of
// auth/getuserinfo.
func userInfo(t *testing.T, fake *wecomtest.Fake, person, address string) string {
	t.Helper()
	res, body := visit(t, fake, person, address)
	callback, err := res.Location()
	if err != nil {
		t.Fatalf("%s: %v\n%s", res.Status, err, body)
	}
	_, body = call(fake, "auth/getuserinfo", "access_token", newToken(t, fake), "code", callback.Query().Get("code"))
	wantErrcode(t, body, "0")
	return body
}

func newTicket(t *testing.T, fake *wecomtest.Fake, person string) string {
	t.Helper()
	return field[string](t, userInfo(t, fake, person, signInURL("scope", private)), "user_ticket")
}

// details posts body to auth/getuserdetail.
func details(fake *wecomtest.Fake, token, body string) (int, string) {
	w := httptest.NewRecorder()
	fake.ServeHTTP(w, httptest.NewRequest("POST", detailAPI+"?access_token="+token, strings.NewReader(body)))
	return w.Code, w.Body.String()
}

func ticketJSON(ticket string) string { return `{"user_ticket":"` + ticket + `"}` }

func TestUserTicketIsForEmployeesWhoConsent(t *testing.T) {
	fake := newFake(t,
		wecomtest.Employee{UserID: "zhangsan"},
		wecomtest.Employee{UserID: "shy", NoConsent: true},
		wecomtest.Employee{UserID: "hidden", NotVisible: true},
		wecomtest.Employee{OpenID: "OPENID"})
	tests := []struct {
		name, person, address string
		ticket                bool
	}{
		{"an employee whom the app asks", "zhangsan", signInURL("scope", private), true},
		{"an employee whom the app does not ask", "zhangsan", signInURL(), false},
		{"the legacy scope does not ask", "zhangsan", signInURL("scope", "snsapi_userinfo"), false},
		{"an employee who refuses is signed in without", "shy", signInURL("scope", private), false},
		{"an employee outside the visible range", "hidden", signInURL("scope", private), false},
		{"a stranger", "OPENID", signInURL("scope", private), false},
		{"the web login page knows no scope", "zhangsan", webLoginURL("scope", private), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := userInfo(t, fake, tt.person, tt.address)
			if got := strings.Contains(body, `"user_ticket":"`); got != tt.ticket || !strings.Contains(body, tt.person) {
				t.Errorf("got %s", body)
			}
		})
	}
}

func TestUserTicketIsUniqueLongAndSecret(t *testing.T) {
	fake := newFake(t, wecomtest.Employee{UserID: "zhangsan"})
	first, second := newTicket(t, fake, "zhangsan"), newTicket(t, fake, "zhangsan")
	if first == second || len(first) != 512 {
		t.Errorf("%d bytes, want 512 and another every time", len(first))
	}
	if !slices.Contains(fake.Secrets(), first) {
		t.Error("Secrets lacks a ticket")
	}
}

func TestOldDialectHasTheTicketToo(t *testing.T) {
	fake := newFake(t, wecomtest.Employee{UserID: "zhangsan"})
	res, _ := visit(t, fake, "zhangsan", signInURL("scope", private))
	callback, _ := res.Location()
	_, body := call(fake, "user/getuserinfo", "access_token", newToken(t, fake), "code", callback.Query().Get("code"))
	_, got := details(fake, newToken(t, fake), ticketJSON(field[string](t, body, "user_ticket")))
	wantErrcode(t, got, "0")
	if field[float64](t, body, "expires_in") != 1800 {
		t.Errorf("got %s", body)
	}
}

func TestDetailsAreThoseThatThePersonHas(t *testing.T) {
	tests := []struct {
		name string
		has  wecomtest.Details
		want string
	}{
		{"all of them", wecomtest.Details{
			Gender: 1, Mobile: "13800000000", Email: "a@example.com", BizMail: "b@example.com",
			Address: "广州", Avatar: "http://example.com/a?b&c", QRCode: "https://example.com/qr",
		}, `{"errcode":0,"errmsg":"ok","userid":"ZhangSan","gender":"1","avatar":"http://example.com/a?b&c","qr_code":"https://example.com/qr","mobile":"13800000000","email":"a@example.com","biz_mail":"b@example.com","address":"广州"}`},
		{"some of them", wecomtest.Details{Gender: 2, Mobile: "13800000000"},
			`{"errcode":0,"errmsg":"ok","userid":"ZhangSan","gender":"2","mobile":"13800000000"}`},
		{"none of them", wecomtest.Details{}, `{"errcode":0,"errmsg":"ok","userid":"ZhangSan","gender":"0"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fake := newFake(t, wecomtest.Employee{UserID: "ZhangSan", Name: "张三", Details: tt.has})
			ticket := newTicket(t, fake, "zhangsan")
			for range 2 { // a ticket is not spent
				if status, body := details(fake, newToken(t, fake), ticketJSON(ticket)); status != 200 || body != tt.want {
					t.Errorf("got  %d %s\nwant %s", status, body, tt.want)
				}
			}
		})
	}
}

func TestDetailsRefusals(t *testing.T) {
	fake := newFake(t, wecomtest.Employee{UserID: "zhangsan"})
	token, ticket := newToken(t, fake), newTicket(t, fake, "zhangsan")
	tests := []struct{ name, token, body, want string }{
		{"no access token", "", ticketJSON(ticket), "41001"},
		{"an access token that was never issued", "x", ticketJSON(ticket), "40014"},
		{"an empty ticket", token, `{"user_ticket":""}`, "84090"},
		{"no ticket", token, `{}`, "84090"},
		{"a ticket that was never issued", token, ticketJSON("x"), "84015"},
		{"a ticket of another company", token, ticketJSON(newTicket(t, newFake(t, wecomtest.Employee{UserID: "zhangsan"}), "zhangsan")), "84015"},
		{"a form", token, "user_ticket=" + ticket, "40058"},
		{"an empty body", token, "", "40058"},
		{"a ticket that is a number", token, `{"user_ticket":1}`, "40058"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, body := details(fake, tt.token, tt.body)
			wantErrcode(t, body, tt.want)
			if strings.Contains(body, "zhangsan") || strings.Contains(body, `"error`) {
				t.Errorf("got %s", body)
			}
		})
	}
	if status, body := details(fake, token, strings.Repeat(" ", 64<<10+1)); status != 413 || body != "" {
		t.Errorf("a huge body: %d %s", status, body)
	}
	fake.Fail(wecomtest.Fault{API: "auth/getuserdetail", Code: 45009, Times: 1})
	_, body := details(fake, token, ticketJSON(ticket))
	wantErrcode(t, body, "45009")
}

func TestUserTicketIsGoodForHalfAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := newFake(t, wecomtest.Employee{UserID: "zhangsan"})
		ticket := ticketJSON(newTicket(t, fake, "zhangsan"))
		wantAfter := func(d time.Duration, code string) {
			t.Helper()
			time.Sleep(d)
			_, body := details(fake, newToken(t, fake), ticket)
			wantErrcode(t, body, code)
		}
		wantAfter(1800*time.Second-time.Nanosecond, "0")
		wantAfter(time.Nanosecond, "84014")
		newTicket(t, fake, "zhangsan")
		wantAfter(23*time.Hour, "84014")
		time.Sleep(time.Hour)
		newTicket(t, fake, "zhangsan")
		wantAfter(0, "84015") // forgotten by now
	})
}
