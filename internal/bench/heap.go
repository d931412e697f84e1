package main

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"sync"

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
	say(b.out, "%s KiB of heap kept after %d anonymous page loads, each from another address\n", number(b.facts[factKept]), b.hits)
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
	fromEverywhere(crew, 0, 1000) // pools and the like
	before := inUse()
	fromEverywhere(crew, 1000, 1000+hits)
	kept := inUse() - before
	runtime.KeepAlive(crew)
	return kept / 1024
}

// fromEverywhere lets each request from..to come from another address.
func fromEverywhere(crew []*visitor, from, to int) {
	var wg sync.WaitGroup
	for worker, v := range crew {
		wg.Go(func() {
			for i := from + worker; i < to; i += len(crew) {
				v.request.RemoteAddr = address(i)
				v.serve(1)
			}
		})
	}
	wg.Wait()
}

// address is one of sixteen million.
func address(i int) string { return fmt.Sprintf("10.%d.%d.%d:40000", i>>16&255, i>>8&255, i&255) }

// bytesPerSession is what n sessions add to those that fill what is bounded: ours
// remembers the exchanges of the last 65,536 logins for a while.
func bytesPerSession(n int, fill func(from, to int)) float64 {
	first := max(n, 70_000)
	fill(0, first)
	before := inUse()
	fill(first, first+n)
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
