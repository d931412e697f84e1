package wecom_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core"
)

const userInfo = "auth/getuserinfo"

// silent never answers.
func silent(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
}

// brokenClient is a client whose getuserinfo has failed until it is not called any
// longer.
func brokenClient(t *testing.T, reply func(*http.Request) (*http.Response, error)) (*fake, core.Client, *bytes.Buffer) {
	t.Helper()
	f := newFake()
	f.on(userInfo, reply)
	c, log := openLogged(t, f.app())
	for range 20 {
		if _, err := c.Exchange(t.Context(), "CODE"); !errors.Is(err, core.ErrUnavailable) {
			t.Fatalf("got %v", err)
		}
	}
	if n := f.count(userInfo); n != 5 {
		t.Fatalf("%d calls before it broke, want 5", n)
	}
	return f, c, log
}

func TestADeadWeComGetsATrickle(t *testing.T) {
	for name, reply := range map[string]func(*http.Request) (*http.Response, error){
		"it is silent": silent, "no connection": down, "a gateway's 502": status(502, ""),
		"it is busy": body(`{"errcode":-1,"errmsg":"system error"}`), "too many calls at once": body(`{"errcode":45033,"errmsg":"x"}`),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, c, log := brokenClient(t, reply)
				waited, begun := time.Duration(0), time.Now()
				for time.Since(begun) < time.Hour {
					before, calls := time.Now(), f.count(userInfo)
					_, err := c.Exchange(t.Context(), "CODE")
					if !errors.Is(err, core.ErrUnavailable) {
						t.Fatalf("got %v", err)
					}
					if f.count(userInfo) == calls { // refused
						waited += time.Since(before)
					}
					time.Sleep(time.Second)
				}
				if waited != 0 {
					t.Errorf("people whose code was not sent waited %v", waited)
				}
				if n := f.count(userInfo); n < 5+3600/36 || n > 5+6+3600/15 {
					t.Errorf("%d calls in an hour", n)
				}
				f.on(userInfo, body(okUser))
				time.Sleep(30 * time.Second)
				if _, err := c.Exchange(t.Context(), "CODE"); err != nil {
					t.Errorf("half a minute after WeCom is back: %v", err)
				}
				if a, b := strings.Count(log.String(), "does not answer"), strings.Count(log.String(), "answers again"); a != 1 || b != 1 {
					t.Errorf("the log says %d times that it broke, and %d times that it is well", a, b)
				}
			})
		})
	}
}

func TestOneCallerProbes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, c, _ := brokenClient(t, down)
		release := make(chan struct{})
		f.on(userInfo, func(req *http.Request) (*http.Response, error) { <-release; return body(okUser)(req) })
		time.Sleep(time.Minute)
		var in, out int
		var mu sync.Mutex
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() {
				_, err := c.Exchange(t.Context(), fmt.Sprint("CODE", i))
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					in++
				} else {
					out++
				}
			})
		}
		synctest.Wait()
		if f.count(userInfo) != 6 || out != 99 {
			t.Errorf("%d calls, %d refused, want one probe", f.count(userInfo)-5, out)
		}
		close(release)
		all.Wait()
		if in != 1 {
			t.Errorf("%d in", in)
		}
		for i := range 10 { // closed: everybody
			if _, err := c.Exchange(t.Context(), fmt.Sprint("CODE", i)); err != nil {
				t.Errorf("after the probe: %v", err)
			}
		}
	})
}

func TestManyWhoWaitedAreOneFailureMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.on(userInfo, silent)
		c := open(t, f.app())
		var all sync.WaitGroup
		for range 60 {
			all.Go(func() { _, _ = c.Exchange(t.Context(), "CODE") })
		}
		all.Wait()
		f.on(userInfo, body(okUser))
		time.Sleep(time.Second)
		if _, err := c.Exchange(t.Context(), "CODE"); err != nil {
			t.Errorf("a second after calls that had all begun before it broke: %v", err)
		}
	})
}

func TestWhatDoesNotBreak(t *testing.T) {
	for name, reply := range map[string]func(*http.Request) (*http.Response, error){
		"codes that WeCom refuses":    body(`{"errcode":40029,"errmsg":"invalid code"}`),
		"an address not listed":       body(`{"errcode":60020,"errmsg":"not allow"}`),
		"a captive portal":            body(`<html>sign in</html>`),
		"a wrong APIURL":              status(404, ""),
		"four failures and an answer": inTurn(`{"errcode":-1}`, `{"errcode":-1}`, `{"errcode":-1}`, `{"errcode":-1}`, okUser, `{"errcode":-1}`, `{"errcode":-1}`, `{"errcode":-1}`, `{"errcode":-1}`, okUser),
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			f.on(userInfo, reply)
			c := open(t, f.app())
			for range 50 {
				_, _ = c.Exchange(t.Context(), "CODE")
			}
			if n := f.count(userInfo); n != 50 {
				t.Errorf("%d calls of 50", n)
			}
		})
	}
	t.Run("visitors who leave", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFake()
			f.on(userInfo, silent)
			c := open(t, f.app())
			for range 50 {
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(time.Second, cancel)
				_, _ = c.Exchange(ctx, "CODE")
			}
			if n := f.count(userInfo); n != 50 {
				t.Errorf("%d calls of 50", n)
			}
		})
	})
	t.Run("profiles that cannot be read keep nobody out", func(t *testing.T) {
		f := newFake()
		f.on("user/get", down)
		c := open(t, f.app())
		for range 50 {
			if id, err := c.Exchange(t.Context(), "CODE"); err != nil || id.UserID != "USERID" {
				t.Fatal(id, err)
			}
		}
		if n := f.count("user/get"); n != 5 {
			t.Errorf("%d calls of user/get", n)
		}
	})
}

func TestAProbeThatNeverReturnsIsNotTheLast(t *testing.T) {
	for name, probe := range map[string]func(t *testing.T, c core.Client, f *fake){
		"its visitor leaves": func(t *testing.T, c core.Client, f *fake) {
			f.on(userInfo, silent)
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			_, _ = c.Exchange(ctx, "CODE")
		},
		"its transport panics": func(t *testing.T, c core.Client, f *fake) {
			f.on(userInfo, func(*http.Request) (*http.Response, error) { panic("transport") })
			defer func() {
				_ = recover()
				calls := f.count(userInfo)
				if _, err := c.Exchange(t.Context(), "CODE"); err == nil || f.count(userInfo) != calls {
					t.Error("a panic counts as an answer")
				}
			}()
			_, _ = c.Exchange(t.Context(), "CODE")
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, c, _ := brokenClient(t, down)
				time.Sleep(time.Minute)
				probe(t, c, f)
				f.on(userInfo, body(okUser))
				time.Sleep(time.Minute)
				if _, err := c.Exchange(t.Context(), "CODE"); err != nil {
					t.Error(err)
				}
			})
		})
	}
}
