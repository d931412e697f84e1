package wecom_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom"
)

// fixed is a token source that knows one token.
type fixed string

func (f fixed) Token(context.Context, string) (string, error) { return string(f), nil }

func TestExchangeChecksTheCodeFirst(t *testing.T) {
	f := newFake()
	c := open(t, f.app())
	for _, code := range []string{"", "a b", "a\nb", "a\x7f", "é", strings.Repeat("x", 513)} {
		id, err := c.Exchange(t.Context(), code)
		checkOutcome(t, id, err, "", core.ErrBadCallback)
		if code != "" && strings.Contains(err.Error(), code) {
			t.Errorf("error holds the code: %v", err)
		}
	}
	if n := f.count("gettoken") + f.count("auth/getuserinfo"); n != 0 {
		t.Errorf("%d calls for malformed codes, want none", n)
	}
	long := strings.Repeat("&", 512)
	if _, err := c.Exchange(t.Context(), long); err != nil || f.param("auth/getuserinfo", "code") != long {
		t.Errorf("a code of 512 odd characters: %v", err)
	}
}

func TestExchangeSendsWhatEachDialectWants(t *testing.T) {
	f := newFake()
	f.on("user/getuserinfo", body(`{"UserId":"USERID"}`))
	app := f.app()
	app.APIURL = "http://wx.corp.example:8090/gate/"
	if _, err := open(t, app).Exchange(t.Context(), "C+D"); err != nil {
		t.Fatal(err)
	}
	got := f.calls["auth/getuserinfo"][0].URL.String()
	if want := "http://wx.corp.example:8090/gate/cgi-bin/auth/getuserinfo?access_token=accesstoken000001&code=C%2BD"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	got = f.calls["gettoken"][0].URL.RawQuery
	if want := "corpid=ww0123456789abcdef&corpsecret=s3cret%2B%2FValue_of-the-app%3D0123456789abcdefXY"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	app.LegacyUserInfo = true
	if _, err := open(t, app).Exchange(t.Context(), "CODE"); err != nil {
		t.Fatal(err)
	}
	got = f.calls["user/getuserinfo"][0].URL.RawQuery
	if want := "access_token=accesstoken000001&code=CODE&agentid=1000002"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	f := newFake()
	f.on("gettoken", func(req *http.Request) (*http.Response, error) {
		resp, _ := status(http.StatusMovedPermanently, "<html>")(req)
		resp.Header.Set("Location", "https://evil.example/cgi-bin/evil?"+req.URL.RawQuery)
		return resp, nil
	})
	app := f.app()
	app.HTTPClient.CheckRedirect = func(*http.Request, []*http.Request) error { return nil }
	_, err := open(t, app).Exchange(t.Context(), "CODE")
	if !errors.Is(err, core.ErrBadAnswer) || f.count("evil") != 0 {
		t.Errorf("error = %v, calls to the other host: %d", err, f.count("evil"))
	}
	if app.HTTPClient.CheckRedirect == nil || app.HTTPClient.Timeout != 0 {
		t.Error("Open changed the application's own client")
	}
}

func TestForeignTokenSource(t *testing.T) {
	refused := `{"errcode":40014,"errmsg":"invalid access_token"}`
	tests := []struct {
		name   string
		tokens wecom.TokenSource
		kind   *core.Kind
	}{
		{"no token", fixed(""), core.ErrMisconfigured},
		{"the same token again", fixed("T"), core.ErrMisconfigured},
		{"an error without a kind", failing{errors.New("redis is down")}, core.ErrUnavailable},
		{"an error with a kind", failing{core.ErrStore}, core.ErrStore},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake()
			f.on("auth/getuserinfo", body(refused))
			app := f.app()
			app.Secret, app.Tokens = "", tt.tokens
			id, err := open(t, app).Exchange(t.Context(), "CODE")
			checkOutcome(t, id, err, "", tt.kind)
			if f.count("gettoken") != 0 || f.count("auth/getuserinfo") > 1 {
				t.Error("needless calls")
			}
		})
	}
}

// endless has a new token at every call.
type endless struct{ n *int }

func (e endless) Token(context.Context, string) (string, error) {
	*e.n++
	return strings.Repeat("T", *e.n), nil
}

func TestACodeIsSentAtMostTwice(t *testing.T) {
	f := newFake()
	f.on("auth/getuserinfo", body(`{"errcode":40014,"errmsg":"invalid access_token"}`))
	app := f.app()
	app.Tokens = endless{new(int)}
	id, err := open(t, app).Exchange(t.Context(), "CODE")
	checkOutcome(t, id, err, "", core.ErrMisconfigured)
	if n := f.count("auth/getuserinfo"); n != 2 {
		t.Errorf("the code was sent %d times, want twice", n)
	}
}

type failing struct{ err error }

func (f failing) Token(context.Context, string) (string, error) { return "", f.err }
