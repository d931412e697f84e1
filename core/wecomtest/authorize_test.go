package wecomtest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core/wecomtest"
)

func TestSignInChecksEveryParameter(t *testing.T) {
	const domain = "redirect_uri 需使用应用可信域名"
	long := strings.Repeat("a", 128)
	tests := []struct {
		name, address string
		status        int
		text          string // on the page
	}{
		{"all is well", signInURL(), 302, ""},
		{"the legacy scope is still accepted", signInURL("scope", "snsapi_userinfo"), 302, ""},
		{"privateinfo is accepted", signInURL("scope", "snsapi_privateinfo"), 302, ""},
		{"the longest state", signInURL("state", long), 302, ""},
		{"the scheme plays no part in the domain", signInURL("redirect_uri", "http://oa.example.com/"), 302, ""},
		{"a parameter that WeCom does not know", signInURL("connect_redirect", "1"), 302, ""},
		{"no appid", signInURL("appid", "-"), 400, "appid"},
		{"another company's appid", signInURL("appid", "wwother"), 400, "appid"},
		{"no agentid", signInURL("agentid", "-"), 400, "agentid"},
		{"another app's agentid", signInURL("agentid", "1000003"), 400, "agentid"},
		{"no response_type", signInURL("response_type", "-"), 400, "response_type"},
		{"a response_type that is not code", signInURL("response_type", "token"), 400, "response_type"},
		{"no scope", signInURL("scope", "-"), 400, "scope"},
		{"a scope of OpenID Connect", signInURL("scope", "openid"), 400, "scope"},
		{"no state", signInURL("state", "-"), 400, "state"},
		{"an empty state", signInURL("state", ""), 400, "state"},
		{"a state with a hyphen", signInURL("state", "a-b"), 400, "state"},
		{"a state that ends in a line feed", signInURL("state", "ab\n"), 400, "state"},
		{"a state that is too long", signInURL("state", long+"a"), 400, "state"},
		{"a parameter twice", strings.Replace(signInURL(), "#", "&state=abc123#", 1), 400, "state"},
		{"redirect_uri twice", strings.Replace(signInURL(), "#", "&redirect_uri=https%3A%2F%2Foa.example.com%2F#", 1), 400, "redirect_uri"},
		{"no redirect_uri", signInURL("redirect_uri", "-"), 400, "redirect_uri"},
		{"a code parameter in redirect_uri", signInURL("redirect_uri", site+"/?code=1"), 400, "redirect_uri"},
		{"a state parameter in redirect_uri", signInURL("redirect_uri", site+"/?state=1"), 400, "redirect_uri"},
		{"a user name in redirect_uri", signInURL("redirect_uri", "https://me@oa.example.com/"), 400, "redirect_uri"},
		{"another host", signInURL("redirect_uri", "https://evil.example.com/"), 200, domain},
		{"a sub-domain", signInURL("redirect_uri", "https://www.oa.example.com/"), 200, domain},
		{"a port", signInURL("redirect_uri", "https://oa.example.com:8443/"), 200, domain},
		{"the default port, written out", signInURL("redirect_uri", "https://oa.example.com:443/"), 200, domain},
		{"a trusted host as user name", signInURL("redirect_uri", "https://oa.example.com@evil.example.com/"), 200, domain},
		{"a path instead of an address", signInURL("redirect_uri", "/callback"), 200, domain},
		{"another scheme", signInURL("redirect_uri", "ftp://oa.example.com/"), 200, domain},
		{"redirect_uri encoded twice", signInURL("redirect_uri", "https%3A%2F%2Foa.example.com%2F"), 200, "看起来编码了两次"},
		{"a query that cannot be decoded", strings.Replace(signInURL(), "#", "&x=%zz#", 1), 400, "URL"},
		{"web login: all is well", webLoginURL(), 302, ""},
		{"web login: no lang", webLoginURL("lang", "-"), 302, ""},
		{"web login: no login_type", webLoginURL("login_type", "-"), 400, "login_type"},
		{"web login: the login_type of providers", webLoginURL("login_type", "ServiceApp"), 400, "login_type"},
		{"web login: no agentid", webLoginURL("agentid", "-"), 400, "agentid"},
		{"web login: another host", webLoginURL("redirect_uri", "https://evil.example.com/"), 200, domain},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res, body := visit(t, newFake(t, wecomtest.Employee{UserID: "zhangsan"}), "zhangsan", tt.address)
			if res.StatusCode != tt.status || !strings.Contains(body, tt.text) {
				t.Errorf("got %s, want %d and %q in:\n%s", res.Status, tt.status, tt.text, body)
			}
			if (res.Header.Get("Location") != "") != (tt.status == http.StatusFound) {
				t.Errorf("Location %q", res.Header.Get("Location"))
			}
		})
	}
}

func TestAddressMayBe2048BytesLong(t *testing.T) {
	fake := newFake(t, wecomtest.Employee{UserID: "zhangsan"})
	fill := strings.Repeat("x", 2048-len(signInURL("x", "")))
	if res, _ := visit(t, fake, "zhangsan", signInURL("x", fill)); res.StatusCode != 302 {
		t.Errorf("2048 bytes: %s", res.Status)
	}
	if res, _ := visit(t, fake, "zhangsan", signInURL("x", fill+"x")); res.StatusCode != 414 {
		t.Errorf("2049 bytes: %s", res.Status)
	}
}

func TestTrustedDomains(t *testing.T) {
	tests := []struct {
		name, domain, redirect string
		trusted                bool
	}{
		{"a domain with a port matches that port", "oa.example.com:8080", "http://oa.example.com:8080/", true},
		{"a domain with a port matches no other", "oa.example.com:8080", "http://oa.example.com/", false},
		{"a domain does not trust loopback hosts", "oa.example.com", "http://localhost/", false},
		{"by default localhost is trusted on any port", "", "http://localhost:3000/", true},
		{"by default a name under localhost is trusted", "", "http://oa.localhost/", true},
		{"by default 127.0.0.0/8 is trusted", "", "http://127.9.9.9:80/", true},
		{"by default ::1 is trusted", "", "http://[::1]:8080/", true},
		{"by default a served host is trusted", "", "https://served.example.com/", true},
		{"a served host is trusted without its default port only", "", "https://served.example.com:443/", false},
		{"by default a private address is not trusted", "", "http://192.168.1.2/", false},
		{"by default a name that begins like loopback is not trusted", "", "http://localhost.example.com/", false},
		{"by default other hosts are not trusted", "", "https://oa.example.com/", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fake := wecomtest.New(wecomtest.Config{TrustedDomain: tt.domain})
			fake.Serve("https://served.example.com", http.NotFoundHandler())
			res, body := visit(t, fake, "lisi", signInURL("redirect_uri", tt.redirect))
			if got := res.StatusCode == 302; got != tt.trusted {
				t.Errorf("%s\n%s", res.Status, body)
			}
		})
	}
}

func TestCallback(t *testing.T) {
	tests := []struct{ name, redirect, prefix, suffix string }{
		{"a query begins", site + "/cb", site + "/cb?code=", "&state=abc123"},
		{"a query goes on", site + "/cb?a=1%202", site + "/cb?a=1%202&code=", "&state=abc123"},
		{"a fragment stays behind the query", site + "/cb#/home?x", site + "/cb?code=", "&state=abc123#/home?x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fake := newFake(t, wecomtest.Employee{UserID: "zhangsan"})
			res, _ := visit(t, fake, "zhangsan", signInURL("redirect_uri", tt.redirect))
			got := res.Header.Get("Location")
			if !strings.HasPrefix(got, tt.prefix) || !strings.HasSuffix(got, tt.suffix) || strings.Contains(got, "code=&") {
				t.Errorf("got %s", got)
			}
			if got := res.Header.Get("Cache-Control"); got != "no-store" {
				t.Errorf("Cache-Control %q", got)
			}
		})
	}
}

func TestRefusalCallsBackWithoutACodeOnce(t *testing.T) {
	fake := newFake(t, wecomtest.Employee{UserID: "zhangsan"})
	fake.Refuse()
	res, _ := visit(t, fake, "zhangsan", signInURL())
	if got := res.Header.Get("Location"); got != site+"/callback?state=abc123" {
		t.Errorf("got %s", got)
	}
	newCode(t, fake, "zhangsan")
}

func TestUnknownPersonIsNotSignedIn(t *testing.T) {
	fake := newFake(t, wecomtest.Employee{UserID: "zhangsan"})
	fake.SignIn("nobody")
	res, body := visit(t, fake, "", signInURL())
	if res.StatusCode != 400 || !strings.Contains(body, "nobody") {
		t.Errorf("%s\n%s", res.Status, body)
	}
}

func TestABrowserOfNobodyKnownIsAMistake(t *testing.T) {
	defer func() {
		if p := recover(); p == nil {
			t.Error("a typo in the test went unnoticed")
		}
	}()
	newFake(t, wecomtest.Employee{UserID: "zhangsan"}).Browser("zhangsna")
}
