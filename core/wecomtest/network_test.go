package wecomtest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/wecomauth/wecomauth/core/wecomtest"
)

// app is an application that sends visitors to WeCom and shows who came back.
func app(fake *wecomtest.Fake) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/me", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "visited", Value: "yes", Path: "/", Secure: true})
		http.Redirect(w, r, signInURL(), http.StatusFound)
	})
	mux.HandleFunc("/callback", func(w http.ResponseWriter, r *http.Request) {
		cookie, _ := r.Cookie("visited")
		res, err := fake.App().HTTPClient.Get("https://qyapi.weixin.qq.com/cgi-bin/gettoken?corpid=" + corpID + "&corpsecret=" + secret)
		_, _ = fmt.Fprintln(w, r.FormValue("state"), cookie, err, r.TLS != nil, r.Host, r.RemoteAddr, r.RequestURI == r.URL.String(), r.URL.Host == "", res.Status)
	})
	return mux
}

func TestBrowserSignsInSilently(t *testing.T) {
	fake := newFake(t, wecomtest.Employee{UserID: "zhangsan"})
	fake.Serve(site, app(fake))
	res, err := fake.Browser("zhangsan").Get(site + "/me")
	if err != nil {
		t.Fatal(err)
	}
	want := "abc123 visited=yes <nil> true oa.example.com 127.0.0.1:1 true true 200 OK\n"
	if body := readAll(t, res); body != want {
		t.Errorf("got %s, want %s", body, want)
	}
}

func TestSignInIsForEveryoneButTheBrowserOfSomebody(t *testing.T) {
	fake := newFake(t, wecomtest.Employee{UserID: "zhangsan"}, wecomtest.Employee{UserID: "lisi"})
	signedInAs := func(browser string) string {
		_, body := call(fake, "user/getuserinfo", "access_token", newToken(t, fake), "code", newCode(t, fake, browser))
		return field[string](t, body, "UserId")
	}
	fake.SignIn("lisi")
	if got := signedInAs(""); got != "lisi" {
		t.Errorf("nobody's browser is %s's", got)
	}
	if got := signedInAs("zhangsan"); got != "zhangsan" {
		t.Errorf("zhangsan's browser is %s's", got)
	}
	fake.SignIn("")
	if res, _ := visit(t, fake, "", signInURL()); res.StatusCode != 200 {
		t.Errorf("got %s, want the sign-in page again", res.Status)
	}
}

func TestBrowserSendsTheHeadersOfAPageLoad(t *testing.T) {
	var got http.Header
	fake := newFake(t)
	fake.Serve(site, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header }))

	if _, err := fake.Browser("").Get(site); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"User-Agent": "wxwork/4.", "Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document",
	} {
		if !strings.Contains(got.Get(name), want) {
			t.Errorf("%s: %q", name, got.Get(name))
		}
	}

	req, _ := http.NewRequest("GET", site, nil)
	req.Header = http.Header{"Accept": {"application/json"}, "Sec-Fetch-Mode": nil}
	if _, err := fake.Browser("").Do(req); err != nil {
		t.Fatal(err)
	}
	if got.Get("Accept") != "application/json" || got.Get("Sec-Fetch-Mode") != "" {
		t.Errorf("the caller's headers were replaced: %v", got)
	}
	if len(req.Header) != 2 {
		t.Errorf("the caller's request was changed: %v", req.Header)
	}
}

func TestBrowserReachesOtherHostsOverTheNetwork(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "real") }))
	defer server.Close()
	if _, body := visit(t, newFake(t), "", server.URL); body != "real" {
		t.Errorf("got %q", body)
	}
}

func TestFakeAtAnAddressOfItsOwn(t *testing.T) {
	fake := newFake(t, wecomtest.Employee{UserID: "zhangsan"})
	const at = "http://wecom.test:9000"
	if a := fake.AppAt(at + "/"); a.APIURL != at || a.OpenURL != at || a.LoginURL != at || a.Secret != secret {
		t.Error("AppAt has other addresses or another secret")
	}
	fake.Serve(at, fake)
	address := strings.Replace(signInURL(), "https://open.weixin.qq.com", at, 1)
	if res, _ := visit(t, fake, "zhangsan", address); res.StatusCode != 302 {
		t.Errorf("got %s, want a silent sign-in", res.Status)
	}
}

func TestInProcessRequestIsLikeOneFromANetwork(t *testing.T) {
	type key struct{}
	fake := newFake(t)
	fake.Serve(site+":443", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Context().Value(key{}) != nil {
			t.Error("the client's context values reach the server")
		}
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Before", "yes")
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusTeapot)
		w.Header().Set("X-After", "yes")
		_, _ = fmt.Fprintf(w, "<html>%s %d", body, r.ContentLength)
	}))
	ctx := context.WithValue(t.Context(), key{}, "leak")
	req, _ := http.NewRequestWithContext(ctx, "POST", site+"/?q#fragment", strings.NewReader("hello"))
	res, err := fake.Browser("").Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if res.Status != "418 I'm a teapot" || res.Header.Get("X-Before") != "yes" || res.Header.Get("X-After") != "" {
		t.Errorf("%s %v", res.Status, res.Header)
	}
	if body := readAll(t, res); body != "<html>hello 5" || res.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("%q %v", body, res.Header)
	}
}

func TestCanceledRequestHasNoAnswer(t *testing.T) {
	fake := newFake(t)
	ctx, cancel := context.WithCancel(t.Context())
	fake.Serve(site, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { cancel() }))
	req, _ := http.NewRequestWithContext(ctx, "GET", site, nil)
	if _, err := fake.Browser("").Do(req); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestManyBrowsersAtOnce(t *testing.T) {
	fake := newFake(t, wecomtest.Employee{UserID: "zhangsan"})
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			code := newCode(t, fake, "zhangsan")
			_, body := call(fake, "auth/getuserinfo", "access_token", newToken(t, fake), "code", code)
			wantErrcode(t, body, "0")
		})
	}
	wg.Wait()
}

func TestMistakesInATestPanic(t *testing.T) {
	tests := []struct {
		name string
		do   func()
	}{
		{"an application at no address", func() { newFake(t).Serve("oa.example.com", http.NotFoundHandler()) }},
		{"an employee with no id", func() { newFake(t, wecomtest.Employee{Name: "x"}) }},
		{"an employee of a gender that WeCom does not know", func() {
			newFake(t, wecomtest.Employee{UserID: "a", Details: wecomtest.Details{Gender: 3}})
		}},
		{"a fault of an API that does not exist", func() { newFake(t).Fail(wecomtest.Fault{API: "getuserinfo"}) }},
		{"the calls of an API that does not exist", func() { newFake(t).Calls("getuserinfo") }},
		{"a change to somebody with no id", func() { newFake(t).Change(wecomtest.Employee{Name: "x"}) }},
		{"nobody of a linked company", func() { newFake(t).Change(wecomtest.Employee{Corp: linkedCorp, OpenID: "x"}) }},
		{"an employee whose Corp is the company's own", func() { newFake(t, wecomtest.Employee{Corp: corpID, UserID: "x"}) }},
		{"a Corp with a slash", func() { newFake(t, wecomtest.Employee{Corp: "a/b", UserID: "x"}) }},
		{"two employees of one linked company", func() {
			newFake(t, wecomtest.Employee{Corp: "wwA", UserID: "x"}, wecomtest.Employee{Corp: "wwa", UserID: "X"})
		}},
		{"nobody to remove", func() { newFake(t, wecomtest.Employee{UserID: "zhangsan"}).Remove("zhangsna") }},
		{"nothing to remove", func() { newFake(t, wecomtest.Employee{UserID: "zhangsan"}).Remove("") }},
		{"a department without an id", func() { company(wecomtest.Department{Name: "x"}) }},
		{"a root below something", func() { company(wecomtest.Department{ID: 1, Parent: 2}, wecomtest.Department{ID: 2}) }},
		{"two departments with one id", func() { company(wecomtest.Department{ID: 2}, wecomtest.Department{ID: 2}) }},
		{"two roots", func() { company(wecomtest.Department{ID: 1}, wecomtest.Department{ID: 1}) }},
		{"a department below one that does not exist", func() { company(wecomtest.Department{ID: 2, Parent: 3}) }},
		{"departments in a circle", func() { company(wecomtest.Department{ID: 2, Parent: 3}, wecomtest.Department{ID: 3, Parent: 2}) }},
		{"a tag without an id", func() { wecomtest.New(wecomtest.Config{Tags: []wecomtest.Tag{{Name: "x"}}}) }},
		{"two tags with one id", func() { wecomtest.New(wecomtest.Config{Tags: []wecomtest.Tag{{ID: 1}, {ID: 1}}}) }},
		{"two employees whose ids differ in case", func() { newFake(t, wecomtest.Employee{UserID: "a"}, wecomtest.Employee{UserID: "A"}) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			defer func() {
				if s, _ := recover().(string); !strings.HasPrefix(s, "wecomtest: ") {
					t.Errorf("no panic that names the package: %q", s)
				}
			}()
			tt.do()
		})
	}
}

func company(departments ...wecomtest.Department) {
	wecomtest.New(wecomtest.Config{Departments: departments})
}
