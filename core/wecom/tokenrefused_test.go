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

func TestOneAPIThatRefusesTheTokenKeepsNobodyOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.on("tag/get", body(`{"errcode":40014,"errmsg":"invalid access_token"}`))
		c := open(t, f.app())
		for i := range 120 {
			if i%7 == 0 {
				if _, err := c.(core.Directory).TagMembers(t.Context(), corpID, 1); !errors.Is(err, core.ErrMisconfigured) {
					t.Errorf("the tag: %v", err)
				}
			}
			if _, err := c.Exchange(t.Context(), "CODE"); err != nil {
				t.Errorf("second %d: %v", i, err)
			}
			time.Sleep(time.Second)
		}
		if n := f.count("gettoken"); n > 1+120/10 {
			t.Errorf("%d calls of gettoken", n)
		}
	})
}

func TestATokenThatFallsWhileItIsRenewedIsAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.on("gettoken", numbered(7200, 0))
		src := source(t, f.app())
		wantToken(t, src, "", "T1")
		time.Sleep(116 * time.Minute)
		slow := func(req *http.Request) (*http.Response, error) {
			f.on("gettoken", body(`{"access_token":"T9","expires_in":7200}`))
			time.Sleep(2 * time.Second)
			return body(`{"access_token":"T1","expires_in":240}`)(req)
		}
		f.on("gettoken", slow)
		wantToken(t, src, "", "T1") // begins the renewal
		time.Sleep(time.Second)
		wantToken(t, src, "T1", "T9") // WeCom has withdrawn T1 meanwhile
	})
}

func TestAFailedRenewalDoesNotDropATokenThatOneAPIRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.on("gettoken", inTurn(okToken, `{"errcode":40001}`))
		src := source(t, f.app())
		wantToken(t, src, "", tokenA)
		time.Sleep(116 * time.Minute)
		wantToken(t, src, "", tokenA) // begins a renewal, which fails
		synctest.Wait()
		wantRefusal(t, src, tokenA, core.ErrMisconfigured)
		wantToken(t, src, "", tokenA)
		wantCalls(t, f, 2)
	})
}

func TestAPanicInTheTransportFailsTheCall(t *testing.T) {
	f := newFake()
	f.on("gettoken", func(*http.Request) (*http.Response, error) { panic("s3cret") })
	_, err := open(t, f.app()).Exchange(t.Context(), "CODE")
	if !errors.Is(err, core.ErrInternal) || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("error = %v", err)
	}
}
