package examples

import (
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
)

// TestSuite: people of two companies log in to the service provider's app.
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
			jar, err := cookiejar.New(nil)
			if err != nil {
				t.Fatal(err)
			}
			client := &http.Client{Jar: jar}
			if status, body, _ := get(t, client, base+"/me", true); status != want.me || !strings.Contains(body, want.text) {
				t.Errorf("/me: status %d: %.300s", status, body)
			}
			if status, _, _ := get(t, client, base+"/acme", true); status != want.acme {
				t.Errorf("/acme: status %d", status)
			}
		})
	}
}
