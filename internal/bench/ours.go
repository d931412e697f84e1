package main

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/alexedwards/scs/v2"
	"github.com/gin-gonic/gin"
	echo4 "github.com/labstack/echo/v4"
	echo5 "github.com/labstack/echo/v5"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
	"github.com/wecomauth/wecomauth/echomw"
	"github.com/wecomauth/wecomauth/echomw/echov5"
	"github.com/wecomauth/wecomauth/ginmw"
	"github.com/wecomauth/wecomauth/nethttpmw"
)

// service is ours with a fake WeCom behind it.
type service struct {
	fake *wecomtest.Fake
	auth *core.Authenticator
}

// newService has its sessions in store; nil is the default store.
func newService(store scs.Store) *service {
	return serviceWith(func(c *core.Config) { c.Store = store })
}

func serviceWith(change func(*core.Config)) *service {
	fake := wecomtest.New(wecomtest.Config{})
	return &service{fake, authWith(fake.App(), change)}
}

func newAuth(p core.Provider, store scs.Store) *core.Authenticator {
	return authWith(p, func(c *core.Config) { c.Store = store })
}

func authWith(p core.Provider, change func(*core.Config)) *core.Authenticator {
	c := core.Config{Provider: p, BaseURL: base, Logger: slog.New(slog.DiscardHandler)}
	change(&c)
	return must(core.New(c))
}

func (s *service) mux() *http.ServeMux { return withLogout(s.auth) }

// withLogout has the protected page and the sign-out.
func withLogout(auth *core.Authenticator) *http.ServeMux {
	mux := guarded(auth)
	mux.Handle("/logout", nethttpmw.Logout(auth))
	return mux
}

func guarded(auth *core.Authenticator) *http.ServeMux {
	return muxWith(func(r *http.Request) string {
		id, _ := nethttpmw.Identity(r)
		return id.UserID
	}, nil, nethttpmw.Require(auth))
}

func (s *service) gin() http.Handler {
	return ginWith(func(c *gin.Context) string {
		id, _ := ginmw.Identity(c)
		return id.UserID
	}, ginmw.Require(s.auth))
}

func (s *service) echo4() http.Handler {
	return echo4With(func(c echo4.Context) string {
		id, _ := echomw.Identity(c)
		return id.UserID
	}, echomw.Require(s.auth))
}

func (s *service) echo5() http.Handler {
	return echo5With(func(c *echo5.Context) string {
		id, _ := echov5.Identity(c)
		return id.UserID
	}, echov5.Require(s.auth))
}

// signIn goes through WeCom with a browser and returns the session's cookie.
func (s *service) signIn(h http.Handler) string {
	s.fake.Serve(base, h)
	browser := s.fake.Browser("zhangsan")
	status := visit(browser)
	for _, c := range browser.Jar.Cookies(must(url.Parse(base + page))) {
		if len(c.Value) == tokenLength {
			return c.Name + "=" + c.Value
		}
	}
	panic(fmt.Sprintf("bench: no session after a login that ended with %s", status))
}

// visit opens the page and returns the status that it ends with.
func visit(browser *http.Client) string {
	res, err := browser.Get(base + page)
	must(0, err)
	defer func() { _ = res.Body.Close() }() // it holds no connection
	return res.Status
}

func ours() []contender { return newService(nil).everywhere("ours") }

// everywhere is the service behind each router, with somebody who is logged in.
func (s *service) everywhere(name string) []contender {
	cookie := s.signIn(s.mux())
	return []contender{
		{name: name, router: netHTTP, cookie: cookie, handler: s.mux()},
		{name: name, router: onGin, cookie: cookie, handler: s.gin()},
		{name: name, router: onEcho4, cookie: cookie, handler: s.echo4()},
		{name: name, router: onEcho5, cookie: cookie, handler: s.echo5()},
	}
}

// oursWith is ours with another store, behind each router.
func oursWith(name string, store scs.Store) []contender {
	all := newService(store).everywhere("ours + " + name)
	for i := range all {
		all[i].minor = all[i].router != netHTTP
	}
	return all
}

// tokenLength is that of scs: 32 bytes in unpadded base64url.
const tokenLength = 43

func randomToken() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

// cookieHeader is what a browser sends back of the cookies that h sets.
func cookieHeader(h http.Header) string {
	var pairs []string
	for _, line := range h["Set-Cookie"] {
		pair, _, _ := strings.Cut(line, ";")
		pairs = append(pairs, pair)
	}
	return strings.Join(pairs, "; ")
}
