package main

import (
	"context"
	"strings"
	"sync/atomic"

	"github.com/alexedwards/scs/v2"
)

const sectionCommands = "Redis commands"

// factCommands names a store's commands per request of a kind, without the reads
// of revocations, which are bounded by the clock and not by requests.
func factCommands(store, kind string) string { return sectionCommands + ": " + store + ", " + kind }

// markReads is a store that counts what is asked of it about revocations.
type markReads struct {
	scs.CtxStore
	n atomic.Int64
}

func (s *markReads) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	if strings.HasPrefix(token, "wecomauth;") {
		s.n.Add(1)
	}
	return s.CtxStore.FindCtx(ctx, token)
}

// redisCommands counts what requests ask of Redis. redisstore reads of a
// revocation once, and is told of the next.
func redisCommands(b *bench) {
	if b.redis == nil || !b.wants(sectionCommands, "") {
		return
	}
	heading(b.out, sectionCommands)
	for _, shared := range sharedStores() {
		store, done := shared.open(b.redis)
		reads := &markReads{}
		if plain, ok := store.(scs.CtxStore); ok && shared.name == "goredisstore" {
			reads.CtxStore, store = plain, reads
		}
		visitors := ourStrangers(newService(store))[0]
		known := newService(store).everywhere("ours + " + shared.name)[0]
		anonymous, malformed, unknown := visitors.contender, visitors.contender, visitors.contender
		anonymous.cookie, malformed.cookie, unknown.cookie = "", visitors.malformed, visitors.unknown
		b.count(shared.name, sectionAuth, known, reads)
		b.count(shared.name, sectionAnonymous, anonymous, reads)
		b.count(shared.name, sectionMalformed, malformed, reads)
		b.count(shared.name, sectionUnknown, unknown, reads)
		done()
	}
}

func (b *bench) count(store, kind string, c contender, reads *markReads) {
	v := newVisitor(c)
	defer v.leave()
	v.check(c)
	before, marks := b.redis.commands(), reads.n.Load()
	v.serve(b.counted)
	n, names := used(before, b.redis.commands())
	marks = reads.n.Load() - marks
	each := float64(n-int(marks)) / float64(b.counted)
	b.facts[factCommands(store, kind)] = each
	say(b.out, "%-14s %-17s %s per request, and %d reads of revocations  (%d requests: %s)\n", store, kind, number(each), marks, b.counted, names)
}
