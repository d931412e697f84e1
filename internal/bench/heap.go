package main

import (
	"context"
	"net/http"
	"runtime"

	"github.com/alexedwards/scs/v2/memstore"
)

const sectionHeap = "memory"

const (
	factKept    = "heap kept after anonymous hits, KiB"
	factSession = "bytes per session: ours"
	factGob     = "bytes per session: memstore with gob"
)

func heap(b *bench) {
	if !b.wants(sectionHeap, "") {
		return
	}
	heading(b.out, sectionHeap)
	b.facts[factKept] = keptByStrangers(b.hits)
	say(b.out, "%s KiB of heap kept after %d anonymous page loads\n", number(b.facts[factKept]), b.hits)
	own := &crowd{contender: contender{handler: guarded(newAuth(namer{}, nil))}}
	b.facts[factSession] = bytesPerSession(b.sessions, own.fill)
	runtime.KeepAlive(own)
	b.facts[factGob] = gobBytesPerSession(b.sessions)
	say(b.out, "%s bytes per session in the default store, %s in scs's memstore with gob\n",
		number(b.facts[factSession]), number(b.facts[factGob]))
}

// inUse is the heap after a collection.
func inUse() float64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what the first one finalized
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// keptByStrangers is what anonymous page loads leave behind, in KiB.
func keptByStrangers(hits int) float64 {
	defer cores(2)()
	crew := newCrew(contender{router: netHTTP, handler: newService(nil).mux(), status: http.StatusFound}, 2)
	serve(crew, 1000) // pools and the like
	before := inUse()
	serve(crew, hits)
	kept := inUse() - before
	runtime.KeepAlive(crew)
	return kept / 1024
}

// bytesPerSession is what the second n sessions add. The first n fill what is
// bounded: ours remembers the exchanges of the last 65,536 logins for a while.
func bytesPerSession(n int, fill func(from, to int)) float64 {
	fill(0, n)
	before := inUse()
	fill(n, 2*n)
	return (inUse() - before) / float64(n)
}

func gobBytesPerSession(n int) float64 {
	sm := newManager(memstore.NewWithCleanupInterval(0))
	defer runtime.KeepAlive(sm)
	return bytesPerSession(n, func(from, to int) {
		for i := from; i < to; i++ {
			ctx := must(sm.Load(context.Background(), ""))
			sm.Put(ctx, "user", zhangsan(userID(i)))
			_, _, err := sm.Commit(ctx)
			must(0, err)
		}
	})
}
