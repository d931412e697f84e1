package wecom_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
)

const (
	leakToken = "tok+en/with=odd%characters\\and\"quotes"
	leakCode  = "co+de&value"
)

// leaky answers with all that it was asked, the way a broken gateway would.
var leaky = map[string]func(*http.Request) (*http.Response, error){
	"a transport that fails": func(req *http.Request) (*http.Response, error) {
		return nil, errors.New("cannot reach " + req.URL.String())
	},
	"a transport that fails with the values": func(req *http.Request) (*http.Response, error) {
		q := req.URL.Query()
		all := q.Get("corpsecret") + " " + q.Get("access_token") + " " + q.Get("code")
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
		text := secret + " " + q.Get("access_token") + " hint: [" + q.Get("code") + "]"
		return body(fmt.Sprintf(`{"errcode":40001,"errmsg":%q}`, text))(req)
	},
	"a body that breaks off": func(req *http.Request) (*http.Response, error) {
		resp, _ := body("")(req)
		resp.Body = io.NopCloser(broken{req.URL.String()})
		return resp, nil
	},
}

type broken struct{ text string }

func (b broken) Read([]byte) (int, error) { return 0, errors.New("read " + b.text) }

func TestNoErrorAndNoLogHoldsASecret(t *testing.T) {
	good := body(fmt.Sprintf(`{"access_token":%q,"expires_in":7200}`, leakToken))
	for name, reply := range leaky {
		for _, api := range []string{"gettoken", "auth/getuserinfo", "user/get"} {
			t.Run(name+" at "+api, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					f := newFake()
					f.on("gettoken", good)
					f.on(api, reply)
					c, log := openLogged(t, f.app())
					_, err := c.Exchange(t.Context(), leakCode)
					if (err == nil) != (api == "user/get") {
						t.Errorf("error = %v", err)
					}
					out := log.String() + tree(err)
					if out == "" {
						t.Error("nothing was reported")
					}
					if strings.Contains(out, `Get "`) {
						t.Errorf("an address is in: %s", out)
					}
					for _, v := range []string{secret, leakToken, leakCode} {
						quoted := fmt.Sprintf("%q", v)
						for _, form := range []string{v, url.QueryEscape(v), url.PathEscape(v), quoted[1 : len(quoted)-1]} {
							if strings.Contains(out, form) {
								t.Errorf("%q is in: %s", form, out)
							}
						}
					}
				})
			})
		}
	}
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
