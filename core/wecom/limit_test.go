package wecom_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core"
)

func TestALimitIsObeyed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.on(userInfo, body(`{"errcode":45009,"errmsg":"api freq out of limit"}`))
		c, log := openLogged(t, f.app())
		for minute := range 3 {
			for second := range 60 {
				_, err := c.Exchange(t.Context(), "CODE")
				if !errors.Is(err, core.ErrUnavailable) {
					t.Fatalf("minute %d, second %d: %v", minute, second, err)
				}
				if n := f.count(userInfo); n != minute+1 {
					t.Fatalf("minute %d, second %d: %d calls", minute, second, n)
				}
				time.Sleep(time.Second)
			}
		}
		if n := strings.Count(log.String(), "too many calls; for a minute"); n != 1 {
			t.Errorf("the log says so %d times", n)
		}
		f.on(userInfo, body(okUser))
		for range 10 {
			if _, err := c.Exchange(t.Context(), "CODE"); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestImpatientLoginsAreNoReasonToLookForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.on("user/get", func(req *http.Request) (*http.Response, error) {
			select {
			case <-time.After(3500 * time.Millisecond): // a login waits for three seconds, a lookup for five
				return body(`{"errcode":0,"userid":"USERID","status":1}`)(req)
			case <-req.Context().Done():
				return nil, req.Context().Err()
			}
		})
		c := open(t, f.app())
		for range 10 {
			if _, err := c.Exchange(t.Context(), "CODE"); err != nil {
				t.Fatal(err)
			}
		}
		if n := f.count("user/get"); n != 5 {
			t.Errorf("%d calls by logins", n)
		}
		if _, err := c.(core.Directory).Member(t.Context(), corpID, "USERID"); err != nil {
			t.Error(err)
		}
	})
}

func TestACallThatBeganBeforeALimitDoesNotEndIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		slow := make(chan struct{})
		f.on(userInfo, func(req *http.Request) (*http.Response, error) { <-slow; return body(okUser)(req) })
		c := open(t, f.app())
		go func() { _, _ = c.Exchange(t.Context(), "CODE1") }()
		synctest.Wait()
		f.on(userInfo, body(`{"errcode":45009,"errmsg":"api freq out of limit"}`))
		_, _ = c.Exchange(t.Context(), "CODE2")
		close(slow)
		synctest.Wait()
		_, _ = c.Exchange(t.Context(), "CODE3")
		if n := f.count(userInfo); n != 2 {
			t.Errorf("%d calls, want 2", n)
		}
	})
}
