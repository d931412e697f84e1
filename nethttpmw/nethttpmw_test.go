package nethttpmw_test

import (
	"net/http"
	"testing"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/internal/adaptertest"
	"github.com/wecomauth/wecomauth/nethttpmw"
)

func mount(auth core.Gate, routes []adaptertest.Route) http.Handler {
	mux := http.NewServeMux()
	for _, rt := range routes {
		auth := rt.Behind(auth)
		var h http.Handler = rt.Handler
		switch rt.Guard {
		case adaptertest.Require:
			h = nethttpmw.Require(auth, rt.Rules...)(h)
		case adaptertest.Optional:
			h = nethttpmw.Optional(auth)(h)
		case adaptertest.Login:
			h = nethttpmw.Login(auth)
		case adaptertest.Logout:
			h = nethttpmw.Logout(auth)
		}
		switch rt.Outer {
		case adaptertest.Require:
			h = nethttpmw.Require(auth)(h)
		case adaptertest.Optional:
			h = nethttpmw.Optional(auth)(h)
		}
		path := rt.Path
		if path == "/" {
			path = "/{$}"
		}
		for _, method := range rt.Methods() {
			if method == "HEAD" {
				continue // ServeMux serves it with GET
			}
			mux.Handle(method+" "+path, h)
		}
	}
	return mux
}

func TestConformance(t *testing.T) { adaptertest.Run(t, mount) }
