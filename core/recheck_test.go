package core_test

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core"
)

// TestRecheckDay: ten thousand people come in the morning and use the service
// on two instances; three hundred of them are dismissed on that day.
func TestRecheckDay(t *testing.T) {
	const people, dismissed, every = 10_000, 300, 2 * time.Hour
	synctest.Test(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(1, 2))
		shared := &mapStore{}
		weComs := []*company{newCompany(), newCompany()} // one WeCom, counted for each instance
		var instances []*core.Authenticator
		for _, c := range weComs {
			instances = append(instances, rechecking(t, c, func(c *core.Config) { c.Store, c.Recheck = shared, every }))
		}
		type event struct {
			at     time.Time
			person int
		}
		var events []event
		cookies, gone := make([][]string, people), make(map[int]time.Time)
		start := time.Now()
		for p := range people {
			comes := start.Add(time.Duration(random.Int64N(int64(2 * time.Hour))))
			events = append(events, event{comes, p})
			visits, span := 4, 12*time.Hour
			if p < dismissed {
				gone[p] = comes.Add(time.Duration(random.Int64N(int64(8 * time.Hour))))
				for _, c := range weComs {
					c.fire(fmt.Sprint("u", p), gone[p])
				}
				visits, span = 40, 11*time.Hour
			}
			for range visits {
				events = append(events, event{comes.Add(1 + time.Duration(random.Int64N(int64(span)))), p})
			}
		}
		slices.SortFunc(events, func(a, b event) int { return cmp.Or(a.at.Compare(b.at), a.person-b.person) })
		late, refused := 0, 0
		for _, e := range events {
			time.Sleep(time.Until(e.at))
			if cookies[e.person] == nil {
				cookies[e.person] = signIn(t, instances[0], fmt.Sprint("u", e.person))
				continue
			}
			d, _ := decide(instances[random.IntN(2)], "/me", cookies[e.person])
			at, fired := gone[e.person]
			since := time.Since(at)
			switch {
			case d.Action != core.Pass && (!fired || since < 0):
				t.Fatalf("person %d is refused, and should not be", e.person)
			case d.Action == core.Pass && fired && since >= every:
				late++
			case d.Action != core.Pass:
				refused++
			}
		}
		if late > 0 || refused < dismissed {
			t.Errorf("%d requests passed after a dismissal and the time for a re-check, %d were refused", late, refused)
		}
		time.Sleep(start.Add(24 * time.Hour).Sub(time.Now())) //nolint:staticcheck // the end of the day
		sum := 0
		for i, c := range weComs {
			all, second := c.calls(time.Second)
			_, hour := c.calls(time.Hour)
			t.Logf("instance %d: %d calls, at most %d in a second and %d in an hour", i, all, second, hour)
			if second > 10 || hour > 36_000 {
				t.Errorf("instance %d made %d calls in a second and %d in an hour", i, second, hour)
			}
			sum += all
		}
		// One call for each person in 0.6 of the time at least, for the 12 hours of a login.
		if least := people * int(12*time.Hour/every); sum > least*10/6 || sum < least {
			t.Errorf("%d calls on a day, want %d to %d: instances share what they find out", sum, least, least*10/6)
		}
		time.Sleep(24 * time.Hour)
		for _, c := range weComs {
			all, _ := c.calls(time.Hour)
			sum -= all
		}
		if sum != 0 {
			t.Errorf("%d calls when nobody was logged in any more", -sum)
		}
	})
}

func TestRecheckKeepsItsPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		c := newCompany()
		auth := rechecking(t, c, func(c *core.Config) {
			c.Recheck, c.Logger = time.Minute, slog.New(slog.NewTextHandler(&log, nil))
		})
		var last []string
		for i := range 2_000 { // who need 50 calls a second
			last = signIn(t, auth, fmt.Sprint("u", i))
		}
		c.fire("u1999", time.Now())
		time.Sleep(30 * time.Minute)
		if _, most := c.calls(time.Second); most > 10 {
			t.Errorf("%d calls in a second", most)
		}
		if d, _ := decide(auth, "/me", last); d.Action == core.Pass {
			t.Error("the person who is gone is in after 30 minutes")
		}
		if n := strings.Count(log.String(), "Config.Recheck is not kept"); n < 2 || n > 3 || !strings.Contains(log.String(), "least=5m0s") {
			t.Errorf("%d warnings in half an hour, want one in ten minutes: %.2000s", n, log.String())
		}
	})
}

func TestRecheckAndAWeComThatIsAway(t *testing.T) {
	for _, tc := range []struct {
		name string
		err  error
		most int // calls in an hour, of 100 people who are due every 2 minutes
	}{
		{"the network is down", core.ErrUnavailable, 800},
		{"the server's address is not allowed", core.ErrMisconfigured, 800},
		{"WeCom says when to come back", core.RetryAfter(core.ErrUnavailable, 10*time.Minute), 40},
		{"the answers are nonsense", core.ErrBadAnswer, 800},
		{"the provider panics", nil, 800},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCompany()
				auth := rechecking(t, c, func(c *core.Config) { c.Recheck = 3 * time.Minute })
				var cookies [][]string
				for i := range 100 {
					cookies = append(cookies, signIn(t, auth, fmt.Sprint("u", i)))
				}
				c.mu.Lock()
				c.err, c.panic = tc.err, tc.err == nil
				c.mu.Unlock()
				time.Sleep(time.Hour)
				if all, _ := c.calls(time.Hour); all > tc.most || all == 0 {
					t.Errorf("%d calls in an hour", all)
				}
				for _, cookie := range cookies {
					if d, _ := decide(auth, "/me", cookie); d.Action != core.Pass {
						t.Fatal("a person is out")
					}
				}
				// And when it is back, all are looked up again.
				c.mu.Lock()
				c.err, c.panic, c.gone, c.asked = nil, false, map[string]time.Time{"u7": time.Now()}, nil
				c.mu.Unlock()
				time.Sleep(15 * time.Minute)
				if d, _ := decide(auth, "/me", cookies[7]); d.Action == core.Pass {
					t.Error("a person who is gone is in")
				}
			})
		})
	}
}

func TestNoRequestWaitsForARecheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCompany()
		auth := rechecking(t, c, nil)
		cookie := signIn(t, auth, "zhangsan")
		c.mu.Lock()
		c.stuck = true
		c.mu.Unlock()
		for range 1000 {
			time.Sleep(7 * time.Second)
			before := time.Now()
			if d, _ := decide(auth, "/me", cookie); d.Action != core.Pass || !time.Now().Equal(before) {
				t.Fatalf("action %v after %v", d.Action, time.Since(before))
			}
		}
		c.mu.Lock()
		c.stuck = false
		c.mu.Unlock()
		time.Sleep(time.Minute) // a look that is under way ends with the bubble
	})
}

func TestRecheckNeedsADirectory(t *testing.T) {
	_, err := core.New(core.Config{Provider: provider{}, BaseURL: base, Recheck: time.Hour})
	if err == nil || !strings.Contains(err.Error(), "Config.Recheck") {
		t.Errorf("%v", err)
	}
	if _, err := core.New(core.Config{Provider: newCompany(), BaseURL: base, Recheck: time.Second}); err == nil || errors.Is(err, core.ErrInternal) {
		t.Errorf("a second: %v", err)
	}
}
