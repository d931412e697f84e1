package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"
)

func sectionSize(n int) string { return fmt.Sprintf("%d sessions, each as likely", n) }

// sizes lets everybody in ever larger stores visit, in random order.
func sizes(b *bench) {
	most := 0
	for _, n := range b.sizes {
		if b.wants(sectionSize(n), "ours, "+netHTTP) {
			most = max(most, n)
		}
	}
	if most == 0 {
		return
	}
	table := &table{people: make(map[string]*person)}
	theirs := memstore.NewWithCleanupInterval(0)
	crowds := []*crowd{
		{contender{name: "floor", router: netHTTP, handler: table.mux(table.netHTTP)}, make([]string, most)},
		{contender{name: "ours", router: netHTTP, handler: guarded(newAuth(namer{}, nil))}, make([]string, most)},
		{contender{name: "ours + scs's memstore", router: netHTTP, handler: guarded(newAuth(namer{}, theirs))}, make([]string, most)},
		{contender{name: "floor over scs's memstore, nothing decoded", router: netHTTP, handler: overStore(theirs)}, make([]string, most)},
	}
	for from, i := 0, 0; i < len(b.sizes) && b.sizes[i] <= most; i++ {
		n := b.sizes[i]
		for p := from; p < n; p++ {
			token := randomToken()
			table.add(token, zhangsan(userID(p)))
			crowds[0].cookies[p] = floorCookie + "=" + token
		}
		crowds[1].fill(from, n)
		crowds[2].fill(from, n)
		for p := from; p < n; p++ {
			_, token, _ := strings.Cut(crowds[2].cookies[p], "=")
			crowds[3].cookies[p] = floorCookie + "=" + token
		}
		b.compareCrowds(n, crowds...)
		from = n
	}
	b.longest(most, crowds[1], crowds[2], theirs)
}

// overStore is the floor with an scs store in place of the map. It reads a byte of
// the session and decodes nothing: the least that a login over this store costs.
func overStore(store scs.Store) http.Handler {
	somebody := zhangsan("somebody")
	t := &table{}
	return t.mux(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c, err := r.Cookie(floorCookie)
			if err != nil {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			blob, ok, err := store.Find(c.Value)
			if err != nil || !ok || blob[len(blob)-1] == 0xff { // the last byte is a department's
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), personKey{}, &somebody)))
		})
	})
}

// compareCrowds is compare for crowds, with the collector off in a batch: what
// it does there depends on both stores.
func (b *bench) compareCrowds(n int, crowds ...*crowd) {
	section := sectionSize(n)
	var table []*times
	var visitors []*visitor
	for _, c := range crowds {
		c.cookie = c.cookies[0]
		t := &times{contender: c.contender}
		b.times[section+"/"+c.title()] = t
		v := newVisitor(c.contender)
		v.check(c.contender)
		t.bytes, t.allocs = allocated([]*visitor{v}, 1000)
		table, visitors = append(table, t), append(visitors, v)
	}
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	for range b.rounds {
		runtime.GC()
		for _, i := range rand.Perm(len(crowds)) { //nolint:gosec // an order
			t := table[i]
			t.ns = append(t.ns, visitors[i].roam(crowds[i].cookies[:n], b.batch))
		}
	}
	printTable(b.out, section, table, b.times)
}

// roam visits as random people for about as long as a batch, and returns the
// time of one request. The cookies of the next few people are copied before the
// clock starts, for a request that has just arrived is in the processor's cache;
// the store's own copy of the token is not.
func (v *visitor) roam(cookies []string, batch time.Duration) float64 {
	const few = 256
	var next [few]string
	line := v.request.Header["Cookie"]
	var took time.Duration
	n := 0
	for took < batch {
		for i := range next {
			next[i] = strings.Clone(cookies[rand.IntN(len(cookies))]) //nolint:gosec // an order
		}
		start := time.Now()
		for i := range next {
			line[0] = next[i]
			v.serve(1)
		}
		took += time.Since(start)
		n += few
		if v.sink.status != 200 {
			panic(fmt.Sprintf("bench: somebody in a crowd got %d", v.sink.status))
		}
	}
	return perRequest(took, n)
}
