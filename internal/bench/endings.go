package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/wecomauth/wecomauth/core"
)

const sectionEndings = "the end of a session on one instance until another refuses"

func factEnding(how, store string) string {
	return how + " until the other instance refuses, ms, " + store
}

// ending is a way to end a person's session.
type ending struct {
	name string
	end  func(here *core.Authenticator, h http.Handler, cookie, userID string)
}

var (
	logout = ending{"logout", func(_ *core.Authenticator, h http.Handler, cookie, _ string) { signOut(h, cookie) }}
	revoke = ending{"Revoke", func(here *core.Authenticator, _ http.Handler, _, userID string) {
		must(0, here.Revoke(context.Background(), "", userID))
	}}
)

// endings end sessions on one of two instances that share a Redis, and ask the
// other one, which has just let them in, until it refuses. The clock runs from
// before the end. With goredisstore a Revoke takes up to RevokeWithin, by design.
func endings(b *bench) {
	if b.redis == nil || !b.wants(sectionEndings, "") {
		return
	}
	defer cores(2)()
	heading(b.out, sectionEndings)
	for _, row := range []struct {
		ending
		store sharedStore
	}{
		{logout, sharedStore{"goredisstore", openGoredisstore}},
		{logout, sharedStore{"redisstore", openRedisstore}},
		{revoke, sharedStore{"redisstore", openRedisstore}},
	} {
		one, doneOne := row.store.open(b.redis)
		two, doneTwo := row.store.open(b.redis)
		ms := propagations(b.ends, row.end, one, two)
		doneOne()
		doneTwo()
		b.facts[factEnding(row.name, row.store.name)] = median(ms)
		say(b.out, "%-6s  %-14s median %s ms, worst %s ms, of %d\n", row.name, row.store.name, number(median(ms)), number(quantile(ms, 1)), len(ms))
	}
}

// propagations are in milliseconds. Each is another person, as a revoked one
// could not log in again within the same millisecond.
func propagations(n int, end func(*core.Authenticator, http.Handler, string, string), one, two scs.Store) (ms []float64) {
	auth := newAuth(namer{}, one)
	here, there := withLogout(auth), withLogout(newAuth(namer{}, two))
	w := &sink{header: make(http.Header)}
	for i := range n {
		c := contender{name: "a person", router: netHTTP, handler: there, cookie: logIn(here, w, userID(i))}
		v := newVisitor(c)
		v.check(c)
		start := time.Now()
		end(auth, here, c.cookie, userID(i))
		for v.serve(1); v.sink.status == http.StatusOK; v.serve(1) {
			if time.Since(start) > time.Minute {
				panic("bench: the end of a session does not reach the other instance")
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
