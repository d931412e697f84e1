package e2e

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

// clock is a bubble of testing/synctest, in which the application and WeCom live
// while the browser stays outside: their time passes when a test says so.
type clock struct {
	work chan func()
	over chan struct{}
}

func newClock(t *testing.T) *clock {
	t.Helper()
	c, ended := &clock{make(chan func()), make(chan struct{})}, make(chan struct{})
	go func() {
		defer close(ended)
		synctest.Test(t, func(*testing.T) { c.run() })
	}()
	t.Cleanup(func() { close(c.over); <-ended })
	return c
}

// run waits for channels from outside, which lets no time pass.
func (c *clock) run() {
	for {
		select {
		case f := <-c.work:
			f()
		case <-c.over:
			return
		}
	}
}

// do runs f inside, unless the test is over. What was made there is to be used
// there only.
func (c *clock) do(f func()) {
	done := make(chan struct{})
	select {
	case c.work <- func() { defer close(done); f() }:
		<-done
	case <-c.over:
	}
}

func (c *clock) pass(d time.Duration) { c.do(func() { time.Sleep(d) }) } //nolint:forbidigo // on the bubble's clock

// inside hands requests to h in the bubble, one at a time. Nothing of the
// connection goes in: what ends from outside may not be waited for inside.
func (c *clock) inside(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		rec := httptest.NewRecorder()
		c.do(func() {
			in := httptest.NewRequest(r.Method, r.URL.RequestURI(), bytes.NewReader(body))
			in.Header, in.Host, in.TLS, in.RemoteAddr = r.Header.Clone(), r.Host, r.TLS, r.RemoteAddr
			h.ServeHTTP(rec, in)
		})
		copyTo(w, rec)
	})
}

func copyTo(w http.ResponseWriter, rec *httptest.ResponseRecorder) {
	for name, values := range rec.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(rec.Code)
	_, _ = rec.Body.WriteTo(w)
}
