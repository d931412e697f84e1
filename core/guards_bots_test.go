package core

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// codes is a client that takes codes for UserIDs, and refuses "bad" ones.
type codes struct {
	plainApp
	sent map[string]int
}

func (c *codes) Exchange(_ context.Context, code string) (Identity, error) {
	c.sent[code]++
	if strings.HasPrefix(code, "bad") {
		return Identity{}, ErrCodeInvalid
	}
	return Identity{CorpID: "ww1", UserID: code}, nil
}

func TestAFloodBeyondItsRationPushesNobodyOut(t *testing.T) {
	c := &codes{sent: map[string]int{}}
	a := testAuth(t, func(*Config) {})
	a.exchanges.client = c
	do := func(n uint64, code, from string) error {
		var no nonce
		for i := range 8 {
			no[i] = byte(n >> (8 * i))
		}
		return a.exchanges.do(t.Context(), trade{nonce: no, code: code, client: netip.MustParseAddr(from)}).err
	}
	must(t, do(1<<40, "zhangsan", "198.51.100.1"))
	for i := range uint64(maxCalls + 10) {
		_ = do(i, fmt.Sprint("bad", i), "203.0.113.9")
	}
	if err := do(1<<40, "zhangsan", "198.51.100.1"); err != nil || c.sent["zhangsan"] != 1 {
		t.Errorf("a duplicate a moment later: %v; the code was sent %d times", err, c.sent["zhangsan"])
	}
	if n := len(a.exchanges.order); n > 1000 {
		t.Errorf("%d calls are remembered, of %d that were made", n, len(c.sent))
	}
}

func TestTheRationSparesAPartForThoseWhoDoNotFail(t *testing.T) {
	b, now := newBudget(), time.Unix(1_800_000_000, 0)
	calls := 0
	for i := range byte(20) {
		addr := netip.AddrFrom4([4]byte{203, 0, i, 1})
		for range 60 {
			if _, ok := b.take(now, addr); ok {
				b.settle(addr, true)
				calls++
			}
		}
	}
	if calls < budgetBurst-budgetSpared || calls > budgetBurst-budgetSpared+20 {
		t.Errorf("twenty addresses fail %d times", calls)
	}
	if _, ok := b.take(now, netip.MustParseAddr("198.51.100.1")); !ok {
		t.Error("a visitor without a failure is refused")
	}
}

func TestABotFillsTheLogWithNoAlarms(t *testing.T) {
	var log strings.Builder
	a := testAuth(t, func(c *Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	for range 50 {
		r := httptest.NewRequest("GET", "https://x.example/", nil)
		r.RequestURI = "/a;b"
		r.Header.Set("Accept", "text/html")
		if d := a.Decide(http.Header{}, r); d.Status() != 500 || !errors.Is(d.Err(), ErrMisconfigured) {
			t.Fatalf("status %d", d.Status())
		}
	}
	if n := strings.Count(log.String(), "set Config.CallbackPath"); n != 1 {
		t.Errorf("%d records", n)
	}
}

type phones struct{ plainApp }

func (p phones) Open(Env) (Client, error)     { return p, nil }
func (phones) AuthCodeURL(AuthRequest) string { return "" }

func TestAQRCodeIsSmallOrNone(t *testing.T) {
	a := testAuth(t, func(c *Config) { c.Provider = phones{} })
	for query, drawn := range map[int]bool{10: true, 200: true, 400: false, 1700: false} {
		target := "/me?x=" + strings.Repeat("a", query)
		r := httptest.NewRequest("GET", "https://x.example/", nil)
		r.RequestURI = target
		r.Header.Set("Accept", "text/html")
		w := httptest.NewRecorder()
		a.Decide(w.Header(), r).Answer(w, r)
		if body := w.Body.String(); strings.Contains(body, "<svg") != drawn || len(body) > 30_000 || !strings.Contains(body, target) {
			t.Errorf("a query of %d bytes: a page of %d bytes, drawn: %t", query, len(body), strings.Contains(body, "<svg"))
		}
	}
}

func TestAnErrorMadeByHandAnswersWithItsStatus(t *testing.T) {
	w := httptest.NewRecorder()
	(&Error{Kind: ErrForbidden}).Answer(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 403 || w.Body.Len() != 0 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
