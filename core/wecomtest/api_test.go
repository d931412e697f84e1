package wecomtest_test

import (
	"encoding/json"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core/wecomtest"
)

func field[T any](t *testing.T, body, name string) T {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	v, ok := m[name].(T)
	if !ok {
		t.Fatalf("no good %s in %s", name, body)
	}
	return v
}

func TestGetTokenChecksTheCredentials(t *testing.T) {
	tests := []struct{ name, corpID, secret, errcode string }{
		{"a good pair gets a token", corpID, secret, "0"},
		{"a missing secret is named", corpID, "", "41004"},
		{"a missing corp is named", "", secret, "41002"},
		{"another corp is not known", "wwother", secret, "40013"},
		{"a wrong secret is refused", corpID, "wrong", "40001"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			status, body := call(newFake(t), "gettoken", "corpid", tt.corpID, "corpsecret", tt.secret)
			if status != 200 {
				t.Errorf("status %d; WeCom reports errors with 200", status)
			}
			wantErrcode(t, body, tt.errcode)
		})
	}
}

func TestErrorTextHasTheShapeOfTheRealOne(t *testing.T) {
	_, body := call(newFake(t), "gettoken", "corpid", corpID, "corpsecret", "wrong")
	shape := regexp.MustCompile(`^\{"errcode":40001,"errmsg":"invalid credential, hint: \[\d+_80_[0-9a-f]{32}\], ` +
		`from ip: 127\.0\.0\.1, more info at https://open\.work\.weixin\.qq\.com/devtool/query\?e=40001"\}$`)
	if !shape.MatchString(body) {
		t.Errorf("got %s", body)
	}
}

func TestTokenStaysTheSameWhileItIsValid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := newFake(t, wecomtest.Employee{UserID: "zhangsan"})
		first := newToken(t, fake)
		time.Sleep(7199 * time.Second)
		_, body := call(fake, "gettoken", "corpid", corpID, "corpsecret", secret)
		if field[string](t, body, "access_token") != first || field[float64](t, body, "expires_in") != 1 {
			t.Errorf("one second before the end: %s", body)
		}
		_, body = call(fake, "user/get", "access_token", first, "userid", "zhangsan")
		wantErrcode(t, body, "0")

		time.Sleep(time.Second)
		_, body = call(fake, "user/get", "access_token", first, "userid", "zhangsan")
		wantErrcode(t, body, "42001")
		if newToken(t, fake) == first {
			t.Error("an expired token was handed out again")
		}
	})
}

func TestRevokedTokenIsUnknownAndReplaced(t *testing.T) {
	fake := newFake(t, wecomtest.Employee{UserID: "zhangsan"})
	token := newToken(t, fake)
	fake.RevokeTokens()
	code := newCode(t, fake, "zhangsan")
	_, body := call(fake, "auth/getuserinfo", "access_token", token, "code", code)
	wantErrcode(t, body, "40014")
	_, body = call(fake, "auth/getuserinfo", "access_token", newToken(t, fake), "code", code)
	wantErrcode(t, body, "0") // the refused call has not spent the code
}

func TestUserInfoBodies(t *testing.T) {
	fake := newFake(t, wecomtest.Employee{UserID: "USERID", NotVisible: true}, wecomtest.Employee{OpenID: "OPENID"})
	tests := []struct{ name, api, person, want string }{
		{"an employee has a userid, visible or not", "auth/getuserinfo", "USERID", `{"errcode":0,"errmsg":"ok","userid":"USERID"}`},
		{"a stranger has an openid and errcode 0", "auth/getuserinfo", "OPENID", `{"errcode":0,"errmsg":"ok","openid":"OPENID"}`},
		{"the old dialect has no errcode", "user/getuserinfo", "USERID", `{"UserId":"USERID","DeviceId":"DEVICEID"}`},
		{"the old dialect names strangers too", "user/getuserinfo", "OPENID", `{"OpenId":"OPENID","DeviceId":"DEVICEID"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, body := call(fake, tt.api, "access_token", newToken(t, fake), "code", newCode(t, fake, tt.person))
			if body != tt.want {
				t.Errorf("got  %s\nwant %s", body, tt.want)
			}
		})
	}
}

func TestUserInfoRefusals(t *testing.T) {
	fake := newFake(t, wecomtest.Employee{UserID: "zhangsan"})
	token, other := newToken(t, fake), newCode(t, newFake(t, wecomtest.Employee{UserID: "zhangsan"}), "zhangsan")
	tests := []struct {
		name, want, old string
		params          []string
	}{
		{"no access token", "41001", `{"errcode":"41001","errmsg":"access_token missing"}`, []string{"code", "x"}},
		{"no code", "41008", `{"errcode":"41008","errmsg":"code missing"}`, []string{"access_token", token}},
		{"an access token that was never issued", "40014", `{"errcode":"40014","errmsg":"invalid access_token"}`, []string{"access_token", "x", "code", "x"}},
		{"a code that was never issued", "40029", `{"errcode":"40029","errmsg":"invalid code"}`, []string{"access_token", token, "code", "x"}},
		{"a code of another company", "40029", `{"errcode":"40029","errmsg":"invalid code"}`, []string{"access_token", token, "code", other}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, body := call(fake, "auth/getuserinfo", tt.params...)
			wantErrcode(t, body, tt.want)
			if _, body := call(fake, "user/getuserinfo", tt.params...); body != tt.old {
				t.Errorf("old dialect: got %s, want %s", body, tt.old)
			}
		})
	}
}

func TestOldDialectChecksTheAgentIDIfThereIsOne(t *testing.T) {
	fake := newFake(t, wecomtest.Employee{UserID: "USERID"})
	token, code := newToken(t, fake), newCode(t, fake, "USERID")
	_, body := call(fake, "user/getuserinfo", "access_token", token, "code", code, "agentid", "1000003")
	if body != `{"errcode":"301002","errmsg":"not allow operate another agent with this accesstoken."}` {
		t.Errorf("a wrong agentid: %s", body)
	}
	_, body = call(fake, "user/getuserinfo", "access_token", token, "code", code, "agentid", agentID)
	if body != `{"UserId":"USERID","DeviceId":"DEVICEID"}` {
		t.Errorf("the right agentid: %s", body)
	}
}

func TestCodeIsGoodOnceAndForFiveMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := newFake(t, wecomtest.Employee{UserID: "zhangsan"})
		token := newToken(t, fake)
		exchange := func(code string) string {
			_, body := call(fake, "auth/getuserinfo", "access_token", token, "code", code)
			return body
		}
		fresh, late := newCode(t, fake, "zhangsan"), newCode(t, fake, "zhangsan")
		if !regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`).MatchString(fresh) {
			t.Errorf("code %q", fresh)
		}
		time.Sleep(5*time.Minute - time.Nanosecond)
		wantErrcode(t, exchange(fresh), "0")
		wantErrcode(t, exchange(fresh), "40029")
		time.Sleep(time.Nanosecond)
		wantErrcode(t, exchange(late), "40029")
	})
}

func TestGetUserBodies(t *testing.T) {
	fake := newFake(t,
		wecomtest.Employee{UserID: "ZhangSan", Name: "张三 <&>", Departments: []int{1, 2}},
		wecomtest.Employee{UserID: "gone", Status: 5},
		wecomtest.Employee{UserID: "hidden", NotVisible: true},
		wecomtest.Employee{OpenID: "OPENID"})
	tests := []struct{ name, userID, want string }{
		{"the app sees no sensitive fields, and any case finds the person", "zhangsan", `{"errcode":0,"errmsg":"ok","userid":"ZhangSan","name":"张三 <&>","department":[1,2],"position":"","status":1,"isleader":0,"extattr":{"attrs":[]},"telephone":"","enable":1,"hide_mobile":0,"order":[0,0],"main_department":1,"alias":"","is_leader_in_dept":[0,0],"direct_leader":[]}`},
		{"the status is told", "gone", `{"errcode":0,"errmsg":"ok","userid":"gone","name":"","department":[],"position":"","status":5,"isleader":0,"extattr":{"attrs":[]},"telephone":"","enable":1,"hide_mobile":0,"order":[],"main_department":0,"alias":"","is_leader_in_dept":[],"direct_leader":[]}`},
		{"a person outside the visible range", "hidden", `{"errcode":60011,"errmsg":"no privilege to access/modify contact/party/agent , hint: …","department":[],"order":[],"is_leader_in_dept":[],"direct_leader":[]}`},
		{"an unknown person", "nobody", `{"errcode":60111,"errmsg":"userid not found, hint: …","department":[],"order":[],"is_leader_in_dept":[],"direct_leader":[]}`},
		{"an openid is not a userid", "OPENID", `{"errcode":60111,"errmsg":"userid not found, hint: …","department":[],"order":[],"is_leader_in_dept":[],"direct_leader":[]}`},
		{"no userid", "", `{"errcode":41009,"errmsg":"userid missing, hint: …","department":[],"order":[],"is_leader_in_dept":[],"direct_leader":[]}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, body := call(fake, "user/get", "access_token", newToken(t, fake), "userid", tt.userID)
			body = regexp.MustCompile(`hint: [^"]*`).ReplaceAllString(body, "hint: …")
			if body != tt.want {
				t.Errorf("got  %s\nwant %s", body, tt.want)
			}
		})
	}
	_, body := call(fake, "user/get", "userid", "zhangsan")
	wantErrcode(t, body, "41001")
}

func TestPathsAndMethodsThatDoNotExist(t *testing.T) {
	tests := []struct {
		name, method, address string
		status                int
	}{
		{"an unknown path", "GET", "https://qyapi.weixin.qq.com/cgi-bin/user/list", 404},
		{"an API on the host of the pages", "GET", "https://open.weixin.qq.com/cgi-bin/gettoken", 404},
		{"a page on the host of the APIs", "GET", "https://qyapi.weixin.qq.com/connect/oauth2/authorize", 404},
		{"the web login page on the host of the other", "GET", "https://open.weixin.qq.com/wwlogin/sso/login", 404},
		{"an API of POST by GET", "GET", "https://qyapi.weixin.qq.com/cgi-bin/auth/getuserdetail", 405},
		{"an API by POST", "POST", "https://qyapi.weixin.qq.com/cgi-bin/gettoken", 405},
		{"a sign-in page by HEAD", "HEAD", signInURL(), 405},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			newFake(t).ServeHTTP(w, httptest.NewRequest(tt.method, tt.address, nil))
			if w.Code != tt.status || w.Body.Len() > 0 {
				t.Errorf("got %d %q, want %d and no body", w.Code, w.Body, tt.status)
			}
		})
	}
}

func TestSecretsHoldsAllThatMustNotLeak(t *testing.T) {
	fake := newFake(t, wecomtest.Employee{UserID: "zhangsan"})
	for _, s := range []string{secret, newToken(t, fake), newCode(t, fake, "zhangsan")} {
		if !slices.Contains(fake.Secrets(), s) {
			t.Errorf("%q is missing in %s", s, strings.Join(fake.Secrets(), ", "))
		}
	}
}
