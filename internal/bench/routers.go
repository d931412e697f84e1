package main

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"
	echo4 "github.com/labstack/echo/v4"
	echo5 "github.com/labstack/echo/v5"
)

// The routers, as the tables name them.
const (
	netHTTP = "net/http"
	onGin   = "Gin"
	onEcho4 = "Echo v4"
	onEcho5 = "Echo v5"
)

var routers = []string{netHTTP, onGin, onEcho4, onEcho5}

const signInPage = "/sign-in"

// muxWith has one protected page. signIn, if any, is what a login writes.
func muxWith(user func(*http.Request) string, signIn http.HandlerFunc, mw func(http.Handler) http.Handler) *http.ServeMux {
	var h http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(w, user(r)) })
	if mw != nil {
		h = mw(h)
	}
	mux := http.NewServeMux()
	mux.Handle("GET "+page, h)
	if signIn != nil {
		mux.Handle("GET "+signInPage, signIn)
	}
	return mux
}

func ginWith(user func(*gin.Context) string, mw ...gin.HandlerFunc) *gin.Engine {
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.GET(page, append(mw, func(c *gin.Context) { answer(c.Writer, user(c)) })...)
	return r
}

func echo4With(user func(echo4.Context) string, mw ...echo4.MiddlewareFunc) *echo4.Echo {
	e := echo4.New()
	e.GET(page, func(c echo4.Context) error { answer(c.Response(), user(c)); return nil }, mw...)
	return e
}

func echo5With(user func(*echo5.Context) string, mw ...echo5.MiddlewareFunc) *echo5.Echo {
	e := echo5.New()
	e.GET(page, func(c *echo5.Context) error { answer(c.Response(), user(c)); return nil }, mw...)
	return e
}

// bare is the page without any login.
func bare() []contender {
	const nobody = "anybody"
	return []contender{
		{name: "bare", router: netHTTP, handler: muxWith(func(*http.Request) string { return nobody }, nil, nil)},
		{name: "bare", router: onGin, handler: ginWith(func(*gin.Context) string { return nobody })},
		{name: "bare", router: onEcho4, handler: echo4With(func(echo4.Context) string { return nobody })},
		{name: "bare", router: onEcho5, handler: echo5With(func(*echo5.Context) string { return nobody })},
	}
}

// signedIn visits the peer's sign-in page and returns the cookies it sets, as a
// browser sends them.
func signedIn(h http.Handler) (cookie string) {
	w := &sink{header: make(http.Header)}
	h.ServeHTTP(w, newRequest(context.Background(), http.MethodGet, signInPage, ""))
	return cookieHeader(w.header)
}
