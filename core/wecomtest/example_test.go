package wecomtest_test

import (
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"time"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
	"github.com/wecomauth/wecomauth/nethttpmw"
)

// A whole login in a test: nothing listens, and WeCom is in memory.
func Example() {
	fake := wecomtest.New(wecomtest.Config{Employees: []wecomtest.Employee{{UserID: "mulan", Name: "木兰", Departments: []int{2}}}})
	auth, err := core.New(core.Config{Provider: fake.App(), BaseURL: "https://oa.example.com", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		log.Fatal(err)
	}
	fake.Serve("https://oa.example.com", nethttpmw.Require(auth)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		id, _ := core.IdentityFrom(r.Context())
		fmt.Println(id.Name, r.URL)
	})))

	res, err := fake.Browser("mulan").Get("https://oa.example.com/me?week=3") // logs in on the way
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.Status, fake.Calls("auth/getuserinfo"))
	// Output:
	// 木兰 /me?week=3
	// 200 OK 1
}

// How the application behaves when WeCom does not.
func ExampleFake_Fail() {
	fake := wecomtest.New(wecomtest.Config{})
	auth, err := core.New(core.Config{Provider: fake.App(), BaseURL: "https://oa.example.com", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		log.Fatal(err)
	}
	fake.Serve("https://oa.example.com", nethttpmw.Require(auth)(http.NotFoundHandler()))
	for _, fault := range []wecomtest.Fault{
		{API: "auth/getuserinfo", Code: 60020},                       // the server's address is not listed
		{API: "auth/getuserinfo", Status: 503},                       // a proxy on the way
		{API: "user/get", Drop: true},                                // the profile cannot be read: a login without a name
		{API: "auth/getuserinfo", Delay: time.Millisecond, Times: 1}, // slow
	} {
		fake.Fail(fault)
		res, err := fake.Browser("zhangsan").Get("https://oa.example.com/me")
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(res.StatusCode)
		fake.Heal()
	}
	// Output:
	// 500
	// 503
	// 404
	// 404
}
