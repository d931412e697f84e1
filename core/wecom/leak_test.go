package wecom_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/wecomauth/wecomauth/core"
)

const (
	leakToken = "tok+en/with=odd%characters\\and\"quotes"
	leakCode  = "co+de&value"

	leakTicket = "tick+et&<of>/the\\\"person"
	leakMobile = "13800000000"
)

// leaky answers with all that it was asked, the way a broken gateway would.
var leaky = map[string]func(*http.Request) (*http.Response, error){
	"a transport that fails": func(req *http.Request) (*http.Response, error) {
		return nil, errors.New("cannot reach " + req.URL.String())
	},
	"a transport that fails with the values": func(req *http.Request) (*http.Response, error) {
		q := req.URL.Query()
		all := q.Get("corpsecret") + " " + q.Get("access_token") + " " + q.Get("code") + " " + posted(req)
		return nil, fmt.Errorf("bad query %v %q %s", q, all, url.PathEscape(all))
	},
	"a transport with a client of its own": func(req *http.Request) (*http.Response, error) {
		inner := &url.Error{Op: "Get", URL: req.URL.String(), Err: errors.New("refused")}
		return nil, &url.Error{Op: "Get", URL: req.URL.String(), Err: inner}
	},
	"HTML": func(req *http.Request) (*http.Response, error) {
		return body("<html>" + req.URL.String())(req)
	},
	"a status": func(req *http.Request) (*http.Response, error) {
		return status(http.StatusForbidden, req.URL.String())(req)
	},
	"a redirect to nowhere": func(req *http.Request) (*http.Response, error) {
		resp, _ := status(http.StatusFound, "")(req)
		resp.Header.Set("Location", "https://[::1/?"+req.URL.RawQuery)
		return resp, nil
	},
	"a message that echoes the address": func(req *http.Request) (*http.Response, error) {
		return body(fmt.Sprintf(`{"errcode":40058,"errmsg":%q}`, req.URL.RawQuery))(req)
	},
	"a message that echoes the values": func(req *http.Request) (*http.Response, error) {
		q := req.URL.Query()
		text := secret + " " + q.Get("access_token") + " hint: [" + q.Get("code") + "] " + posted(req)
		return body(fmt.Sprintf(`{"errcode":40001,"errmsg":%q}`, text))(req)
	},
	"a message that echoes the body's ticket": func(req *http.Request) (*http.Response, error) {
		var sent map[string]string
		_ = json.Unmarshal([]byte(posted(req)), &sent)
		return body(fmt.Sprintf(`{"errcode":84015,"errmsg":%q,"mobile":%q}`, "hint: ["+sent["user_ticket"]+"]", leakMobile))(req)
	},
	"an answer about another person": func(req *http.Request) (*http.Response, error) {
		return body(fmt.Sprintf(`{"access_token":"","userid":%q,"openid":"x","mobile":%q}`, leakMobile, leakMobile))(req)
	},
	"a body that breaks off": func(req *http.Request) (*http.Response, error) {
		resp, _ := body("")(req)
		resp.Body = io.NopCloser(broken{req.URL.String()})
		return resp, nil
	},
}

// unquoted takes back what a log does to a text.
var unquoted = strings.NewReplacer(`\\`, `\`, `\"`, `"`)

// posted is the body of a request.
func posted(req *http.Request) string {
	if req.Body == nil {
		return ""
	}
	text, _ := io.ReadAll(req.Body)
	return string(text)
}

// ticketOf reads the body that getuserdetail is sent.
func ticketOf(t *testing.T, text []byte) string {
	t.Helper()
	var sent map[string]string
	if err := json.Unmarshal(text, &sent); err != nil || len(sent) != 1 {
		t.Errorf("the body is %s: %v", text, err)
	}
	return sent["user_ticket"]
}

type broken struct{ text string }

func (b broken) Read([]byte) (int, error) { return 0, errors.New("read " + b.text) }

func TestNoErrorAndNoLogHoldsASecret(t *testing.T) {
	good := body(fmt.Sprintf(`{"access_token":%q,"expires_in":7200}`, leakToken))
	for name, reply := range leaky {
		for _, api := range []string{"gettoken", "auth/getuserinfo", "user/get", "auth/getuserdetail"} {
			t.Run(name+" at "+api, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f := newFake()
					f.on("gettoken", good)
					f.on("auth/getuserinfo", body(fmt.Sprintf(`{"userid":"USERID","user_ticket":%q}`, leakTicket)))
					f.on("auth/getuserdetail", body(fmt.Sprintf(`{"mobile":%q}`, leakMobile)))
					f.on(api, reply)
					app := f.app()
					app.PrivateInfo = true
					c, log := openLogged(t, app)
					_, err := c.Exchange(t.Context(), leakCode)
					if (err == nil) != (api == "user/get" || api == "auth/getuserdetail") {
						t.Errorf("error = %v", err)
					}
					out := log.String() + unquoted.Replace(log.String()) + tree(err)
					if out == "" {
						t.Error("nothing was reported")
					}
					noSecretIn(t, out)
				})
			})
		}
	}
}

func TestNoErrorOfALookupHoldsASecret(t *testing.T) {
	good := body(fmt.Sprintf(`{"access_token":%q,"expires_in":7200}`, leakToken))
	for name, reply := range leaky {
		for _, lookup := range lookups {
			for _, api := range []string{"gettoken", lookup.name} {
				t.Run(name+" at "+api+" for "+lookup.name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						f := newFake()
						f.on("gettoken", good)
						f.on(api, reply)
						c, log := openLogged(t, f.app())
						err := lookup.do(t.Context(), c.(core.Directory))
						if err == nil {
							t.Fatal("no error")
						}
						noSecretIn(t, log.String()+tree(err))
					})
				})
			}
		}
	}
}

// noSecretIn looks for all that must not leak, in every spelling.
func noSecretIn(t *testing.T, out string) {
	t.Helper()
	if strings.Contains(out, `Get "`) || strings.Contains(out, `Post "`) {
		t.Errorf("an address is in: %s", out)
	}
	for _, v := range []string{secret, leakToken, leakCode, leakTicket, leakMobile} {
		quoted, inJSON := fmt.Sprintf("%q", v), jsonOf(t, v)
		for _, form := range []string{v, url.QueryEscape(v), url.PathEscape(v), quoted[1 : len(quoted)-1], inJSON[1 : len(inJSON)-1]} {
			if strings.Contains(out, form) {
				t.Errorf("%q is in: %s", form, out)
			}
		}
	}
}

func jsonOf(t *testing.T, v string) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// tree prints an error and all that it unwraps to.
func tree(err error) string {
	if err == nil {
		return ""
	}
	out := fmt.Sprintf("%v %+v %#v\n", err, err, err)
	switch e := err.(type) { //nolint:errorlint // walks the tree itself
	case interface{ Unwrap() error }:
		out += tree(e.Unwrap())
	case interface{ Unwrap() []error }:
		for _, err := range e.Unwrap() {
			out += tree(err)
		}
	}
	return out
}

func TestAShortCodeDoesNotBreakUpAToken(t *testing.T) {
	f := newFake()
	f.on("auth/getuserinfo", func(req *http.Request) (*http.Response, error) {
		return body(`{"errcode":40058,"errmsg":"x` + req.URL.Query().Get("access_token") + `"}`)(req)
	})
	for _, code := range []string{"o", "xa", "0"} {
		_, err := open(t, f.app()).Exchange(t.Context(), code)
		for _, piece := range []string{"ccesst", "ken00", "t***ken"} {
			if strings.Contains(err.Error(), piece) {
				t.Errorf("code %q leaves pieces of the token: %v", code, err)
			}
		}
	}
}
