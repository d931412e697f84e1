package main

import (
	"context"
	"slices"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"

	"github.com/wecomauth/wecomauth/core"
)

// variants are ours with settings that make a request do more, on net/http, with
// sessions in memory.
func variants() []contender {
	revoked := newService(nil)
	must(0, revoked.auth.Revoke(context.Background(), "", "lisi"))
	own := func(change func(*scs.SessionManager)) *service {
		sm := newManager(memstore.NewWithCleanupInterval(0))
		change(sm)
		return serviceWith(func(c *core.Config) { c.Sessions = sm })
	}
	return []contender{
		revoked.variant("ours after a revocation"),
		serviceWith(func(c *core.Config) { c.IdleTimeout = time.Hour }).variant("ours with IdleTimeout"),
		serviceWith(func(c *core.Config) { c.Recheck = time.Hour }).variant("ours with Recheck"),
		own(func(*scs.SessionManager) {}).variant("ours, own manager, gob"),
		own(func(sm *scs.SessionManager) { sm.Codec = core.Codec{} }).variant("ours, own manager, core.Codec"),
		own(func(sm *scs.SessionManager) { sm.Codec, sm.HashTokenInStore = core.Codec{}, true }).
			variant("ours, own manager, core.Codec, HashTokenInStore"),
	}
}

func (s *service) variant(name string) contender {
	h := s.mux()
	return contender{name: name, router: netHTTP, handler: h, cookie: s.signIn(h), minor: true}
}

// onNetHTTP are the contenders behind that router.
func onNetHTTP(lists ...[]contender) []contender {
	return slices.DeleteFunc(slices.Concat(lists...), func(c contender) bool { return c.router != netHTTP })
}
