package ginmw_test

import (
	"net/http"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/ginmw"
	"github.com/wecomauth/wecomauth/internal/adaptertest"
)

func mount(auth core.Gate, routes []adaptertest.Route) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	for _, rt := range routes {
		auth := rt.Behind(auth)
		var chain []gin.HandlerFunc
		switch rt.Outer {
		case adaptertest.Require:
			chain = append(chain, ginmw.Require(auth))
		case adaptertest.Optional:
			chain = append(chain, ginmw.Optional(auth))
		}
		switch rt.Guard {
		case adaptertest.Require:
			chain = append(chain, ginmw.Require(auth, rt.Rules...))
		case adaptertest.Optional:
			chain = append(chain, ginmw.Optional(auth))
		case adaptertest.Login:
			chain = append(chain, ginmw.Login(auth))
		case adaptertest.Logout:
			chain = append(chain, ginmw.Logout(auth))
		}
		if rt.Handler != nil {
			chain = append(chain, gin.WrapF(rt.Handler))
		}
		path := rt.Wildcards(func(n string) string { return ":" + n }, func(n string) string { return "*" + n })
		for _, method := range rt.Methods() {
			r.Handle(method, path, chain...)
		}
	}
	return r
}

func TestConformance(t *testing.T) { adaptertest.Run(t, mount) }
