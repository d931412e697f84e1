package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
)

const sectionLogout = "logout on one instance until another refuses"

func factLogout(store string) string { return sectionLogout + ", " + store }

// logout signs people out on one of two instances that share a Redis, and asks
// the other one, which has just let them in, until it refuses. The clock runs
// from before the POST.
func logout(b *bench) {
	if b.redis == nil || !b.wants(sectionLogout, "") {
		return
	}
	defer cores(2)()
	heading(b.out, sectionLogout)
	for _, shared := range sharedStores() {
		one, doneOne := shared.open(b.redis)
		two, doneTwo := shared.open(b.redis)
		ms := propagations(b.logouts, one, two)
		doneOne()
		doneTwo()
		b.facts[factLogout(shared.name)] = median(ms)
		say(b.out, "%-14s median %s ms, worst %s ms, of %d\n", shared.name, number(median(ms)), number(quantile(ms, 1)), len(ms))
	}
}

// propagations are in milliseconds.
func propagations(n int, one, two scs.Store) []float64 {
	first, second := newService(one), newService(two)
	here, there := first.mux(), second.mux()
	var ms []float64
	for range n {
		c := contender{name: "a person", router: netHTTP, handler: there, cookie: first.signIn(here)}
		v := newVisitor(c)
		v.check(c)
		start := time.Now()
		signOut(here, c.cookie)
		for v.serve(1); v.sink.status == http.StatusOK; v.serve(1) {
			if time.Since(start) > time.Minute {
				panic("bench: a logout does not reach the other instance")
			}
		}
		ms = append(ms, time.Since(start).Seconds()*1000)
		v.leave()
	}
	return ms
}

func signOut(h http.Handler, cookie string) {
	r := newRequest(context.Background(), http.MethodPost, "/logout", cookie)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	w := &sink{header: make(http.Header)}
	h.ServeHTTP(w, r)
	if w.status != http.StatusSeeOther {
		panic(fmt.Sprintf("bench: logout answers %d", w.status))
	}
}
