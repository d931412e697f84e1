// Command echov5 protects Echo v5 routes with a WeCom login.
//
//	go run ./examples/echov5
//
// It needs no WeCom account: without WECOM_CORP_ID, WECOM_AGENT_ID, WECOM_SECRET
// and BASE_URL in the environment it uses a fake WeCom. With them it may serve
// other machines too, as in a container: -addr :8080. A private edition also needs
// WECOM_API_URL, WECOM_OPEN_URL and WECOM_LOGIN_URL.
package main

import (
	"context"
	"log"
	"net/http"

	"github.com/labstack/echo/v5"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/echomw/echov5"
	"github.com/wecomauth/wecomauth/examples/internal/demo"
)

func main() {
	config, addr := demo.Setup()
	auth, err := core.New(config)
	if err != nil {
		log.Fatal(err)
	}
	e := echo.New()

	e.GET("/", page("首页 Home"), echov5.Optional(auth))
	e.GET("/me", page("我 Me"), echov5.Require(auth))

	admin := e.Group("/admin", echov5.Require(auth, core.Departments(2)))
	admin.GET("", page("研发部 Admin"))

	e.GET("/api/me", func(c *echo.Context) error {
		id, _ := echov5.Identity(c)
		return c.JSON(http.StatusOK, map[string]string{"user_id": id.UserID, "name": id.Name})
	}, echov5.Require(auth))

	e.GET("/login", echov5.Login(auth))
	e.Match([]string{"GET", "POST"}, "/logout", echov5.Logout(auth))

	start := echo.StartConfig{Address: addr, HideBanner: true, HidePort: true}
	log.Fatal(start.Start(context.Background(), e))
}

func page(title string) echo.HandlerFunc {
	return func(c *echo.Context) error {
		id, in := echov5.Identity(c)
		demo.Page(c.Response(), title, id, in)
		return nil
	}
}
