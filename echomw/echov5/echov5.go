// Package echov5 puts a WeCom login in front of Echo v5 routes.
//
//	e.GET("/me", me, echov5.Require(auth))
//
// The decisions are those of [core.Authenticator]; nothing is decided here.
package echov5

import (
	"net/http"

	"github.com/labstack/echo/v5"

	"github.com/wecomauth/wecomauth/core"
)

// Require lets a request through to the handler if an employee is logged in and
// every rule agrees; [core.Authenticator.Decide] says what happens otherwise.
func Require(auth core.Gate, rules ...core.Rule) echo.MiddlewareFunc {
	return guard(auth.Guard(rules...))
}

// Optional lets every request through, with the identity of whoever is logged
// in; it never starts a login. See [core.Authenticator.Optional].
func Optional(auth core.Gate) echo.MiddlewareFunc { return guard(auth.Optional) }

// Login is the sign-in route. See [core.Authenticator.Login].
func Login(auth core.Gate) echo.HandlerFunc { return guard(auth.Login)(nil) }

// Logout is the sign-out route, for POST. See [core.Authenticator.Logout].
func Logout(auth core.Gate) echo.HandlerFunc { return guard(auth.Logout)(nil) }

// Identity returns who is logged in; ok is false if nobody is.
func Identity(c *echo.Context) (id core.Identity, ok bool) {
	return core.IdentityFrom(c.Request().Context())
}

// guard answers unless the decision is to pass. If Config.OnError wrote nothing,
// Echo's HTTPErrorHandler gets an *echo.HTTPError that wraps the *core.Error.
func guard(decide func(http.Header, *http.Request) core.Decision) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c *echo.Context) error {
			d := decide(c.Response().Header(), c.Request())
			if d.Action == core.Pass {
				c.SetRequest(c.Request().WithContext(d.Context()))
				return next(c)
			}
			if d.Answer(c.Response(), c.Request()) {
				return nil
			}
			return echo.NewHTTPError(d.Status(), http.StatusText(d.Status())).Wrap(d.Err())
		}
	}
}
