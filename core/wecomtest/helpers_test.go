package wecomtest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core/wecomtest"
)

const (
	corpID  = "ww1234567890abcdef"
	agentID = "1000002"
	secret  = "a-secret-of-the-tests"
	site    = "https://oa.example.com"
)

func newFake(t *testing.T, employees ...wecomtest.Employee) *wecomtest.Fake {
	t.Helper()
	return wecomtest.New(wecomtest.Config{Secret: secret, TrustedDomain: "oa.example.com", Employees: employees})
}

// signInURL is a good address of the sign-in page in the client, changed by
// pairs of name and value; a value of "-" takes the parameter away.
func signInURL(changes ...string) string {
	q := url.Values{
		"appid": {corpID}, "redirect_uri": {site + "/callback"}, "response_type": {"code"},
		"scope": {"snsapi_base"}, "state": {"abc123"}, "agentid": {agentID},
	}
	return "https://open.weixin.qq.com/connect/oauth2/authorize?" + change(q, changes).Encode() + "#wechat_redirect"
}

func webLoginURL(changes ...string) string {
	q := url.Values{
		"login_type": {"CorpApp"}, "appid": {corpID}, "agentid": {agentID},
		"redirect_uri": {site + "/callback"}, "state": {"abc123"}, "lang": {"zh"},
	}
	return "https://login.work.weixin.qq.com/wwlogin/sso/login?" + change(q, changes).Encode()
}

func change(q url.Values, changes []string) url.Values {
	for i := 0; i < len(changes); i += 2 {
		if changes[i+1] == "-" {
			q.Del(changes[i])
		} else {
			q.Set(changes[i], changes[i+1])
		}
	}
	return q
}

// visit makes one request as a browser in which person is signed in, without
// following redirects.
func visit(t *testing.T, fake *wecomtest.Fake, person, address string) (*http.Response, string) {
	t.Helper()
	c := fake.Browser(person)
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := c.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	return res, readAll(t, res)
}

func readAll(t *testing.T, res *http.Response) string {
	t.Helper()
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// newCode signs person in and returns the code.
func newCode(t *testing.T, fake *wecomtest.Fake, person string) string {
	t.Helper()
	res, body := visit(t, fake, person, signInURL())
	callback, err := res.Location()
	if err != nil {
		t.Fatalf("%s: %v\n%s", res.Status, err, body)
	}
	code := callback.Query().Get("code")
	if code == "" {
		t.Fatalf("no code in %s", callback)
	}
	return code
}

// call asks an API in process and returns status and body.
func call(fake *wecomtest.Fake, api string, params ...string) (int, string) {
	q := url.Values{}
	for i := 0; i < len(params); i += 2 {
		q.Set(params[i], params[i+1])
	}
	w := httptest.NewRecorder()
	fake.ServeHTTP(w, httptest.NewRequest("GET", "https://qyapi.weixin.qq.com/cgi-bin/"+api+"?"+q.Encode(), nil))
	return w.Code, w.Body.String()
}

func newToken(t *testing.T, fake *wecomtest.Fake) string {
	t.Helper()
	_, body := call(fake, "gettoken", "corpid", corpID, "corpsecret", secret)
	return field[string](t, body, "access_token")
}

func wantErrcode(t *testing.T, body string, code string) {
	t.Helper()
	if !strings.HasPrefix(body, `{"errcode":`+code+`,`) {
		t.Errorf("got %s, want errcode %s", body, code)
	}
}
