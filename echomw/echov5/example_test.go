package echov5_test

import (
	"fmt"
	"io"
	"log"
	"net/http"

	"github.com/labstack/echo/v5"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
	"github.com/wecomauth/wecomauth/echomw/echov5"
)

func ExampleRequire() {
	fake := wecomtest.New(wecomtest.Config{}) // with the real WeCom, Provider is a wecom.App
	auth, err := core.New(core.Config{Provider: fake.App(), BaseURL: "https://oa.example.com"})
	if err != nil {
		log.Fatal(err)
	}
	e := echo.New()
	fake.Serve("https://oa.example.com", e)

	admin := e.Group("/admin", echov5.Require(auth, core.Departments(2)))
	admin.GET("/reports", func(c *echo.Context) error {
		id, _ := echov5.Identity(c)
		return c.String(http.StatusOK, "hello "+id.UserID)
	})

	res, err := fake.Browser("zhangsan").Get("https://oa.example.com/admin/reports") // logs in on the way
	if err != nil {
		log.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(body))
	// Output: hello zhangsan
}
