package wecomtest_test

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core/wecom"
	"github.com/wecomauth/wecomauth/core/wecomtest"
)

// suiteToken asks for a suite_access_token and returns the answer.
func suiteToken(fake *wecomtest.Fake, s wecom.Suite, ticket string) string {
	body, _ := json.Marshal(map[string]string{"suite_id": s.SuiteID, "suite_secret": s.SuiteSecret, "suite_ticket": ticket})
	w := httptest.NewRecorder()
	fake.ServeHTTP(w, httptest.NewRequest("POST", "https://qyapi.weixin.qq.com/cgi-bin/service/get_suite_token", bytes.NewReader(body)))
	return w.Body.String()
}

func TestEachSuiteHasAPageOfItsOwn(t *testing.T) {
	fake := newFake(t)
	app, login := fake.Suite().SuiteID, fake.LoginSuite().SuiteID
	for name, c := range map[string]struct {
		address string
		status  int
		text    string
	}{
		"the app's, in WeCom":               {signInURL("appid", app, "agentid", "-"), 302, ""},
		"the login's, by QR code":           {webLoginURL("appid", login, "agentid", "-", "login_type", "ServiceApp"), 302, ""},
		"the login's, in WeCom":             {signInURL("appid", login, "agentid", "-"), 400, "appid"},
		"the app's, by QR code":             {webLoginURL("appid", app, "agentid", "-", "login_type", "ServiceApp"), 400, "appid"},
		"a suite as if it were a company":   {webLoginURL("appid", login), 400, "login_type"},
		"a company as if it were a suite":   {webLoginURL("login_type", "ServiceApp"), 400, "login_type"},
		"a suite that is nobody's, by QR":   {webLoginURL("appid", "ww5u17e99999999999", "login_type", "ServiceApp"), 400, "appid"},
		"a suite that is nobody's in WeCom": {signInURL("appid", "ww5u17e99999999999"), 400, "appid"},
	} {
		t.Run(name, func(t *testing.T) {
			res, body := visit(t, fake, "zhangsan", c.address)
			if res.StatusCode != c.status || !strings.Contains(body, c.text) {
				t.Errorf("status %d, want %d and %q; %.300s", res.StatusCode, c.status, c.text, body)
			}
		})
	}
}

func TestTheSuitesShareNothing(t *testing.T) {
	fake := newFake(t)
	app, login := fake.Suite(), fake.LoginSuite()
	appTicket, loginTicket := fake.IssueTicket(), fake.IssueLoginTicket()
	wantErrcode(t, suiteToken(fake, app, loginTicket), "40085")
	wantErrcode(t, suiteToken(fake, login, appTicket), "40085")
	mixed := app
	mixed.SuiteSecret = login.SuiteSecret
	wantErrcode(t, suiteToken(fake, mixed, appTicket), "40080")
	mixed.SuiteID = "ww5u17e99999999999"
	wantErrcode(t, suiteToken(fake, mixed, appTicket), "40083")

	appToken := field[string](t, suiteToken(fake, app, appTicket), "suite_access_token")
	loginToken := field[string](t, suiteToken(fake, login, loginTicket), "suite_access_token")
	signIn := func(address string) string {
		res, _ := visit(t, fake, "zhangsan", address)
		callback, err := res.Location()
		if err != nil {
			t.Fatal(err)
		}
		return callback.Query().Get("code")
	}
	for name, c := range map[string]struct{ address, right, wrong string }{
		"the app's code":   {signInURL("appid", app.SuiteID), appToken, loginToken},
		"the login's code": {webLoginURL("appid", login.SuiteID, "login_type", "ServiceApp"), loginToken, appToken},
	} {
		code := signIn(c.address)
		_, body := call(fake, "service/auth/getuserinfo3rd", "suite_access_token", c.wrong, "code", code)
		wantErrcode(t, body, "40029")
		_, body = call(fake, "auth/getuserinfo", "access_token", newToken(t, fake), "code", code)
		wantErrcode(t, body, "40029")
		_, body = call(fake, "service/auth/getuserinfo3rd", "suite_access_token", c.right, "code", code)
		if field[string](t, body, "userid") != "zhangsan" {
			t.Errorf("%s: %s", name, body)
		}
	}
	for _, secret := range []string{app.SuiteSecret, login.SuiteSecret, appTicket, loginTicket, appToken, loginToken} {
		if !slices.Contains(fake.Secrets(), secret) {
			t.Error("Secrets does not tell one of them")
		}
	}
	fake.RevokeTokens()
	for _, token := range []string{appToken, loginToken} {
		_, body := call(fake, "service/auth/getuserinfo3rd", "suite_access_token", token, "code", "x")
		wantErrcode(t, body, "40082")
	}
}

func TestWhatIsWrongWithASuitesToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := newFake(t)
		app := field[string](t, suiteToken(fake, fake.Suite(), fake.IssueTicket()), "suite_access_token")
		login := field[string](t, suiteToken(fake, fake.LoginSuite(), fake.IssueLoginTicket()), "suite_access_token")
		time.Sleep(2 * time.Hour)
		for token, want := range map[string]string{"": "41022", "x": "40082", app: "42009", login: "42009"} {
			_, body := call(fake, "service/auth/getuserinfo3rd", "suite_access_token", token, "code", "x")
			wantErrcode(t, body, want)
		}
	})
}

func TestSuitesMustDiffer(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("New does not panic")
		}
	}()
	wecomtest.New(wecomtest.Config{SuiteID: "ww5u17e00000000000", LoginSuiteID: "ww5u17e00000000000"})
}
