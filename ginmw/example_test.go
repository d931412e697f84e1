package ginmw_test

import (
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
	"github.com/wecomauth/wecomauth/ginmw"
)

// setup is an app at a fake WeCom. With the real one, Provider is a wecom.App.
func setup() (*core.Authenticator, *wecomtest.Fake, *gin.Engine) {
	fake := wecomtest.New(wecomtest.Config{})
	auth, err := core.New(core.Config{
		Provider: fake.App(),
		BaseURL:  "https://oa.example.com",
		Logger:   slog.New(slog.DiscardHandler),
	})
	if err != nil {
		log.Fatal(err)
	}
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	fake.Serve("https://oa.example.com", r)
	return auth, fake, r
}

// get shows what the WeCom client of an employee shows.
func get(fake *wecomtest.Fake, userID, path string) {
	res, err := fake.Browser(userID).Get("https://oa.example.com" + path)
	if err != nil {
		log.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		fmt.Println(userID, "gets", res.Status)
		return
	}
	fmt.Println(string(body))
}

func hello(c *gin.Context) {
	id, _ := ginmw.Identity(c)
	c.String(http.StatusOK, "hello %s", id.UserID)
}

func ExampleRequire() {
	auth, fake, r := setup()
	r.GET("/me", ginmw.Require(auth), hello)

	get(fake, "zhangsan", "/me")
	// Output: hello zhangsan
}

// A group of routes, and a rule for all of them.
func ExampleRequire_group() {
	auth, fake, r := setup()
	admin := r.Group("/admin", ginmw.Require(auth, core.AnyOf(core.Departments(2), core.Users("lisi"))))
	admin.GET("/reports", hello)

	get(fake, "wangwu", "/admin/reports") // of department 2
	get(fake, "lisi", "/admin/reports")
	get(fake, "zhaoliu", "/admin/reports")
	// Output:
	// hello wangwu
	// hello lisi
	// zhaoliu gets 403 Forbidden
}

func ExampleOptional() {
	auth, fake, r := setup()
	r.GET("/me", ginmw.Require(auth), hello)
	r.GET("/", ginmw.Optional(auth), func(c *gin.Context) {
		_, ok := ginmw.Identity(c)
		c.String(http.StatusOK, "logged in: %t", ok)
	})

	get(fake, "zhangsan", "/") // nobody is asked to log in
	// Output: logged in: false
}

// Wrong: a gin.Context is a context.Context, but it does not look into its
// request's. Use ginmw.Identity, or hand c.Request.Context() on.
func ExampleIdentity_wrong() {
	auth, fake, r := setup()
	r.GET("/me", ginmw.Require(auth), func(c *gin.Context) {
		_, wrong := core.IdentityFrom(c)
		_, right := core.IdentityFrom(c.Request.Context())
		c.String(http.StatusOK, "core.IdentityFrom(c) %t, core.IdentityFrom(c.Request.Context()) %t", wrong, right)
	})

	get(fake, "zhangsan", "/me")
	// Output: core.IdentityFrom(c) false, core.IdentityFrom(c.Request.Context()) true
}
