package wecom_test

import (
	"net/http"
	"testing"

	"github.com/wecomauth/wecomauth/core/wecom"
)

func TestTwoAppsNeverShareAToken(t *testing.T) {
	f := newFake()
	f.on("gettoken", func(req *http.Request) (*http.Response, error) {
		return body(`{"access_token":"of-` + req.URL.Query().Get("corpsecret") + `","expires_in":7200}`)(req)
	})
	one, two := f.app(), f.app()
	one.Secret, two.Secret, two.AgentID = "one", "two", "1000003"
	for _, app := range []wecom.App{one, two} {
		if _, err := open(t, app).Exchange(t.Context(), "CODE"); err != nil {
			t.Fatal(err)
		}
		if got := f.param("auth/getuserinfo", "access_token"); got != "of-"+app.Secret {
			t.Errorf("app %s used token %q", app.Secret, got)
		}
	}
}

func TestAnAppAndItsOtherCallsShareOneSource(t *testing.T) {
	f := newFake()
	app := f.app()
	app.Tokens = source(t, app)
	if _, err := open(t, app).Exchange(t.Context(), "CODE"); err != nil {
		t.Fatal(err)
	}
	wantToken(t, app.Tokens, "", tokenA)
	if n := f.count("gettoken"); n != 1 {
		t.Errorf("%d calls of gettoken, want 1", n)
	}
}
