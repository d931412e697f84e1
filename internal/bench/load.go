package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"text/tabwriter"
	"time"
)

const (
	sectionLoad = "over loopback HTTP"
	connections = 8
	turns       = 6 // of a contender's time
)

// loaded is a contender behind a real server.
type loaded struct {
	contender
	url    string
	server *http.Server
	client *http.Transport
	took   []float64 // of each request, in µs
	spent  time.Duration
	failed error
}

// load asks each server for the page over keep-alive connections, as fast as it
// answers, in slices of time that take turns. Client and server share two cores.
func load(b *bench) {
	if !b.wants(sectionLoad, "") {
		return
	}
	defer cores(2)()
	shared, done := redisPeers(b.redis)
	defer done()
	var all []*loaded
	for _, c := range onNetHTTP(bare(), ours(), shared) {
		l := listen(c)
		defer l.close()
		all = append(all, l)
	}
	for range turns {
		for _, i := range rand.Perm(len(all)) { //nolint:gosec // an order
			all[i].hit(b.load / turns)
		}
	}
	heading(b.out, fmt.Sprintf("%s: %d connections, 2 cores for client and server", sectionLoad, connections))
	w := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	say(w, "requests/s\tp50 µs\tp99 µs\t\t\n")
	for _, l := range all {
		say(w, "%.0f\t%.0f\t%.0f\t\t%s\n",
			float64(len(l.took))/l.spent.Seconds(), median(l.took), quantile(l.took, 0.99), l.title())
	}
	_ = w.Flush() // to where the rest goes
}

func listen(c contender) *loaded {
	lis := must(net.Listen("tcp", "127.0.0.1:0"))
	l := &loaded{
		contender: c, url: "http://" + lis.Addr().String() + page,
		server: &http.Server{Handler: c.handler, ReadHeaderTimeout: time.Minute},
		client: &http.Transport{MaxIdleConnsPerHost: connections, DisableCompression: true},
	}
	go func() { _ = l.server.Serve(lis) }() // until close
	return l
}

func (l *loaded) close() {
	l.client.CloseIdleConnections()
	_ = l.server.Close() // nobody is left
}

// hit keeps all connections busy for so long.
func (l *loaded) hit(long time.Duration) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	start := time.Now()
	for range connections {
		wg.Go(func() {
			var took []float64
			var err error
			for err == nil && time.Since(start) < long {
				asked := time.Now()
				err = l.ask()
				took = append(took, float64(time.Since(asked).Nanoseconds())/1000)
			}
			mu.Lock()
			defer mu.Unlock()
			l.took, l.failed = append(l.took, took...), errors.Join(l.failed, err)
		})
	}
	wg.Wait()
	must(0, l.failed)
	l.spent += time.Since(start)
}

// ask sends one request and reads the answer.
func (l *loaded) ask() error {
	r := newRequest(context.Background(), http.MethodGet, l.url, l.cookie)
	r.RequestURI = "" // is the server's
	res, err := l.client.RoundTrip(r)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }() // read to its end
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", l.title(), res.Status)
	}
	_, err = io.Copy(io.Discard, res.Body)
	return err
}
