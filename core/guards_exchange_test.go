package core

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestClientAddr: who pays for a failing login.
func TestClientAddr(t *testing.T) {
	for _, tc := range []struct {
		name, remote, clientIP string
		want                   string // "" is nobody in particular
	}{
		{"a visitor on the Internet", "203.0.113.7:1234", "", "203.0.113.7"},
		{"one whose address came in six bytes too many", "[::ffff:203.0.113.7]:1234", "", "203.0.113.7"},
		{"one with IPv6", "[2001:db8::1]:1234", "", "2001:db8::1"},
		{"a proxy in the private network", "10.1.2.3:1234", "", ""},
		{"a proxy in the private network, seen by IPv6", "[::ffff:192.168.1.1]:1234", "", ""},
		{"a proxy in a private IPv6 network", "[fd00::1]:1234", "", ""},
		{"a proxy on this host", "127.0.0.1:1234", "", ""},
		{"a proxy on this link", "[fe80::1%eth0]:1234", "", ""},
		{"a proxy with a link-local address", "169.254.1.1:1234", "", ""},
		{"a Unix socket", "@", "", ""},
		{"what ClientIP says wins", "198.51.100.1:1", "203.0.113.7", "203.0.113.7"},
		{"what ClientIP says may be private: the application knows its network", "198.51.100.1:1", "10.1.2.3", "10.1.2.3"},
		{"ClientIP in the IPv6 form of IPv4", "198.51.100.1:1", "::ffff:203.0.113.7", "203.0.113.7"},
		{"ClientIP with a zone", "198.51.100.1:1", "fe80::1%x", "fe80::1"},
		{"a ClientIP that is none falls back to the connection", "198.51.100.1:1", "unknown", "198.51.100.1"},
	} {
		a := &Authenticator{}
		if tc.clientIP != "" {
			a.clientIP = func(*http.Request) string { return tc.clientIP }
		}
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = tc.remote
		want, _ := netip.ParseAddr(tc.want)
		if got := a.clientAddr(r); got != want {
			t.Errorf("%s: got %v, want %q", tc.name, got, tc.want)
		}
	}
}

func TestCountsAsFailure(t *testing.T) {
	for _, tc := range []struct {
		err  error
		want bool
	}{
		{nil, false}, {ErrUnavailable, false}, {ErrNotMember, false}, {ErrOtherCorp, false}, {ErrNotVisible, false},
		{fmt.Errorf("wrapped: %w", ErrNotVisible), false},
		{ErrCodeInvalid, true}, {ErrBadAnswer, true}, {ErrMisconfigured, true}, {errors.New("boom"), true},
	} {
		if got := countsAsFailure(tc.err); got != tc.want {
			t.Errorf("%v: WeCom counts it: %t, want %t", tc.err, got, tc.want)
		}
	}
}

func TestCheckIdentity(t *testing.T) {
	long := strings.Repeat("x", maxText+1)
	for _, tc := range []struct {
		name   string
		change func(*Identity)
		ok     bool
	}{
		{"somebody", func(*Identity) {}, true},
		{"nobody", func(id *Identity) { id.UserID = "" }, false},
		{"of no corp", func(id *Identity) { id.CorpID = "" }, false},
		{"somebody of a linked company", func(id *Identity) { id.CorpID = "ww2" }, true},
		{"somebody of another company", func(id *Identity) { id.CorpID = "ww3" }, false},
		{"more than a session holds, each within its bounds", func(id *Identity) { id.Departments = slices.Repeat([]int{1<<40 - 1}, 700) }, false},
		{"no employee", func(id *Identity) { id.UserID, id.OpenID = "", "oAAA" }, true},
		{"two people at once", func(id *Identity) { id.OpenID = "oAAA" }, false},
		{"a longer OpenID", func(id *Identity) { id.UserID, id.OpenID = "", long }, false},
		{"the longest texts", func(id *Identity) { id.CorpID, id.UserID, id.Name = long[1:], long[1:], long[1:] }, true},
		{"a longer CorpID", func(id *Identity) { id.CorpID = long }, false},
		{"a longer UserID", func(id *Identity) { id.UserID = long }, false},
		{"a longer Name", func(id *Identity) { id.Name = long }, false},
		{"as many departments as a record holds", func(id *Identity) { id.Departments = make([]int, maxDepartments) }, true},
		{"more departments", func(id *Identity) { id.Departments = make([]int, maxDepartments+1) }, false},
		{"a negative department", func(id *Identity) { id.Departments = []int{1, -1} }, false},
		{"a huge department", func(id *Identity) { id.Departments = []int{1 << 40} }, false},
	} {
		id := Identity{CorpID: "ww1", UserID: "zhangsan", Name: "张三"}
		tc.change(&id)
		e := &exchanges{corps: corps{ids: []string{"ww1", "ww2", long[1:]}, openIDs: true}}
		if err := e.checkIdentity(id); (err == nil) != tc.ok {
			t.Errorf("%s: %v", tc.name, err)
		}
		e.corps.openIDs = false
		if err := e.checkIdentity(id); (err == nil) != (tc.ok && id.UserID != "") {
			t.Errorf("%s, where people are employees: %v", tc.name, err)
		}
	}
}

func TestBudget(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	one, two := netip.MustParseAddr("203.0.113.7"), netip.MustParseAddr("203.0.113.8")
	spend := func(b *budget, addr netip.Addr, at time.Time) (n int) {
		for ; n < 10_000; n++ {
			if _, ok := b.take(at, addr); !ok {
				return n
			}
			b.settle(addr, true)
		}
		return n
	}
	t.Run("a client has its own ration, which refills and never grows beyond its size", func(t *testing.T) {
		b := newBudget()
		for _, step := range []struct {
			after time.Duration
			want  int
		}{{0, clientBudgetBurst}, {0, 0}, {6 * time.Minute, clientBudgetHourly / 10}, {6 * time.Minute, clientBudgetHourly / 10}, {100 * time.Hour, clientBudgetBurst}} {
			now = now.Add(step.after)
			if n := spend(b, one, now); n != step.want {
				t.Errorf("%v later: %d calls, want %d", step.after, n, step.want)
			}
		}
	})
	t.Run("unknown clients share the instance's, which known ones use too", func(t *testing.T) {
		b := newBudget()
		used := spend(b, one, now)
		if n := spend(b, netip.Addr{}, now); n != budgetBurst-used {
			t.Errorf("%d calls, want %d", n, budgetBurst-used)
		}
		if n := spend(b, two, now); n != 0 {
			t.Errorf("%d calls beyond the instance's ration", n)
		}
	})
	t.Run("what did not fail is given back, and no more", func(t *testing.T) {
		b := newBudget()
		b.settle(one, false)
		b.settle(one, false)
		for range 1000 {
			if _, ok := b.take(now, one); !ok {
				t.Fatal("successful calls use the ration up")
			}
			b.settle(one, false)
		}
		if n := spend(b, one, now); n != clientBudgetBurst {
			t.Errorf("%d calls, want %d", n, clientBudgetBurst)
		}
		if n := spend(b, netip.Addr{}, now); n != budgetBurst-clientBudgetBurst {
			t.Errorf("%d calls, want %d", n, budgetBurst-clientBudgetBurst)
		}
	})
	t.Run("an office may have as many logins under way as it likes", func(t *testing.T) {
		b := newBudget()
		for range maxInFlight {
			if _, ok := b.take(now, one); !ok {
				t.Fatal("a login is refused although none has failed")
			}
		}
	})
	t.Run("the answer says when the next call fits", func(t *testing.T) {
		b := newBudget()
		spend(b, one, now)
		if wait, ok := b.take(now, one); ok || wait != time.Hour/clientBudgetHourly {
			t.Errorf("wait %v, %t", wait, ok)
		}
		if _, ok := b.take(now.Add(time.Hour/clientBudgetHourly), one); !ok {
			t.Error("it does not fit then")
		}
	})
	t.Run("a customer's whole /64 is one client, and the next /64 another", func(t *testing.T) {
		b := newBudget()
		same := b.client(netip.MustParseAddr("2001:db8::1")) == b.client(netip.MustParseAddr("2001:db8::ffff:ffff:1"))
		others := 0
		for i := range 50 { // a few may fall into one bucket
			if b.client(netip.MustParseAddr(fmt.Sprintf("2001:db8:0:%x::1", i+1))) != b.client(netip.MustParseAddr("2001:db8::1")) {
				others++
			}
		}
		if !same || others < 40 {
			t.Errorf("the same /64: %t, other /64s: %d of 50", same, others)
		}
	})
}

// asked counts the codes that WeCom is asked about.
type asked struct{ n int }

func (c *asked) App() AppInfo                   { return testApp }
func (c *asked) AuthCodeURL(AuthRequest) string { return "x" }
func (c *asked) Exchange(context.Context, string) (Identity, error) {
	c.n++
	return Identity{}, ErrCodeInvalid
}

// TestCallsThatNobodyWaitsFor are taken out of the queue and never sent, and a
// new delivery of the same callback is not held up by what is left of them.
func TestCallsThatNobodyWaitsFor(t *testing.T) {
	client := &asked{}
	e := newExchanges(client, nil, Config{ExchangeTimeout: time.Second})
	if err := e.inFlight.Acquire(t.Context(), maxInFlight); err != nil { // everybody has to queue
		t.Fatal(err)
	}
	first, err := e.join(t.Context(), trade{nonce: nonce{1}, code: "C"})
	if err != nil {
		t.Fatal(err)
	}
	e.leave(first)
	if len(e.calls) != 0 || len(e.codes) != 0 {
		t.Fatal("a call that everybody left is still there to be joined")
	}
	second, err := e.join(t.Context(), trade{nonce: nonce{1}, code: "C"})
	if err != nil || second == first {
		t.Fatalf("the second delivery does not begin anew: %v", err)
	}
	<-first.done
	e.mu.Lock()
	if e.calls[nonce{1}] != second || len(e.codes) != 1 {
		t.Error("the end of the first call took the second away")
	}
	e.mu.Unlock()
	e.inFlight.Release(maxInFlight)
	<-second.done
	gone := &call{nonce: nonce{2}, done: make(chan struct{}), abandon: func() {}}
	if res := e.exchange(t.Context(), gone, trade{nonce: nonce{2}, code: "D"}); !errors.Is(res.err, errNotAsked) || client.n != 1 {
		t.Errorf("a call that everybody left was sent: %v, %d calls", res.err, client.n)
	}
}

func TestSucceeded(t *testing.T) {
	e := newExchanges(&asked{}, nil, Config{})
	e.calls[nonce{1}] = &call{finished: true}
	e.calls[nonce{2}] = &call{finished: true, result: result{err: ErrCodeInvalid}}
	e.calls[nonce{3}] = &call{}
	for n, want := range map[byte]bool{1: true, 2: false, 3: false, 4: false} {
		if got := e.succeeded(nonce{n}); got != want {
			t.Errorf("call %d: %t, want %t", n, got, want)
		}
	}
}
