package wecomtest_test

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
	"github.com/wecomauth/wecomauth/nethttpmw"
)

// TestFaultsByHand: what is switched on at the sign-in page is what the app gets,
// until it is switched off there or healed.
func TestFaultsByHand(t *testing.T) {
	for _, tc := range []struct {
		fault  string
		status int
		kind   string
		took   time.Duration
	}{
		{"expired", 200, `http-equiv="refresh"`, 0}, // the second round begins, for a browser to follow
		{"50001", 500, "misconfigured", 0},
		{"60020", 500, "misconfigured", 0},
		{"slow", 200, "", 6 * time.Second}, // gettoken, getuserinfo, user/get
		{"silent", 503, "wecom_unavailable", 0},
		{"down", 503, "wecom_unavailable", 0},
	} {
		t.Run(tc.fault, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake, page := panelApp(t)
				if body := press303(t, fake, page, tc.fault); strings.Count(body, `value="none" aria-pressed="true"`) != 1 {
					t.Errorf("the page does not show what is on:\n%s", body)
				}
				begin := time.Now()
				if status, body := logIn(t, fake); status != tc.status || !strings.Contains(body, tc.kind) {
					t.Errorf("status %d: %.200s", status, body)
				}
				if took := time.Since(begin); tc.fault == "slow" && took != tc.took {
					t.Errorf("took %s", took)
				}
				time.Sleep(time.Minute) // WeCom is called again
				if tc.fault == "expired" {
					fake.Heal()
				} else if body := press303(t, fake, page, "none"); strings.Contains(body, `value="none"`) {
					t.Error("the page shows that it is still on")
				}
				if status, body := logIn(t, fake); status != 200 {
					t.Errorf("not mended: status %d: %.200s", status, body)
				}
			})
		})
	}
}

// TestFaultsByHandReachEveryCall: what WeCom refuses, it refuses wherever it would.
func TestFaultsByHandReachEveryCall(t *testing.T) {
	const suite, suiteOld = "service/auth/getuserinfo3rd", "service/getuserinfo3rd"
	for fault, hit := range map[string]map[string]bool{
		"expired": {"auth/getuserinfo": true, "user/getuserinfo": true, suite: true, suiteOld: true, "user/get": false, "gettoken": false},
		"60020":   {"auth/getuserinfo": true, suite: true, "user/get": true, "department/simplelist": true, "tag/get": true, "gettoken": false},
	} {
		fake, page := panelApp(t)
		press303(t, fake, page, fault)
		code := map[string]string{"expired": "40029", "60020": "60020"}[fault]
		for api, want := range hit {
			res, err := fake.Browser("").Get("https://qyapi.weixin.qq.com/cgi-bin/" + api)
			if err != nil {
				t.Fatal(err)
			}
			if body := readAll(t, res); strings.Contains(body, code) != want {
				t.Errorf("%s, %s: %s", fault, api, body)
			}
		}
	}
}

// panelApp is an app on its fake, and the address of a sign-in page.
func panelApp(t *testing.T) (*wecomtest.Fake, string) {
	fake := wecomtest.New(wecomtest.Config{})
	auth, err := core.New(core.Config{Provider: fake.App(), BaseURL: site, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	fake.Serve(site, nethttpmw.Require(auth)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
	c := fake.Browser("")
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := c.Get(site + "/me")
	if err != nil {
		t.Fatal(err)
	}
	return fake, res.Header.Get("Location")
}

// press303 presses a button of the panel, which leads back to the page.
func press303(t *testing.T, fake *wecomtest.Fake, page, fault string) string {
	t.Helper()
	res, err := fake.Browser("").PostForm(page, url.Values{"fault": {fault}})
	if err != nil {
		t.Fatal(err)
	}
	if res.Request.Method != "GET" || res.StatusCode != 200 {
		t.Fatalf("%s answers %s", res.Request.Method, res.Status)
	}
	return readAll(t, res)
}

func logIn(t *testing.T, fake *wecomtest.Fake) (int, string) {
	t.Helper()
	res, err := fake.Browser("zhangsan").Get(site + "/me")
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, readAll(t, res)
}
