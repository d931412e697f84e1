package wecom_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom"
)

func setTicket(t testing.TB, tickets *wecom.Tickets) {
	t.Helper()
	if err := tickets.Set(context.Background(), "TICKET", time.Now()); err != nil {
		t.Fatal(err)
	}
}

// Events come twice, late, and in any order.
func TestAnOldTicketNeverTakesTheNewOnesPlace(t *testing.T) {
	const m = time.Minute
	type event struct{ sent, comes time.Duration } // since the test began
	for name, c := range map[string]struct {
		events []event // in the order in which they come
		ask    time.Duration
		want   string // the ticket is named after when it was sent
	}{
		"it is good for 30 minutes":                    {[]event{{0, 0}}, 29 * m, "0s"},
		"and no longer":                                {[]event{{0, 0}}, 30 * m, ""},
		"from when it was sent, not from when it came": {[]event{{0, 25 * m}}, 30 * m, ""},
		"one that comes when it has expired":           {[]event{{0, 31 * m}}, 31 * m, ""},
		"an expired one after a good one":              {[]event{{20 * m, 20 * m}, {0, 40 * m}}, 41 * m, "20m0s"},
		"an old one after a new one":                   {[]event{{20 * m, 20 * m}, {0, 25 * m}}, 29 * m, "20m0s"},
		"the new one is good for its whole time":       {[]event{{20 * m, 20 * m}, {0, 25 * m}}, 49 * m, "20m0s"},
		"the same twice":                               {[]event{{0, 0}, {0, m}}, 29 * m, "0s"},
		"the same twice is not good for longer":        {[]event{{0, 0}, {0, 10 * m}}, 31 * m, ""},
		"the next":                                     {[]event{{0, 0}, {10 * m, 10 * m}}, 39 * m, "10m0s"},
		"the next, after the first has expired":        {[]event{{0, 0}, {50 * m, 50 * m}}, 51 * m, "50m0s"},
		"by a clock that is ahead":                     {[]event{{10 * m, 0}}, 29 * m, "10m0s"},
		"by a clock that is ahead, 30 minutes later":   {[]event{{10 * m, 0}}, 30 * m, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began, f := time.Now(), newFake()
				here := withTickets(t, f.suite(), &ticketStore{values: map[string][]byte{}})
				for _, e := range c.events {
					time.Sleep(time.Until(began.Add(e.comes)))
					if err := here.Tickets.Set(t.Context(), e.sent.String(), began.Add(e.sent)); err != nil {
						t.Fatal(err)
					}
				}
				time.Sleep(time.Until(began.Add(c.ask)))
				if got := f.ticketSent(t, here); got != c.want {
					t.Errorf("the ticket is %q, want %q", got, c.want)
				}
			})
		})
	}
}

func TestWhatIsNoTicket(t *testing.T) {
	tickets := withTickets(t, newFake().suite(), nil).Tickets
	for name, c := range map[string]struct {
		tickets *wecom.Tickets
		ticket  string
		sent    time.Time
	}{
		"an empty one":         {tickets, "", time.Now()},
		"one with a blank":     {tickets, "TICK ET", time.Now()},
		"one that is too long": {tickets, strings.Repeat("T", 513), time.Now()},
		"one without a time":   {tickets, "TICKET", time.Time{}},
		"nowhere to keep it":   {new(wecom.Tickets), "TICKET", time.Now()},
	} {
		if err := c.tickets.Set(t.Context(), c.ticket, c.sent); err == nil || !strings.HasPrefix(err.Error(), "wecom: ") || strings.Contains(err.Error(), "TICK ET") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// ticketStore is shared by instances, and may fail.
type ticketStore struct {
	values       map[string][]byte
	find, commit error
}

func (s *ticketStore) Find(key string) ([]byte, bool, error) {
	b, ok := s.values[key]
	return b, ok, s.find
}

func (s *ticketStore) Commit(key string, b []byte, expiry time.Time) error {
	if !expiry.After(time.Now()) {
		return errors.New("invalid expire time") // as Redis says
	}
	if s.commit == nil {
		s.values[key] = b
	}
	return s.commit
}

func TestTheTicketIsSealedAndServesEveryInstance(t *testing.T) {
	f, store := newFake(), &ticketStore{values: map[string][]byte{}}
	here, there := withTickets(t, f.suite(), store), withTickets(t, f.suite(), store)
	setTicket(t, here.Tickets)
	if got := f.ticketSent(t, there); got != "TICKET" {
		t.Errorf("the other instance has %q", got)
	}
	other := f.suite()
	other.SuiteID = "ww5u17e11111111111"
	if got := f.ticketSent(t, withTickets(t, other, store)); got != "" {
		t.Errorf("another suite has %q", got)
	}
	for key, b := range store.values {
		if strings.Contains(string(b), "TICKET") {
			t.Error("the ticket is readable in the store")
		}
		store.values[key] = b[:len(b)-1]
	}
	if got := f.ticketSent(t, there); got != "" {
		t.Errorf("what is broken off is %q", got)
	}
	if setTicket(t, here.Tickets); f.ticketSent(t, there) != "TICKET" {
		t.Error("what cannot be read is in the way of a new one")
	}
	if out := fmt.Sprintf("%v %+v %#v", here.Tickets, here.Tickets, here.Tickets); strings.Contains(out, "0x") {
		t.Errorf("Tickets print as %s", out)
	}
}

func TestAStoreThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, store := newFake(), &ticketStore{values: map[string][]byte{}}
		s := withTickets(t, f.suite(), store)
		store.commit = errors.New("down")
		if err := s.Tickets.Set(t.Context(), "TICKET", time.Now()); !errors.Is(err, core.ErrStore) {
			t.Errorf("Set: %v", err)
		}
		store.commit, store.find = nil, errors.New("down")
		if err := s.Tickets.Set(t.Context(), "TICKET", time.Now()); !errors.Is(err, core.ErrStore) {
			t.Errorf("Set, which has to look first: %v", err)
		}
		if _, err := openSuite(t, s).Exchange(t.Context(), "CODE"); !errors.Is(err, core.ErrStore) || f.count("service/get_suite_token") != 0 {
			t.Errorf("a login: %v", err)
		}
	})
}
