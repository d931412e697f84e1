package echomw_test

import (
	"net/http"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/echomw"
	"github.com/wecomauth/wecomauth/internal/adaptertest"
)

func mount(auth core.Gate, routes []adaptertest.Route) http.Handler {
	e := echo.New()
	for _, rt := range routes {
		auth := rt.Behind(auth)
		h := echo.WrapHandler(rt.Handler)
		var chain []echo.MiddlewareFunc
		switch rt.Outer {
		case adaptertest.Require:
			chain = append(chain, echomw.Require(auth))
		case adaptertest.Optional:
			chain = append(chain, echomw.Optional(auth))
		}
		switch rt.Guard {
		case adaptertest.Require:
			chain = append(chain, echomw.Require(auth, rt.Rules...))
		case adaptertest.Optional:
			chain = append(chain, echomw.Optional(auth))
		case adaptertest.Login:
			h = echomw.Login(auth)
		case adaptertest.Logout:
			h = echomw.Logout(auth)
		}
		path := rt.Wildcards(func(n string) string { return ":" + n }, func(string) string { return "*" })
		e.Match(rt.Methods(), path, h, chain...)
	}
	return e
}

func TestConformance(t *testing.T) { adaptertest.Run(t, mount) }
