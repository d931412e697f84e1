// Package ginmw puts a WeCom login in front of Gin routes.
//
//	r.GET("/me", ginmw.Require(auth), me)
//	admin := r.Group("/admin", ginmw.Require(auth, core.Departments(2)))
//
// The decisions are those of [core.Authenticator]; nothing is decided here.
package ginmw

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/wecomauth/wecomauth/core"
)

// Require lets a request through to the next handler if an employee is logged in
// and every rule agrees; [core.Authenticator.Decide] says what happens otherwise.
// A group's middleware does not run on paths that the group has not registered.
func Require(auth core.Gate, rules ...core.Rule) gin.HandlerFunc {
	return guard(auth.Guard(rules...))
}

// Optional lets every request through, with the identity of whoever is logged
// in; it never starts a login. See [core.Authenticator.Optional].
func Optional(auth core.Gate) gin.HandlerFunc { return guard(auth.Optional) }

// Login is the sign-in route. See [core.Authenticator.Login].
func Login(auth core.Gate) gin.HandlerFunc { return guard(auth.Login) }

// Logout is the sign-out route, for POST. See [core.Authenticator.Logout].
func Logout(auth core.Gate) gin.HandlerFunc { return guard(auth.Logout) }

// Identity returns who is logged in; ok is false if nobody is. It is needed
// because a gin.Context does not look into its request's context.
func Identity(c *gin.Context) (id core.Identity, ok bool) {
	return core.IdentityFrom(c.Request.Context())
}

// guard aborts the chain unless the decision is to pass. If Config.OnError wrote
// nothing, the *core.Error goes into c.Errors, the status is set, and the body is
// left to the application's own error middleware.
func guard(decide func(http.Header, *http.Request) core.Decision) gin.HandlerFunc {
	return func(c *gin.Context) {
		d := decide(c.Writer.Header(), c.Request)
		if d.Action == core.Pass {
			c.Request = c.Request.WithContext(d.Context())
			c.Next()
			return
		}
		c.Abort()
		if d.Answer(c.Writer, c.Request) {
			return
		}
		c.Status(d.Status())
		_ = c.Error(d.Err()) // returns what it was given
	}
}
