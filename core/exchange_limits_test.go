package core_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
)

// TestVisitorsWhoLeaveTakeTheirPlaceInTheQueueWithThem: while WeCom hangs, an
// impatient crowd leaves no goroutines behind but those of the calls under way.
func TestVisitorsWhoLeaveTakeTheirPlaceInTheQueueWithThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		hangs := provider{func(ctx context.Context, _ string) (core.Identity, error) {
			asked.Add(1)
			<-ctx.Done()
			return core.Identity{}, fmt.Errorf("%w: %w", core.ErrUnavailable, ctx.Err())
		}}
		fake := wecomtest.New(wecomtest.Config{})
		site(t, fake, func(c *core.Config) { c.Provider = hangs; c.ExchangeTimeout = time.Hour })
		before := runtime.NumGoroutine()
		for i := range 500 {
			b := fake.Browser("")
			b.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			res, err := b.Get(base + "/me")
			if err != nil {
				t.Fatal(err)
			}
			_, state, _ := strings.Cut(res.Header.Get("Location"), "state=")
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			req, _ := http.NewRequestWithContext(ctx, "GET", fmt.Sprintf("%s/me?code=C%d&state=%s", base, i, state), nil)
			_, _ = b.Do(req) // gives up
			cancel()
		}
		synctest.Wait()
		if n := runtime.NumGoroutine() - before; n > 100 || asked.Load() != 64 {
			t.Errorf("%d goroutines are left of 500 visitors, %d calls under way, want 64", n, asked.Load())
		}
		time.Sleep(2 * time.Hour)
	})
}

func TestPanicTextStaysOutOfTheLog(t *testing.T) {
	var log bytes.Buffer
	p := provider{func(_ context.Context, code string) (core.Identity, error) {
		panic("GET https://x/?code=" + code + "-SECRET")
	}}
	res := login(t, p, func(c *core.Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	if res.StatusCode != 500 || strings.Contains(log.String(), "SECRET") || !strings.Contains(log.String(), "panic of type string") {
		t.Errorf("status %d, log %s", res.StatusCode, &log)
	}
}

func TestObserverMayPanic(t *testing.T) {
	p := provider{func(context.Context, string) (core.Identity, error) {
		return core.Identity{CorpID: "ww1", UserID: "zhangsan"}, nil
	}}
	res := login(t, p, func(c *core.Config) { c.Observer = func(context.Context, core.Event) { panic("boom") } })
	if res.StatusCode != 302 {
		t.Errorf("status %d", res.StatusCode)
	}
}
