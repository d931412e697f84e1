package doctest

import (
	"net/http"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/labstack/echo/v4"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
	"github.com/wecomauth/wecomauth/echomw"
	"github.com/wecomauth/wecomauth/ginmw"
	"github.com/wecomauth/wecomauth/nethttpmw"
)

// The fragments of the README, compiled: every line of a fragment must stand
// in this file.

func oneLine(auth *core.Authenticator, r *gin.Engine) {
	me := func(c *gin.Context) {}
	r.GET("/me", ginmw.Require(auth), me)                                // Gin
	admin := r.Group("/admin", ginmw.Require(auth, core.Departments(2))) // a group, with a rule
	_ = admin
}

func oneLineEcho(auth *core.Authenticator, e *echo.Echo) {
	me := func(c echo.Context) error { return nil }
	e.GET("/me", me, echomw.Require(auth)) // Echo v4; echov5.Require for v5
}

func oneLineNetHTTP(auth *core.Authenticator, mux *http.ServeMux) {
	me := http.NotFoundHandler()
	mux.Handle("GET /me", nethttpmw.Require(auth)(me)) // net/http, chi, gorilla/mux
}

func TestThreeLinesAreEnough(t *testing.T) {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	fake := wecomtest.New(wecomtest.Config{})
	auth, err := core.New(core.Config{Provider: fake.App(), BaseURL: "https://oa.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	oneLine(auth, router)
	fake.Serve("https://oa.example.com", router) // router has Require(auth) on its routes
	res, err := fake.Browser("zhangsan").Get("https://oa.example.com/me")
	if err != nil || res.StatusCode != 200 {
		t.Fatal(res, err)
	}
	oneLineEcho(auth, echo.New())
	oneLineNetHTTP(auth, http.NewServeMux())
}
