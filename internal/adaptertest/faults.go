package adaptertest

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom"
	"github.com/wecomauth/wecomauth/core/wecomtest"
)

// fault is something that goes wrong, and what the person sees of it.
type fault struct {
	name   string
	fault  wecomtest.Fault
	status int
	code   string
}

var faults = []fault{
	{"the secret is wrong", wecomtest.Fault{API: "gettoken", Code: 40001}, 500, "misconfigured"},
	{"the corp is wrong", wecomtest.Fault{API: "gettoken", Code: 40013}, 500, "misconfigured"},
	{"gettoken is limited", wecomtest.Fault{API: "gettoken", Code: 45009}, 503, "wecom_unavailable"},
	{"gettoken answers 500", wecomtest.Fault{API: "gettoken", Status: 500}, 503, "wecom_unavailable"},
	{"gettoken answers a login page of the network", wecomtest.Fault{API: "gettoken", Body: "<html>log in to the Wi-Fi</html>"}, 502, "wecom_bad_answer"},
	{"gettoken answers no token", wecomtest.Fault{API: "gettoken", Body: `{"errcode":0,"errmsg":"ok","access_token":""}`}, 502, "wecom_bad_answer"},
	{"gettoken redirects", wecomtest.Fault{API: "gettoken", Status: 302}, 502, "wecom_bad_answer"},
	{"the connection breaks at getuserinfo", wecomtest.Fault{API: "auth/getuserinfo", Drop: true}, 503, "wecom_unavailable"},
	{"the server's IP is not allowed", wecomtest.Fault{API: "auth/getuserinfo", Code: 60020}, 500, "misconfigured"},
	{"the domain is not trusted", wecomtest.Fault{API: "auth/getuserinfo", Code: 50001}, 500, "misconfigured"},
	{"the token stays invalid", wecomtest.Fault{API: "auth/getuserinfo", Code: 40014}, 500, "misconfigured"},
	{"WeCom is busy", wecomtest.Fault{API: "auth/getuserinfo", Code: -1}, 503, "wecom_unavailable"},
	{"too many calls at once", wecomtest.Fault{API: "auth/getuserinfo", Code: 45033}, 503, "wecom_unavailable"},
	{"the person is out of the app's range", wecomtest.Fault{API: "auth/getuserinfo", Code: 50002}, 403, "not_visible"},
	{"the answer is cut short", wecomtest.Fault{API: "auth/getuserinfo", Body: `{"errcode":0,"userid":"zhang`}, 502, "wecom_bad_answer"},
	{"the answer names two people", wecomtest.Fault{API: "auth/getuserinfo", Body: `{"errcode":0,"userid":"zhangsan","openid":"o1"}`}, 502, "wecom_bad_answer"},
	{"the answer names nobody", wecomtest.Fault{API: "auth/getuserinfo", Body: `{"errcode":0,"errmsg":"ok"}`}, 502, "wecom_bad_answer"},
	{"the answer names a customer", wecomtest.Fault{API: "auth/getuserinfo", Body: `{"errcode":0,"openid":"o1","external_userid":"x"}`}, 403, "not_member"},
	{"the answer names someone of a linked company", wecomtest.Fault{API: "auth/getuserinfo", Body: `{"errcode":0,"userid":"ww2/zhangsan"}`}, 403, "other_corp"},
	{"the errcode is text", wecomtest.Fault{API: "auth/getuserinfo", Body: `{"errcode":"zero","userid":"zhangsan"}`}, 502, "wecom_bad_answer"},
	{"an error with a name beside it", wecomtest.Fault{API: "auth/getuserinfo", Body: `{"errcode":50001,"userid":"zhangsan"}`}, 500, "misconfigured"},
	{"an unknown error", wecomtest.Fault{API: "auth/getuserinfo", Code: 987654}, 502, "wecom_bad_answer"},
	{"the code never becomes valid", wecomtest.Fault{API: "auth/getuserinfo", Code: 40029}, 400, "code_invalid"},
	{"the profile cannot be read", wecomtest.Fault{API: "user/get", Code: 48002}, 200, "user=zhangsan"},
	{"the profile hangs", wecomtest.Fault{API: "user/get", Delay: time.Hour}, 200, "user=zhangsan"},
	{"the profile says: out of the app's range", wecomtest.Fault{API: "user/get", Code: 60011}, 403, "not_visible"},
	{"the profile says: no such account", wecomtest.Fault{API: "user/get", Code: 60111}, 403, "not_member"},
	{"the profile is broken", wecomtest.Fault{API: "user/get", Body: "{"}, 200, "user=zhangsan"},
	{"the person has left", wecomtest.Fault{API: "user/get", Body: `{"errcode":0,"userid":"zhangsan","status":5}`}, 403, "not_member"},
}

func testFaults(t *testing.T, mount Mount) {
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { playFault(t, mount, f) })
		})
	}
	t.Run("a token that WeCom revoked early is renewed once, unseen", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, mount, nil)
			w.visitor("lisi").open("/me").want(200)
			w.fake.RevokeTokens()
			time.Sleep(time.Minute)
			w.visitor("zhangsan").open("/me").want(200, "user=zhangsan")
			if n := w.fake.Calls("gettoken"); n != 2 {
				t.Errorf("%d gettoken calls, want 2", n)
			}
		})
	})
	t.Run("the former interface and its dialect", func(t *testing.T) {
		for body, want := range map[string]struct {
			status int
			text   string
		}{
			`{"UserId":"USERID"}`:                         {200, "user=USERID"},
			`{"UserId":"USERID","DeviceId":"DEVICEID"}`:   {200, "user=USERID"},
			`{"OpenId":"OPENID","DeviceId":"DEVICEID"}`:   {403, "not_member"},
			`{"errcode":"40029","errmsg":"invalid code"}`: {400, "code_invalid"},
		} {
			w := newWorld(t, mount, func(c *core.Config) {
				app := c.Provider.(wecom.App)
				app.LegacyUserInfo = true
				c.Provider = app
			})
			w.fake.Change(wecomtest.Employee{UserID: "USERID"})
			w.fake.Fail(wecomtest.Fault{API: "user/getuserinfo", Body: body})
			w.visitor("zhangsan").open("/me").follow().want(want.status, want.text)
			w.fake.Heal()
			w.visitor("lisi").open("/me").want(200, "user=lisi")
		}
	})
	t.Run("forged codes with a valid attempt: one call each attempt, whatever is sent", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		v := w.visitor("zhangsan")
		back := v.callback("/me")
		cookies, state := v.cookies(), stateOf(back)
		for i := range 50 {
			w.raw("GET", "/me?code=forged"+strings.Repeat("x", i)+"&"+state, "Cookie", cookies)
		}
		if n := w.fake.Calls("auth/getuserinfo"); n != 1 {
			t.Errorf("%d calls, want 1", n)
		}
	})
}

func playFault(t *testing.T, mount Mount, f fault) {
	w := newWorld(t, mount, nil)
	w.fake.Fail(f.fault)
	v := w.visitor("zhangsan").open("/me?week=3").follow().want(f.status, f.code)
	if f.status == 200 {
		return
	}
	if w.runs.Load() != 0 {
		t.Error("the handler ran")
	}
	if (v.res.Header.Get("Retry-After") != "") != (f.status == 503) {
		t.Errorf("status %d with Retry-After %q", f.status, v.res.Header.Get("Retry-After"))
	}
	// As soon as WeCom is well again, a reload of the error page logs in.
	w.fake.Heal()
	time.Sleep(2 * time.Minute)
	v.open(v.res.Request.URL.String()).follow()
	if f.code != "code_invalid" {
		v.want(200, "user=zhangsan", "query=week=3")
	}
}

// testSecrets looks for the secret, the tokens and the codes in everything that
// a login and each fault leave behind.
func testSecrets(t *testing.T, mount Mount) {
	all := append([]fault{{name: "success", status: 200, code: "user=zhangsan"}}, faults...)
	all = append(all,
		fault{"WeCom's error text repeats what it was sent", wecomtest.Fault{API: "auth/getuserinfo", Code: 50001, Msg: "ECHO"}, 500, ""},
		fault{"WeCom is slow", wecomtest.Fault{API: "auth/getuserinfo", Delay: time.Hour}, 503, ""},
		fault{"gettoken breaks", wecomtest.Fault{API: "gettoken", Drop: true, Times: 3}, 503, ""})
	for _, f := range all {
		t.Run(f.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { lookForSecrets(t, mount, f) })
		})
	}
}

func lookForSecrets(t *testing.T, mount Mount, f fault) {
	w := newWorld(t, mount, nil)
	if f.fault.Msg == "ECHO" { // the token is known before the fault, the code is not
		w.visitor("lisi").open("/me").want(200)
		f.fault.Msg = "bad token"
		for _, s := range w.fake.Secrets() {
			if len(s) != 43 { // lisi's code, which only that login knew
				f.fault.Msg += " " + s
			}
		}
	}
	if f.name != "success" {
		w.fake.Fail(f.fault)
	}
	v := w.visitor("zhangsan").still()
	var seen []string
	at := base + "/me?week=3"
	for range 12 {
		v.open(at)
		if strings.HasPrefix(at, base) { // WeCom's own redirect holds the code, of course
			seen = append(seen, v.body, fmt.Sprint(v.res.Header))
		}
		if m := refresh.FindStringSubmatch(v.body); m != nil {
			at = strings.ReplaceAll(m[1], "&amp;", "&")
		} else if at = v.location(); at == "" {
			break
		}
	}
	v.want(f.status)
	everything := strings.Join(append(seen, w.log.String()), "\n")
	secrets := w.fake.Secrets()
	if len(secrets) < 2 {
		t.Fatal("the login did not get far enough to have secrets")
	}
	for _, s := range secrets {
		if strings.Contains(everything, s) || strings.Contains(everything, url.QueryEscape(s)) {
			t.Errorf("a secret of %d bytes leaked: %s", len(s), around(everything, s))
		}
	}
}

func around(text, s string) string {
	i := strings.Index(text, s)
	return text[max(0, i-60):max(0, i)] + "•••"
}
