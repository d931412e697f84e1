// Package nethttpmw puts a WeCom login in front of net/http handlers: ServeMux,
// chi, gorilla/mux and everything else that takes a func(http.Handler) http.Handler.
//
//	mux.Handle("GET /me", nethttpmw.Require(auth)(me))
//
// The decisions are those of [core.Authenticator]; nothing is decided here.
package nethttpmw

import (
	"net/http"

	"github.com/wecomauth/wecomauth/core"
)

// Require lets a request through to the handler if an employee is logged in and
// every rule agrees; [core.Authenticator.Decide] says what happens otherwise.
func Require(auth core.Gate, rules ...core.Rule) func(http.Handler) http.Handler {
	return guard(auth.Guard(rules...))
}

// Optional lets every request through, with the identity of whoever is logged
// in; it never starts a login. See [core.Authenticator.Optional].
func Optional(auth core.Gate) func(http.Handler) http.Handler {
	return guard(auth.Optional)
}

// Login is the sign-in route. See [core.Authenticator.Login].
func Login(auth core.Gate) http.Handler { return guard(auth.Login)(nil) }

// Logout is the sign-out route, for POST. See [core.Authenticator.Logout].
func Logout(auth core.Gate) http.Handler { return guard(auth.Logout)(nil) }

// Identity returns who is logged in; ok is false if nobody is.
func Identity(r *http.Request) (id core.Identity, ok bool) { return core.IdentityFrom(r.Context()) }

func guard(decide func(http.Header, *http.Request) core.Decision) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			d := decide(w.Header(), r)
			if d.Action == core.Pass {
				next.ServeHTTP(w, r.WithContext(d.Context()))
				return
			}
			if !d.Answer(w, r) {
				w.WriteHeader(d.Status())
			}
		})
	}
}
