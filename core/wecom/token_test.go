package wecom_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom"
)

// numbered hands out a new token at every call: T1, T2, ...
func numbered(life int, delay time.Duration) func(*http.Request) (*http.Response, error) {
	var n atomic.Int64
	return func(req *http.Request) (*http.Response, error) {
		select {
		case <-req.Context().Done():
			return nil, req.Context().Err()
		case <-time.After(delay):
		}
		return body(fmt.Sprintf(`{"access_token":"T%d","expires_in":%d}`, n.Add(1), life))(req)
	}
}

func wantToken(t *testing.T, src wecom.TokenSource, rejected, want string) {
	t.Helper()
	if got, err := src.Token(context.Background(), rejected); err != nil || got != want {
		t.Fatalf("Token(%q) = %q, %v; want %q", rejected, got, err, want)
	}
}

func wantRefusal(t *testing.T, src wecom.TokenSource, rejected string, kind *core.Kind) {
	t.Helper()
	if got, err := src.Token(context.Background(), rejected); got != "" || !errors.Is(err, kind) {
		t.Fatalf("Token(%q) = %q, %v; want kind %v", rejected, got, err, kind)
	}
}

func wantCalls(t *testing.T, f *fake, want int) {
	t.Helper()
	synctest.Wait()
	if got := f.count("gettoken"); got != want {
		t.Fatalf("%d calls of gettoken, want %d", got, want)
	}
}

func TestOneFlightServesAllCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.on("gettoken", numbered(7200, time.Second))
		src := source(t, f.app())
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if got, err := src.Token(t.Context(), ""); err != nil || got != "T1" {
					t.Errorf("Token = %q, %v", got, err)
				}
			})
		}
		wg.Wait()
		wantCalls(t, f, 1)
	})
}

func TestAWaiterLeavesAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.on("gettoken", numbered(7200, 2*time.Second))
		src := source(t, f.app())
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() { // the caller who started the flight
			_, err := src.Token(ctx, "")
			if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, core.ErrUnavailable) {
				t.Errorf("error = %v", err)
			}
		})
		synctest.Wait()
		wantToken(t, src, "", "T1")
		wg.Wait()
		wantCalls(t, f, 1)
	})
}

func TestLifeOfAToken(t *testing.T) {
	tests := []struct {
		name      string
		answer    string
		renewedIn time.Duration // the last moment without an early renewal
		validFor  time.Duration
	}{
		{"two hours", `{"access_token":"T","expires_in":7200}`, 115 * time.Minute, 2 * time.Hour},
		{"quoted", `{"access_token":"T","expires_in":"3600"}`, 55 * time.Minute, time.Hour},
		{"short: half its life", `{"access_token":"T","expires_in":100}`, 50 * time.Second, 100 * time.Second},
		{"absurdly long", `{"access_token":"T","expires_in":9999999999}`, 115 * time.Minute, 2 * time.Hour},
		{"missing", `{"access_token":"T"}`, 30 * time.Second, time.Minute},
		{"zero", `{"access_token":"T","expires_in":0}`, 30 * time.Second, time.Minute},
		{"negative", `{"access_token":"T","expires_in":-5}`, 30 * time.Second, time.Minute},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				f.on("gettoken", inTurn(tt.answer, `{"errcode":45009}`, `{"access_token":"NEW","expires_in":7200}`))
				src := source(t, f.app())
				wantToken(t, src, "", "T")
				time.Sleep(tt.renewedIn - 1)
				wantToken(t, src, "", "T")
				wantCalls(t, f, 1)
				time.Sleep(time.Nanosecond)
				wantToken(t, src, "", "T")
				wantCalls(t, f, 2)
				time.Sleep(tt.validFor - tt.renewedIn - 1)
				wantToken(t, src, "", "T") // the renewal failed, the old token serves
				time.Sleep(time.Minute)
				wantToken(t, src, "", "NEW")
			})
		})
	}
}

func TestEarlyRenewalServesTheOldToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.on("gettoken", numbered(7200, time.Second))
		src := source(t, f.app())
		wantToken(t, src, "", "T1")
		time.Sleep(116 * time.Minute)
		start := time.Now()
		for range 10 {
			wantToken(t, src, "", "T1")
		}
		if time.Since(start) != 0 {
			t.Error("callers waited for the early renewal")
		}
		time.Sleep(time.Second)
		wantCalls(t, f, 2)
		wantToken(t, src, "", "T2")
	})
}

func TestRejectedTokenIsReplacedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.on("gettoken", numbered(7200, time.Second))
		src := source(t, f.app())
		wantToken(t, src, "", "T1")
		time.Sleep(time.Minute)
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if got, err := src.Token(t.Context(), "T1"); err != nil || got != "T2" {
					t.Errorf("Token = %q, %v", got, err)
				}
			})
		}
		wg.Wait()
		wantToken(t, src, "T1", "T2") // a latecomer
		wantCalls(t, f, 2)
		for range 100 { // the new one is refused as well
			wantRefusal(t, src, "T2", core.ErrMisconfigured)
			wantToken(t, src, "", "T2") // by one API, perhaps
		}
		time.Sleep(9*time.Second - 1) // 10 seconds after that gettoken began
		wantRefusal(t, src, "T2", core.ErrMisconfigured)
		wantCalls(t, f, 2)
		time.Sleep(time.Nanosecond)
		wantToken(t, src, "T2", "T3")
		wantCalls(t, f, 3)
	})
}

func TestTheSameTokenAgainIsNoCure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		src := source(t, f.app())
		wantToken(t, src, "", tokenA)
		time.Sleep(time.Minute)
		for range 100 {
			wantRefusal(t, src, tokenA, core.ErrMisconfigured)
			wantToken(t, src, "", tokenA) // other APIs may take it
		}
		wantCalls(t, f, 2)
		time.Sleep(10 * time.Second) // WeCom may have come to its senses
		wantRefusal(t, src, tokenA, core.ErrMisconfigured)
		wantCalls(t, f, 3)
	})
}

func TestARefusedTokenFromElsewhereIsNotReturned(t *testing.T) {
	src := source(t, newFake().app()) // knows no token yet
	wantRefusal(t, src, tokenA, core.ErrMisconfigured)
	wantToken(t, src, "T0", tokenA)
}

func TestExchangeRenewsARefusedTokenOnce(t *testing.T) {
	for _, code := range []int{40014, 42001, 40001} {
		synctest.Test(t, func(t *testing.T) {
			refusal := fmt.Sprintf(`{"errcode":%d,"errmsg":"x"}`, code)
			f := newFake()
			f.on("gettoken", numbered(7200, 0))
			f.on("auth/getuserinfo", inTurn(refusal, okUser, refusal))
			c := open(t, f.app())
			id, err := c.Exchange(t.Context(), "CODE")
			checkOutcome(t, id, err, "USERID", nil)
			if got := f.param("auth/getuserinfo", "access_token"); got != "T2" {
				t.Errorf("repeated with token %q, want T2", got)
			}
			time.Sleep(time.Minute)
			id, err = c.Exchange(t.Context(), "CODE")
			checkOutcome(t, id, err, "", core.ErrMisconfigured)
			if n := f.count("auth/getuserinfo"); n != 4 {
				t.Errorf("the codes were sent %d times, want 4", n)
			}
			wantCalls(t, f, 3)
		})
	}
}
