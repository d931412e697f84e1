package wecom_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom"
)

// openObserved returns the client, and what its observer was told so far.
func openObserved(t *testing.T, app wecom.App) (core.Client, func() []core.TokenRefreshed) {
	t.Helper()
	var mu sync.Mutex
	var events []core.TokenRefreshed
	c, err := app.Open(core.Env{Log: slog.New(slog.DiscardHandler), Observe: func(_ context.Context, e core.Event) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, e.(core.TokenRefreshed))
	}})
	if err != nil {
		t.Fatal(err)
	}
	return c, func() []core.TokenRefreshed {
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		return events
	}
}

func TestOneEventForEachFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.on("gettoken", numbered(7200, time.Second))
		c, events := openObserved(t, f.app())
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() { _, _ = c.Exchange(t.Context(), "CODE") })
		}
		wg.Wait()
		if got := events(); len(got) != 1 || got[0].Err != nil || got[0].Took != time.Second {
			t.Fatalf("events = %v, want one that took a second", got)
		}
		time.Sleep(116 * time.Minute)
		_, _ = c.Exchange(t.Context(), "CODE")
		time.Sleep(time.Second)
		if got := events(); len(got) != 2 || got[1].Err != nil {
			t.Fatalf("events = %v, want another for the early renewal", got)
		}
	})
}

func TestAFailedFlightIsOneEventToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.on("gettoken", func(req *http.Request) (*http.Response, error) {
			return nil, errors.New("cannot reach " + req.URL.String())
		})
		c, events := openObserved(t, f.app())
		for range 3 { // the second and third are answered without a call
			_, _ = c.Exchange(t.Context(), "CODE")
		}
		got := events()
		if len(got) != 1 || !errors.Is(got[0].Err, core.ErrUnavailable) || got[0].Took != 600*time.Millisecond {
			t.Fatalf("events = %v, want one of a flight with three tries", got)
		}
		if strings.Contains(tree(got[0].Err), "s3cret") {
			t.Errorf("the event holds the secret: %v", got[0].Err)
		}
	})
}

func TestTheSameTokenAgainIsAFailedEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.on("auth/getuserinfo", body(`{"errcode":40014,"errmsg":"invalid access_token"}`))
		c, events := openObserved(t, f.app())
		_, _ = c.Exchange(t.Context(), "CODE")
		if got := events(); len(got) != 2 || got[0].Err != nil || !errors.Is(got[1].Err, core.ErrMisconfigured) {
			t.Errorf("events = %v, want a success and a failure", got)
		}
	})
}

func TestAnObserverThatPanicsEndsNothing(t *testing.T) {
	var log bytes.Buffer
	c, err := newFake().app().Open(core.Env{Log: slog.New(slog.NewTextHandler(&log, nil)),
		Observe: func(context.Context, core.Event) { panic("my metrics") }})
	if err != nil {
		t.Fatal(err)
	}
	id, err := c.Exchange(t.Context(), "CODE")
	checkOutcome(t, id, err, "USERID", nil)
	if !strings.Contains(log.String(), "my metrics") {
		t.Errorf("log = %s", &log)
	}
}

func TestASourceOfItsOwnHasNoObserver(t *testing.T) {
	f := newFake()
	app := f.app()
	app.Tokens = source(t, app)
	c, err := app.Open(core.Env{Log: slog.New(slog.DiscardHandler),
		Observe: func(context.Context, core.Event) { t.Error("an event") }})
	if err != nil {
		t.Fatal(err)
	}
	id, err := c.Exchange(t.Context(), "CODE")
	checkOutcome(t, id, err, "USERID", nil)
}
