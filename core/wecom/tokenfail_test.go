package wecom_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core"
)

var errDown = errors.New("connection refused")

func down(*http.Request) (*http.Response, error) { return nil, errDown }

func TestAWrongSecretIsNotHammered(t *testing.T) {
	tests := []struct {
		name string
		body string
		kind *core.Kind
	}{
		{"G4 wrong secret", `{ "errcode": 40001, "errmsg": "invalid credential, hint: [1], from ip: 114.91.0.238"}`, core.ErrMisconfigured},
		{"G5 wrong company", `{"errcode":40013,"errmsg":"invalid corpid"}`, core.ErrMisconfigured},
		{"G6 no secret", `{"errcode":41004,"errmsg":"corpsecret missing"}`, core.ErrMisconfigured},
		{"G7 blocked", `{"errcode":45009,"errmsg":"api freq out of limit"}`, core.ErrUnavailable},
		{"G8 https wanted", `{"errcode":43003,"errmsg":"require https"}`, core.ErrMisconfigured},
		{"another company's secret", `{"errcode":"40091","errmsg":"x"}`, core.ErrMisconfigured},
		{"an unsafe secret", `{"errcode":45031,"errmsg":"x"}`, core.ErrMisconfigured},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				f.on("gettoken", inTurn(tt.body, okToken))
				src := source(t, f.app())
				for range 60 {
					wantRefusal(t, src, "", tt.kind)
					wantCalls(t, f, 1)
					time.Sleep(time.Second)
				}
				wantToken(t, src, "", tokenA)
			})
		})
	}
}

func TestPausesDoubleWhileFailuresRepeat(t *testing.T) {
	tests := []struct {
		name  string
		reply func(*http.Request) (*http.Response, error)
		tries int // of one flight
		kind  *core.Kind
	}{
		{"G9 busy", body(`{"errcode":-1,"errmsg":"system error"}`), 3, core.ErrUnavailable},
		{"no connection", down, 3, core.ErrUnavailable},
		{"a gateway's 502", status(502, ""), 3, core.ErrUnavailable},
		{"too many calls at once", body(`{"errcode":45033}`), 1, core.ErrUnavailable},
		{"G10 unknown path", status(404, ""), 1, core.ErrBadAnswer},
		{"G11 redirect", status(301, "<html>"), 1, core.ErrBadAnswer},
		{"G12 captive portal", body(`<html>sign in</html>`), 1, core.ErrBadAnswer},
		{"G13 no token", body(`{"errcode":0,"errmsg":"ok","access_token":"","expires_in":7200}`), 1, core.ErrBadAnswer},
		{"a name that only Unicode folds", body("{\"access_to\u212aen\":\"T\"}"), 1, core.ErrBadAnswer},
		{"a token with a line break", body(`{"access_token":"a\nb"}`), 1, core.ErrBadAnswer},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				f.on("gettoken", tt.reply)
				src := source(t, f.app())
				calls := 0
				for _, pause := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
					start := time.Now()
					wantRefusal(t, src, "", tt.kind)
					calls += tt.tries
					if spent := time.Since(start); spent != time.Duration(tt.tries/3)*600*time.Millisecond {
						t.Errorf("a flight took %v", spent)
					}
					time.Sleep(pause*time.Second - 1)
					wantRefusal(t, src, "", tt.kind)
					wantCalls(t, f, calls)
					time.Sleep(time.Nanosecond)
				}
				f.on("gettoken", body(`{"access_token":"T","expires_in":2}`))
				wantToken(t, src, "", "T")
				time.Sleep(2 * time.Second) // expired; the success has reset the pause
				f.on("gettoken", tt.reply)
				wantRefusal(t, src, "", tt.kind)
				time.Sleep(time.Second)
				f.on("gettoken", body(okToken))
				wantToken(t, src, "", tokenA)
			})
		})
	}
}

func TestOneFlightOutlivesAHiccup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.on("gettoken", inTurn(`{"errcode":-1}`, `{"errcode":"-1"}`, okToken))
		wantToken(t, source(t, f.app()), "", tokenA)
		wantCalls(t, f, 3)
	})
}

func TestSuccessfulTokenAnswers(t *testing.T) {
	for name, text := range map[string]string{
		"G1": okToken,
		"G2": `{"access_token":"accesstoken000001","expires_in":7200}`,
		"G3": `{"errcode":0,"errmsg":"","access_token":"accesstoken000001","expires_in":7200}`,
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			f.on("gettoken", body(text))
			wantToken(t, source(t, f.app()), "", tokenA)
		})
	}
}

func TestASilentWeComTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.on("gettoken", func(req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			return nil, req.Context().Err()
		})
		start := time.Now()
		_, err := open(t, f.app()).Exchange(t.Context(), "CODE")
		if !errors.Is(err, core.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error = %v", err)
		}
		if spent := time.Since(start); spent != 10*time.Second {
			t.Errorf("gave up after %v, want 10s", spent)
		}
	})
}

func TestEarlyRenewalThatFailsIsLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.on("gettoken", inTurn(okToken, `{"errcode":40001,"errmsg":"invalid credential"}`))
		app := f.app()
		app.NoProfile = true
		c, log := openLogged(t, app)
		for range 3 {
			id, err := c.Exchange(t.Context(), "CODE")
			checkOutcome(t, id, err, "USERID", nil)
			time.Sleep(58 * time.Minute)
		}
		synctest.Wait()
		if got := log.String(); strings.Count(got, "level=WARN") != 1 || !strings.Contains(got, "errcode 40001") {
			t.Errorf("log = %s", got)
		}
		f.on("gettoken", down)
		c, log = openLogged(t, app)
		if _, err := c.Exchange(t.Context(), "CODE"); err == nil || log.Len() != 0 {
			t.Errorf("error = %v, which the caller reports; log = %s", err, log)
		}
	})
}
