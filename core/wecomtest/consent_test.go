package wecomtest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core/wecomtest"
)

// press sends the form of a sign-in page, pairs of name and value, and returns
// the next page, or else the callback.
func press(t *testing.T, fake *wecomtest.Fake, address string, form ...string) (page string, callback *url.URL) {
	t.Helper()
	c := fake.Browser("")
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := c.PostForm(address, change(url.Values{}, form))
	if err != nil {
		t.Fatal(err)
	}
	page = readAll(t, res)
	if res.StatusCode == http.StatusSeeOther {
		callback, _ = res.Location()
	}
	return page, callback
}

// hasTicket reports whether the code of a callback brings a user_ticket.
func hasTicket(t *testing.T, fake *wecomtest.Fake, callback *url.URL) bool {
	t.Helper()
	if callback == nil {
		t.Fatal("not called back")
	}
	_, body := call(fake, "auth/getuserinfo", "access_token", newToken(t, fake), "code", callback.Query().Get("code"))
	wantErrcode(t, body, "0")
	return strings.Contains(body, "user_ticket")
}

func TestConsentPageShowsWhatIsAskedFor(t *testing.T) {
	fake := newFake(t, wecomtest.Employee{UserID: "zhangsan", Name: "张三", Details: wecomtest.Details{
		Gender: 1, Mobile: "13800000000", Avatar: "https://example.com/<a>",
	}})
	page, _ := press(t, fake, signInURL("scope", private), "userid", "ZHANGSAN")
	for _, want := range []string{
		"张三", `value="zhangsan"`, agentID, site, "头像", "https://example.com/&lt;a&gt;", "手机号", "13800000000", "性别", "男", "同意", "拒绝",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing in:\n%s", want, page)
		}
	}
	if strings.Contains(page, "邮箱") {
		t.Error("the page speaks of mail, of which there is none")
	}
	page, _ = press(t, fake, signInURL("scope", private, "lang", "en"), "userid", "zhangsan")
	for _, want := range []string{`<html lang="en">`, "asks to see", "Mobile", "Male", "Agree", "Refuse"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing in:\n%s", want, page)
		}
	}
}

func TestConsentPageButtons(t *testing.T) {
	tests := []struct {
		name, button string
		asked        bool // again, at the next sign-in
		ticket       bool
	}{
		{"yes brings a ticket, and is remembered", "yes", false, true},
		{"no signs in without one, and is not remembered", "no", true, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fake := newFake(t, wecomtest.Employee{UserID: "zhangsan", NoConsent: true}, wecomtest.Employee{UserID: "lisi"})
			address := signInURL("scope", private)
			_, callback := press(t, fake, address, "userid", "zhangsan", "consent", tt.button)
			if got := hasTicket(t, fake, callback); got != tt.ticket {
				t.Errorf("a ticket: %v", got)
			}
			page, callback := press(t, fake, address, "userid", "ZhangSan")
			if got := strings.Contains(page, "同意"); got != tt.asked || got != (callback == nil) {
				t.Errorf("asked again: %v, called back at %v", got, callback)
			}
			if !tt.asked && !hasTicket(t, fake, callback) {
				t.Error("the second sign-in brings no ticket")
			}
			if _, callback := press(t, fake, address, "userid", "zhangsan", "consent", "no"); hasTicket(t, fake, callback) {
				t.Error("no in a second window brings a ticket")
			}
			if page, _ := press(t, fake, address, "userid", "lisi"); !strings.Contains(page, "同意") {
				t.Error("somebody else is not asked")
			}
		})
	}
}

func TestNobodyIsAskedForNothing(t *testing.T) {
	fake := newFake(t, wecomtest.Employee{UserID: "zhangsan"},
		wecomtest.Employee{UserID: "hidden", NotVisible: true}, wecomtest.Employee{OpenID: "OPENID"})
	tests := []struct{ name, address, person string }{
		{"the app asks who it is only", signInURL(), "zhangsan"},
		{"an employee outside the visible range", signInURL("scope", private), "hidden"},
		{"a stranger", signInURL("scope", private), "OPENID"},
		{"the web login page", webLoginURL("scope", private), "zhangsan"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			// A yes to a question that was not put changes nothing.
			for _, form := range [][]string{{"userid", tt.person}, {"userid", tt.person, "consent", "yes"}} {
				if _, callback := press(t, fake, tt.address, form...); hasTicket(t, fake, callback) {
					t.Error("got a ticket")
				}
			}
		})
	}
	if page, _ := press(t, fake, signInURL("scope", private), "userid", "zhangsan"); !strings.Contains(page, "同意") {
		t.Error("a yes to no question was remembered")
	}
}
