package core_test

import (
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
	"github.com/wecomauth/wecomauth/nethttpmw"
)

// Wrong: a page that requires a login, to land on after Logout. In WeCom's client
// the person is logged in again before the page is there.
func ExampleConfig_afterLogout_wrong() {
	fake := wecomtest.New(wecomtest.Config{})
	auth, err := core.New(core.Config{Provider: fake.App(), BaseURL: oa, AfterLogout: "/me", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/me", nethttpmw.Require(auth)(http.HandlerFunc(empty)))
	mux.Handle("/logout", nethttpmw.Logout(auth))
	fake.Serve(oa, mux)

	browser := fake.Browser("zhangsan")
	_, before := browser.Get(oa + "/me")
	res, err := browser.Post(oa+"/logout", "", nil)
	fmt.Println(before, err, res.Request.URL.Path, res.Status)
	fmt.Println("logins:", fake.Calls("auth/getuserinfo"))
	// Output:
	// <nil> <nil> /me 200 OK
	// logins: 2
}

// Wrong: one core.New for each group of routes. Each has sessions of its own under
// one name of a cookie, and knows nobody whom the other has logged in; a page that
// goes to and fro between them ends with login_loop. Make one for the service and
// use it everywhere.
func ExampleNew_wrong() {
	fake := wecomtest.New(wecomtest.Config{})
	mux := http.NewServeMux()
	for _, path := range []string{"/me", "/admin"} {
		auth, err := core.New(core.Config{Provider: fake.App(), BaseURL: oa, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			log.Fatal(err)
		}
		mux.Handle(path, nethttpmw.Require(auth)(http.HandlerFunc(empty)))
	}
	fake.Serve(oa, mux)

	browser := fake.Browser("zhangsan")
	_, before := browser.Get(oa + "/me") // logs in
	call, _ := http.NewRequest("GET", oa+"/admin", nil)
	call.Header.Set("Sec-Fetch-Mode", "cors") // by a script of that page
	call.Header.Set("Sec-Fetch-Dest", "empty")
	res, err := browser.Do(call)
	fmt.Println(before, res.Status, err)
	// Output: <nil> 401 Unauthorized <nil>
}

// Wrong: the first address of X-Forwarded-For, which the visitor writes. Whoever
// invents codes invents an address with each, and is never rationed as a visitor.
// A header that the proxy sets itself is right, such as nginx's X-Real-IP.
func ExampleConfig_clientIP_wrong() {
	fmt.Println("X-Real-IP:", forgedCalls(func(r *http.Request) string {
		return r.Header.Get("X-Real-IP")
	}))
	fmt.Println("X-Forwarded-For:", forgedCalls(func(r *http.Request) string {
		first, _, _ := strings.Cut(r.Header.Get("X-Forwarded-For"), ",")
		return first
	}))
	// Output:
	// X-Real-IP: 50
	// X-Forwarded-For: 200
}

// forgedCalls returns how many of 200 invented codes of one visitor get to WeCom.
func forgedCalls(clientIP func(*http.Request) string) int {
	fake := wecomtest.New(wecomtest.Config{})
	auth, err := core.New(core.Config{Provider: fake.App(), BaseURL: oa, ClientIP: clientIP, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		log.Fatal(err)
	}
	page := nethttpmw.Require(auth)(http.HandlerFunc(empty))
	visit := func(target, cookie string, i int) *http.Response {
		r := httptest.NewRequest("GET", target, nil)
		r.Header = http.Header{
			"User-Agent": {wecomtest.UserAgentWeCom}, "Accept": {"text/html"}, "Cookie": {cookie},
			"X-Real-Ip": {"198.51.100.7"}, "X-Forwarded-For": {fmt.Sprintf("203.0.113.%d, 198.51.100.7", i)},
		}
		w := httptest.NewRecorder()
		page.ServeHTTP(w, r)
		return w.Result()
	}
	for i := range 200 {
		begun := visit(oa+"/me", "", i)
		login, err := url.Parse(begun.Header.Get("Location"))
		if err != nil {
			log.Fatal(err)
		}
		attempt := begun.Cookies()[0]
		visit(oa+"/me?code=invented"+strconv.Itoa(i)+"&state="+login.Query().Get("state"), attempt.Name+"="+attempt.Value, i)
	}
	return fake.Calls("auth/getuserinfo")
}
