package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

const sectionStorm = "simultaneous callbacks at a cold start"

// Whence the callbacks come: an office has one address for everybody.
const (
	fromMany = "from as many addresses"
	fromOne  = "from one office's address"
)

func factGetToken(whence string) string  { return "calls of gettoken for callbacks at once, " + whence }
func factExchanges(whence string) string { return "exchanges per callback, " + whence }
func factLoggedIn(whence string) string {
	return "people logged in per callback, " + whence
}

// storm lets many people come back from WeCom at once to a service that has no
// access token yet.
func storm(b *bench) {
	if !b.wants(sectionStorm, "") {
		return
	}
	defer cores(2)()
	heading(b.out, sectionStorm)
	for _, whence := range []string{fromMany, fromOne} {
		s := newService(nil)
		h := s.mux()
		s.fake.Serve(base, h)
		callbacks := make([]*http.Request, b.storm)
		for i := range callbacks {
			callbacks[i] = s.callback()
			if whence == fromMany {
				callbacks[i].RemoteAddr = fmt.Sprintf("198.18.%d.%d:40000", i>>8, i&255)
			}
		}
		began := time.Now()
		cookies := atOnce(h, callbacks)
		took := time.Since(began)
		tokens, exchanges, people := s.fake.Calls("gettoken"), s.fake.Calls("auth/getuserinfo"), admitted(h, cookies)
		b.facts[factGetToken(whence)] = float64(tokens)
		b.facts[factExchanges(whence)] = float64(exchanges) / float64(b.storm)
		b.facts[factLoggedIn(whence)] = float64(people) / float64(b.storm)
		say(b.out, "%d callbacks %s in %v: %d gettoken, %d exchanges, %d people logged in\n",
			b.storm, whence, took.Round(time.Millisecond), tokens, exchanges, people)
	}
}

// atOnce sends all requests together and returns the sessions that come of them.
func atOnce(h http.Handler, requests []*http.Request) (cookies []string) {
	cookies = make([]string, len(requests))
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i, r := range requests {
		wg.Go(func() {
			w := &sink{header: make(http.Header)}
			<-start
			h.ServeHTTP(w, r)
			cookies[i] = sessionOf(w.header)
		})
	}
	close(start)
	wg.Wait()
	return cookies
}

// callback begins a login and returns the request that ends it.
func (s *service) callback() *http.Request {
	browser := s.fake.Browser("zhangsan")
	back := ""
	browser.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if r.URL.Host == host {
			back = r.URL.RequestURI()
			return http.ErrUseLastResponse
		}
		return nil
	}
	visit(browser)
	var pairs []string
	for _, c := range browser.Jar.Cookies(must(url.Parse(base + page))) {
		pairs = append(pairs, c.Name+"="+c.Value)
	}
	return newRequest(context.Background(), http.MethodGet, back, strings.Join(pairs, "; "))
}

// admitted counts the different sessions that open the page.
func admitted(h http.Handler, cookies []string) int {
	seen := make(map[string]bool)
	w := &sink{header: make(http.Header)}
	for _, cookie := range cookies {
		w.reset()
		h.ServeHTTP(w, newRequest(context.Background(), http.MethodGet, page, cookie))
		if w.status == http.StatusOK {
			seen[cookie] = true
		}
	}
	return len(seen)
}
