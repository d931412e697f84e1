package echov5_test

import (
	"net/http"
	"testing"

	"github.com/labstack/echo/v5"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/echomw/echov5"
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
			chain = append(chain, echov5.Require(auth))
		case adaptertest.Optional:
			chain = append(chain, echov5.Optional(auth))
		}
		switch rt.Guard {
		case adaptertest.Require:
			chain = append(chain, echov5.Require(auth, rt.Rules...))
		case adaptertest.Optional:
			chain = append(chain, echov5.Optional(auth))
		case adaptertest.Login:
			h = echov5.Login(auth)
		case adaptertest.Logout:
			h = echov5.Logout(auth)
		}
		path := rt.Wildcards(func(n string) string { return ":" + n }, func(string) string { return "*" })
		e.Match(rt.Methods(), path, h, chain...)
	}
	return e
}

func TestConformance(t *testing.T) { adaptertest.Run(t, mount) }
