package core_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
	"github.com/wecomauth/wecomauth/nethttpmw"
)

const oa = "https://oa.example.com"

// open protects a handler with an Authenticator at a fake WeCom, and shows what
// an employee's WeCom client gets.
func open(userID string, config core.Config, h http.HandlerFunc, rules ...core.Rule) {
	fake := wecomtest.New(wecomtest.Config{})
	config.Provider, config.BaseURL, config.Logger = fake.App(), oa, slog.New(slog.DiscardHandler)
	auth, err := core.New(config)
	if err != nil {
		log.Fatal(err)
	}
	fake.Serve(oa, nethttpmw.Require(auth, rules...)(h))
	res, err := fake.Browser(userID).Get(oa + "/page")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(userID, res.Status)
}

func empty(http.ResponseWriter, *http.Request) {}

// A handler is tested alone, without a login.
func ExampleWithIdentity() {
	greet := func(w http.ResponseWriter, r *http.Request) {
		id, ok := core.IdentityFrom(r.Context())
		_, _ = fmt.Fprintln(w, id.Name, ok)
	}
	r := httptest.NewRequest("GET", "/me", nil)
	r = r.WithContext(core.WithIdentity(r.Context(), core.Identity{UserID: "zhangsan", Name: "张三"}))
	w := httptest.NewRecorder()
	greet(w, r)
	fmt.Println(w.Body)
	// Output: 张三 true
}

// Wrong: WithIdentity is for handlers. Require looks at the session, and nowhere
// else, so that nothing in front of it can hand an identity in.
func ExampleWithIdentity_wrong() {
	fake := wecomtest.New(wecomtest.Config{})
	auth, err := core.New(core.Config{Provider: fake.App(), BaseURL: oa, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		log.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/me", nil)
	r = r.WithContext(core.WithIdentity(r.Context(), core.Identity{UserID: "zhangsan"}))
	w := httptest.NewRecorder()
	nethttpmw.Require(auth)(http.HandlerFunc(empty)).ServeHTTP(w, r)
	fmt.Println(w.Code)
	// Output: 401
}

// Several rules on a route mean all of them.
func ExampleRule() {
	staff := core.AnyOf(core.DepartmentTree(2), core.Tags(1))
	for _, userID := range []string{"zhaoliu", "lisi"} { // 5, which is below 2; and 3
		open(userID, core.Config{}, empty, staff, core.Not(core.Users("zhangsan")))
	}
	// Output:
	// zhaoliu 200 OK
	// lisi 403 Forbidden
}

func ExampleRuleFunc() {
	recent := core.RuleFunc(func(_ context.Context, id core.Identity) error {
		if id.LoginAt.Before(time.Now().Add(-time.Hour)) {
			return fmt.Errorf("%w: a login of the last hour is asked for", core.ErrForbidden)
		}
		return nil
	})
	open("zhangsan", core.Config{}, empty, recent)
	// Output: zhangsan 200 OK
}

// Wrong: a rule that can never work panics when the route is made, rather than
// refusing everybody later.
func ExampleAuthenticator_Guard_wrong() {
	fake := wecomtest.New(wecomtest.Config{})
	app := fake.App()
	app.LinkedCorps = []string{"ww2222222222222222"}
	auth, err := core.New(core.Config{Provider: app, BaseURL: oa})
	if err != nil {
		log.Fatal(err)
	}
	defer func() { fmt.Println(recover()) }()
	auth.Guard(core.Users("zhangsan")) // whose zhangsan? core.Corp says
	// Output: wecomauth: people of several companies may log in: say which one the ids belong to with core.Corp
}

// OnLogin maps people to local accounts, and may refuse.
func ExampleConfig_onLogin() {
	accounts := map[string]int{"zhangsan": 7}
	config := core.Config{OnLogin: func(_ context.Context, id core.Identity) error {
		if accounts[id.UserID] == 0 {
			return errors.New("no account")
		}
		return nil
	}}
	open("zhangsan", config, empty)
	open("lisi", config, empty)
	// Output:
	// zhangsan 200 OK
	// lisi 403 Forbidden
}

// OnError answers refusals with the application's own page.
func ExampleConfig_onError() {
	config := core.Config{OnError: func(w http.ResponseWriter, _ *http.Request, err *core.Error) {
		fmt.Println("code:", err.Kind.Code())
		w.WriteHeader(err.StatusCode())
	}}
	open("lisi", config, empty, core.Departments(2))
	// Output:
	// code: forbidden
	// lisi 403 Forbidden
}

// An application with values of its own in the session brings its manager, and
// wraps its whole router in LoadAndSave: Require is inside.
func ExampleConfig_sessions() {
	sm := scs.New()
	sm.Cookie.Name = "__Host-session" // which no sibling subdomain can plant
	sm.Cookie.Secure = true           // BaseURL is https
	sm.Codec = core.Codec{}           // compact, and reads what gob has written
	fake := wecomtest.New(wecomtest.Config{})
	auth, err := core.New(core.Config{Provider: fake.App(), BaseURL: oa, Sessions: sm, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		log.Fatal(err)
	}
	router := nethttpmw.Require(auth)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		sm.Put(r.Context(), "visits", sm.GetInt(r.Context(), "visits")+1)
		fmt.Println("visit", sm.GetInt(r.Context(), "visits"))
	}))
	fake.Serve(oa, sm.LoadAndSave(router))

	browser := fake.Browser("zhangsan")
	for range 2 {
		if _, err := browser.Get(oa + "/page"); err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// visit 1
	// visit 2
}

// Two companies behind the same routes, each at a host of its own.
func ExampleNewCorps() {
	acme, globex := newCustomer("ww1111111111111111", "https://acme.example.com"), newCustomer("ww2222222222222222", "https://globex.example.com")
	gate, err := core.NewCorps(nil, acme.auth, globex.auth)
	if err != nil {
		log.Fatal(err)
	}
	page := nethttpmw.Require(gate)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		id, _ := core.IdentityFrom(r.Context())
		fmt.Println(r.Host, id.CorpID)
	}))
	for _, c := range []customer{acme, globex} {
		c.fake.Serve(c.base, page)
		if _, err := c.fake.Browser("zhangsan").Get(c.base + "/me"); err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// acme.example.com ww1111111111111111
	// globex.example.com ww2222222222222222
}

type customer struct {
	base string
	fake *wecomtest.Fake
	auth *core.Authenticator
}

func newCustomer(corpID, base string) customer {
	fake := wecomtest.New(wecomtest.Config{CorpID: corpID})
	auth, err := core.New(core.Config{Provider: fake.App(), BaseURL: base, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		log.Fatal(err)
	}
	return customer{base, fake, auth}
}

// Revoke ends every session of a person.
func ExampleAuthenticator_Revoke() {
	fake := wecomtest.New(wecomtest.Config{})
	auth, err := core.New(core.Config{Provider: fake.App(), BaseURL: oa, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		log.Fatal(err)
	}
	fake.Serve(oa, nethttpmw.Require(auth)(http.HandlerFunc(empty)))
	browser := fake.Browser("zhangsan")
	call, _ := http.NewRequest("GET", oa+"/me", nil)
	call.Header.Set("Sec-Fetch-Mode", "cors") // by a script, which is not sent to log in
	call.Header.Set("Sec-Fetch-Dest", "empty")

	_, before := browser.Get(oa + "/me") // logs in
	revoked := auth.Revoke(context.Background(), "", "zhangsan")
	after, err := browser.Do(call)
	fmt.Println(before, revoked, after.Status, err)
	// Output: <nil> <nil> 401 Unauthorized <nil>
}
