// Command echo protects Echo routes with a WeCom login.
//
//	go run ./examples/echo
//
// It needs no WeCom account: without WECOM_CORP_ID, WECOM_AGENT_ID, WECOM_SECRET
// and BASE_URL in the environment it uses a fake WeCom. With them it may serve
// other machines too, as in a container: -addr :8080. A private edition also needs
// WECOM_API_URL, WECOM_OPEN_URL and WECOM_LOGIN_URL.
package main

import (
	"log"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/echomw"
	"github.com/wecomauth/wecomauth/examples/internal/demo"
)

func main() {
	config, addr := demo.Setup()
	auth, err := core.New(config)
	if err != nil {
		log.Fatal(err)
	}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true

	e.GET("/", page("首页 Home"), echomw.Optional(auth))
	e.GET("/me", page("我 Me"), echomw.Require(auth))

	admin := e.Group("/admin", echomw.Require(auth, core.Departments(2)))
	admin.GET("", page("研发部 Admin"))

	e.GET("/api/me", func(c echo.Context) error {
		id, _ := echomw.Identity(c)
		return c.JSON(http.StatusOK, map[string]string{"user_id": id.UserID, "name": id.Name})
	}, echomw.Require(auth))

	e.GET("/login", echomw.Login(auth))
	e.Match([]string{"GET", "POST"}, "/logout", echomw.Logout(auth))

	log.Fatal(e.Start(addr))
}

func page(title string) echo.HandlerFunc {
	return func(c echo.Context) error {
		id, in := echomw.Identity(c)
		demo.Page(c.Response(), title, id, in)
		return nil
	}
}
