package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/alexedwards/scs/v2/memstore"
)

func sectionLongest(n int) string {
	return fmt.Sprintf("the longest request among %d sessions, while others log in", n)
}

// sweepEvery is how often memstore looks for sessions that have expired, all of
// them under its lock. Its default is a minute, longer than we watch.
const sweepEvery = 250 * time.Millisecond

// longest lets people visit on one core while a thousand others a second log in on
// the other: what waits, waits for the store's lock. The default store sweeps a
// little at each login; memstore, to which the sessions are copied, sweeps
// them all every so often.
func (b *bench) longest(n int, own, plain *crowd, sessions *memstore.MemStore) {
	if !b.wants(sectionLongest(n), "") {
		return
	}
	defer cores(2)()
	sweeping := memstore.NewWithCleanupInterval(sweepEvery)
	for token, blob := range must(sessions.All()) {
		must(0, sweeping.Commit(token, blob, time.Now().Add(12*time.Hour)))
	}
	swept := *plain
	swept.handler = guarded(newAuth(namer{}, sweeping))
	heading(b.out, sectionLongest(n))
	for _, c := range []*crowd{own, &swept} {
		us := c.watch(b.watch)
		say(b.out, "%s µs, one in a thousand takes %s, of %d requests in %v: %s\n",
			number(quantile(us, 1)), number(quantile(us, 0.999)), len(us), b.watch, c.title())
	}
	sweeping.StopCleanup()
}

// watch returns how long each request took, in µs, with the collector off.
func (c *crowd) watch(long time.Duration) (us []float64) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	runtime.GC()
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		w := &sink{header: make(http.Header)}
		for i, tick := 0, time.NewTicker(time.Millisecond); ; i++ {
			select {
			case <-stop:
				return
			case <-tick.C:
				logIn(c.handler, w, fmt.Sprint("newcomer", i))
			}
		}
	}()
	c.cookie = c.cookies[0]
	v := newVisitor(c.contender)
	defer v.leave()
	line := v.request.Header["Cookie"]
	us = make([]float64, 0, 4<<20)
	for began := time.Now(); time.Since(began) < long && len(us) < cap(us); {
		line[0] = c.cookies[rand.IntN(len(c.cookies))] //nolint:gosec // an order
		start := time.Now()
		v.serve(1)
		us = append(us, float64(time.Since(start).Nanoseconds())/1000)
	}
	close(stop)
	<-stopped
	return us
}
