package wecomtest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core/wecomtest"
)

func TestSignInPageEscapesHostileText(t *testing.T) {
	const script = `"><script>alert(1)</script>`
	fake := wecomtest.New(wecomtest.Config{
		Employees:   []wecomtest.Employee{{UserID: "u" + script, Name: script, Departments: []int{1}}},
		Departments: []wecomtest.Department{{ID: 1, Name: script}},
	})
	pages := []string{
		signInURL("redirect_uri", "http://localhost/"+script),
		signInURL("redirect_uri", "http://evil.example.com/"+script),
		signInURL("state", script),
	}
	for _, address := range pages {
		_, body := visit(t, fake, "", address)
		if strings.Contains(body, "<script") || strings.Contains(body, `="u"`) {
			t.Errorf("%s\nlets text become markup:\n%s", address, body)
		}
	}
}

func TestSignInPageHeaders(t *testing.T) {
	res, _ := visit(t, newFake(t), "", signInURL())
	for name, want := range map[string]string{
		"Content-Type":            "text/html; charset=utf-8",
		"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
		"Cache-Control":           "no-store",
		"X-Content-Type-Options":  "nosniff",
	} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestSignInPageShowsTheCompany(t *testing.T) {
	fake := newFake(t,
		wecomtest.Employee{UserID: "zhangsan", Name: "张三", Departments: []int{2, 9}, Status: 5, NotVisible: true},
		wecomtest.Employee{UserID: "disabled", Status: 2}, wecomtest.Employee{UserID: "new", Status: 4},
		wecomtest.Employee{OpenID: "OPENID"})
	_, body := visit(t, fake, "", signInURL())
	for _, want := range []string{"张三", "研发部", "部门 9", "假企业微信", "非企业成员", "不在可见范围", "已退出企业", "已禁用", "未激活", site, "选择登录的员工"} {
		if !strings.Contains(body, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if strings.Contains(body, "<svg") {
		t.Error("a QR code on the page of the client")
	}
	if !strings.Contains(body, `aria-label="员工"`) {
		t.Error("the list has no name")
	}
}

func TestWebLoginPageLooksLikeAQRCode(t *testing.T) {
	fake := newFake(t, wecomtest.Employee{UserID: "zhangsan", Name: "张三"})
	_, body := visit(t, fake, "", webLoginURL())
	for _, want := range []string{
		"企业微信扫码登录", `<svg viewBox="0 0 25 25" aria-hidden="true"><path d="M0 0h1v1h-1zM1 0h1v1h-1z`, "不是真的二维码",
		"选择一名员工来模拟扫码", `value="zhangsan"`, "张三", "取消登录",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("%q is missing in:\n%s", want, body)
		}
	}
	_, callback := press(t, fake, webLoginURL(), "refuse", "1")
	if callback.String() != site+"/callback?state=abc123" {
		t.Errorf("a refusal calls back %s", callback)
	}
}

func TestSignInPageLanguage(t *testing.T) {
	tests := []struct{ name, header, address, lang string }{
		{"Chinese by default", "", signInURL(), "zh-CN"},
		{"English first", "en-GB,en;q=0.9,zh;q=0.8", signInURL(), "en"},
		{"Chinese first", "zh-TW,zh;q=0.9,en;q=0.8", signInURL(), "zh-CN"},
		{"a third language before English", "de,en;q=0.5", signInURL(), "en"},
		{"neither", "de", signInURL(), "zh-CN"},
		{"the lang parameter is stronger", "zh", webLoginURL("lang", "en"), "en"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req, _ := http.NewRequest("GET", tt.address, nil)
			req.Header.Set("Accept-Language", tt.header)
			res, err := newFake(t).Browser("").Do(req)
			if err != nil {
				t.Fatal(err)
			}
			if body := readAll(t, res); !strings.Contains(body, `<html lang="`+tt.lang+`">`) {
				t.Errorf("not %s:\n%s", tt.lang, body)
			}
		})
	}
}

func TestSignInPageButtons(t *testing.T) {
	fake := newFake(t, wecomtest.Employee{UserID: "zhangsan"})
	tests := []struct {
		name         string
		form         url.Values
		status       int
		code, called bool
	}{
		{"an employee", url.Values{"userid": {"zhangsan"}}, 303, true, true},
		{"cancel", url.Values{"refuse": {"1"}}, 303, false, true},
		{"somebody else", url.Values{"userid": {"nobody"}}, 400, false, false},
		{"nothing", nil, 400, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := fake.Browser("")
			c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			res, err := c.PostForm(signInURL(), tt.form)
			if err != nil {
				t.Fatal(err)
			}
			location := res.Header.Get("Location")
			if res.StatusCode != tt.status || strings.Contains(location, "code=") != tt.code ||
				strings.HasPrefix(location, site+"/callback?") != tt.called {
				t.Errorf("got %s to %q", res.Status, location)
			}
		})
	}
}

func TestZeroConfigIsACompany(t *testing.T) {
	fake := wecomtest.New(wecomtest.Config{})
	_, body := visit(t, fake, "", signInURL("redirect_uri", "http://localhost:8080/"))
	for _, want := range []string{"zhangsan", "李四", "财务部"} {
		if !strings.Contains(body, want) {
			t.Errorf("%q is missing", want)
		}
	}
	body, _ = press(t, fake, signInURL("redirect_uri", "http://localhost:8080/", "scope", private), "userid", "zhangsan")
	if !strings.Contains(body, "13800000000") || !strings.Contains(body, "zhangsan@example.com") {
		t.Errorf("zhangsan has no details:\n%s", body)
	}
}
