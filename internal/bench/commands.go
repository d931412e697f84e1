package main

import (
	"strings"
)

const sectionCommands = "Redis commands"

// factCommands names a store's commands per request of a kind.
func factCommands(store, kind string) string { return sectionCommands + ": " + store + ", " + kind }

// redisCommands counts what requests ask of Redis.
func redisCommands(b *bench) {
	if b.redis == nil || !b.wants(sectionCommands, "") {
		return
	}
	heading(b.out, sectionCommands)
	for _, shared := range sharedStores() {
		store, done := shared.open(b.redis)
		all := strangers("", store)
		known := oursWith(shared.name, store)
		malformed, unknown := all[0], all[0]
		name, _, _ := strings.Cut(known.cookie, "=")
		malformed.cookie, unknown.cookie = name+"=not-a-token", name+"="+randomToken()
		b.count(shared.name, sectionAuth, known)
		b.count(shared.name, sectionAnonymous, all[0])
		b.count(shared.name, sectionMalformed, malformed)
		b.count(shared.name, sectionUnknown, unknown)
		done()
	}
}

func (b *bench) count(store, kind string, c contender) {
	v := newVisitor(c)
	defer v.leave()
	v.check(c)
	before := b.redis.commands()
	v.serve(b.counted)
	n, names := used(before, b.redis.commands())
	each := float64(n) / float64(b.counted)
	b.facts[factCommands(store, kind)] = each
	say(b.out, "%-14s %-17s %s per request  (%d requests: %s)\n", store, kind, number(each), b.counted, names)
}
