package main

import (
	"fmt"
	"slices"
	"strings"
)

const (
	sectionAuth      = "authenticated"
	sectionForeign   = "20 foreign cookies in front"
	sectionAnonymous = "anonymous"
	sectionMalformed = "malformed cookie"
	sectionUnknown   = "unknown token"
	sectionParallel  = "parallel"
)

// authenticated is the main table.
func authenticated(b *bench) {
	shared, done := redisPeers(b.redis)
	defer done()
	b.compare(sectionAuth, 1, slices.Concat(bare(), floor(), ours(), variants(), scsPeers(), gorillaPeers(), jwtPeers(), shared))
}

func foreignCookies(b *bench) {
	const foreign = "_ga_4XK1R2T8%02d=GS1.1.1767225600.12.1.1767229200.0.0.0; "
	var front strings.Builder
	for n := range 20 {
		fmt.Fprintf(&front, foreign, n)
	}
	all := slices.Concat(floor(), ours(), scsPeers(), gorillaPeers(), jwtPeers())
	all = slices.DeleteFunc(all, func(c contender) bool { return c.minor }) // they have one cookie like the others
	for i := range all {
		all[i].cookie = front.String() + all[i].cookie
	}
	b.compare(sectionForeign, 1, all)
}

// strangersVisit are page loads by people without a login: a first one, and those
// with a cookie that opens nothing. What the contenders answer is in strangers.
func strangersVisit(b *bench) {
	all := slices.Concat(ourStrangers(newService(nil)), peersStrangers(), floorStrangers())
	for _, table := range []struct {
		section string
		cookie  func(stranger) string
	}{
		{sectionAnonymous, func(stranger) string { return "" }},
		{sectionMalformed, func(s stranger) string { return s.malformed }},
		{sectionUnknown, func(s stranger) string { return s.unknown }},
	} {
		var contenders []contender
		for _, s := range all {
			s.cookie = table.cookie(s)
			contenders = append(contenders, s.contender)
		}
		b.compare(table.section, 1, contenders)
	}
}

// parallel is the page on two cores at once.
func parallel(b *bench) {
	defer cores(2)()
	shared, done := redisPeers(b.redis)
	defer done()
	b.compare(sectionParallel, 2, slices.Concat(floor(), ours(), scsPeers()[:1], gorillaPeers()[:1], jwtPeers(), onNetHTTP(shared)))
}
