package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alexedwards/scs/v2"
)

const (
	sectionAuth      = "authenticated"
	sectionForeign   = "20 foreign cookies in front"
	sectionAnonymous = "anonymous"
	sectionMalformed = "malformed cookie"
	sectionUnknown   = "unknown token"
	sectionParallel  = "parallel"
	scsAnswer        = "the same answer by scs gob"
)

// authenticated is the main table.
func authenticated(b *bench) {
	shared, done := redisPeers(b.redis)
	defer done()
	b.compare(sectionAuth, 1, slices.Concat(bare(), floor(), ours(), scsPeers(), gorillaPeers(), jwtPeers(), shared))
}

func foreignCookies(b *bench) {
	const foreign = "_ga_4XK1R2T8%02d=GS1.1.1767225600.12.1.1767229200.0.0.0; "
	all := slices.Concat(floor(), ours(), scsPeers())
	for i := range all {
		var front strings.Builder
		for n := range 20 {
			fmt.Fprintf(&front, foreign, n)
		}
		all[i].cookie = front.String() + all[i].cookie
	}
	b.compare(sectionForeign, 1, all)
}

// anonymous is a first page load: an attempt, and off to WeCom.
func anonymous(b *bench) {
	b.compare(sectionAnonymous, 1, strangers("", nil))
}

// badCookies are page loads with cookies that open nothing. The floor, which has
// no login, says 401; the others begin one.
func badCookies(b *bench) {
	b.compare(sectionMalformed, 1, strangers("not-a-token", nil))
	b.compare(sectionUnknown, 1, strangers(randomToken(), nil))
}

// strangers have this session token, or no cookie. store is that of ours.
func strangers(token string, store scs.Store) []contender {
	s := newService(store)
	known := s.signIn(s.mux())
	name, _, _ := strings.Cut(known, "=")
	all := []contender{
		{name: "ours", router: netHTTP, handler: s.mux(), cookie: name, status: 302},
		scsLogin(scsAnswer),
		floor()[0],
	}
	all[1].cookie, all[2].cookie, all[2].status = "session", floorCookie, 401
	for i := range all {
		if token == "" {
			all[i].cookie = ""
		} else {
			all[i].cookie += "=" + token
		}
	}
	return all
}

// parallel is the page on two cores at once.
func parallel(b *bench) {
	defer cores(2)()
	b.compare(sectionParallel, 2, slices.Concat(floor(), ours(), scsPeers()[:1], gorillaPeers()[:1], jwtPeers()))
}
