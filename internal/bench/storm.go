package main

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/wecomauth/wecomauth/core/wecomtest"
	"github.com/wecomauth/wecomauth/nethttpmw"
)

const sectionStorm = "simultaneous callbacks at a cold start"

// callTime is how long WeCom takes for each call. A login needs two.
const callTime = 50 * time.Millisecond

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
		s := newOffice(b.storm)
		callbacks := make([]*http.Request, b.storm)
		for i := range callbacks {
			callbacks[i] = s.callback(userID(i))
			if whence == fromMany {
				callbacks[i].RemoteAddr = address(i)
			}
		}
		s.fake.Fail(wecomtest.Fault{Delay: callTime}) // of any API
		began := time.Now()
		cookies := atOnce(s.page, callbacks)
		took := time.Since(began)
		tokens, exchanges, people := s.fake.Calls("gettoken"), s.fake.Calls("auth/getuserinfo"), s.admitted(cookies)
		b.facts[factGetToken(whence)] = float64(tokens)
		b.facts[factExchanges(whence)] = float64(exchanges) / float64(b.storm)
		b.facts[factLoggedIn(whence)] = float64(people) / float64(b.storm)
		say(b.out, "%d callbacks of as many people %s in %v, %v for each call to WeCom: %d gettoken, %d exchanges, %d people logged in\n",
			b.storm, whence, took.Round(time.Millisecond), callTime, tokens, exchanges, people)
	}
}

// office is a service for so many people.
type office struct {
	*service
	page http.Handler
	last string // who has seen the page
}

func newOffice(people int) *office {
	c := wecomtest.Config{Tags: []wecomtest.Tag{}}
	for i := range people {
		c.Employees = append(c.Employees, wecomtest.Employee{UserID: userID(i), Name: "张三", Departments: []int{2}})
	}
	fake := wecomtest.New(c)
	o := &office{service: &service{fake, newAuth(fake.App(), nil)}}
	o.page = muxWith(func(r *http.Request) string {
		id, _ := nethttpmw.Identity(r)
		o.last = id.UserID
		return id.UserID
	}, nil, nethttpmw.Require(o.auth))
	fake.Serve(base, o.page)
	return o
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
func (o *office) callback(userID string) *http.Request {
	browser := o.fake.Browser(userID)
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

// admitted counts the people who see the page with these sessions: the i-th is
// of the i-th person.
func (o *office) admitted(cookies []string) (people int) {
	w := &sink{header: make(http.Header)}
	for i, cookie := range cookies {
		w.reset()
		o.last = ""
		o.page.ServeHTTP(w, newRequest(context.Background(), http.MethodGet, page, cookie))
		if w.status == http.StatusOK && o.last == userID(i) {
			people++
		}
	}
	return people
}
