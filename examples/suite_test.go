package examples

import (
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core/wecomtest"
)

// browserAs says which browser it is.
type browserAs string

func (b browserAs) RoundTrip(req *http.Request) (*http.Response, error) {
	req.Header.Set("User-Agent", string(b))
	return http.DefaultTransport.RoundTrip(req)
}

// TestSuite: people of two companies log in to the service provider's app, in WeCom
// and on a desktop.
func TestSuite(t *testing.T) {
	for person, want := range map[string]struct {
		me, acme int
		text     string
	}{
		"zhangsan":                    {200, 200, "CorpID ww1111111111111111, UserID zhangsan"},
		"ww2222222222222222/zhangsan": {200, 403, "CorpID ww2222222222222222, UserID zhangsan"},
		"ww3333333333333333/wangwu":   {403, 403, "other_corp"},
	} {
		t.Run(person, func(t *testing.T) {
			t.Parallel()
			base := start(t, "suite", person)
			for _, browser := range []string{wecomtest.UserAgentWeCom, wecomtest.UserAgentDesktop} {
				jar, err := cookiejar.New(nil)
				if err != nil {
					t.Fatal(err)
				}
				client := &http.Client{Jar: jar, Transport: browserAs(browser)}
				if status, body, _ := get(t, client, base+"/me", true); status != want.me || !strings.Contains(body, want.text) {
					t.Errorf("/me as %s: status %d: %.300s", browser, status, body)
				}
				if status, _, _ := get(t, client, base+"/acme", true); status != want.acme {
					t.Errorf("/acme as %s: status %d", browser, status)
				}
			}
		})
	}
}
