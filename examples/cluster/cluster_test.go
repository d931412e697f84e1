package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	atOnce = 60                // people
	atMost = 100 * time.Second // for all of them
)

// TestEverybodyGetsInWhileInstancesComeAndGo: thousands of people log in while
// instances are restarted in turn, and killed. Each ends as themself, and every
// session works on every instance afterwards.
func TestEverybodyGetsInWhileInstancesComeAndGo(t *testing.T) {
	for _, tc := range []struct {
		name   string
		people int
		kill   bool
	}{
		{"restarts alone: nobody notices", 150, false},
		{"restarts and kills", 2000, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newSite(t, tc.people)
			h := &harm{site: s, kill: tc.kill, over: make(chan struct{})}
			var wg sync.WaitGroup
			wg.Go(h.run)
			s.crowd((*person).day)
			close(h.over)
			wg.Wait()
			s.crowd((*person).inEverywhere)
			h.report()
			h.check()
		})
	}
}

// harm restarts all instances in turn, then kills some of them, and so on. Each
// time it waits until they answer again.
type harm struct {
	*site
	kill bool
	over chan struct{}

	restarts, kills int
	lastKill        time.Time
}

func (h *harm) run() {
	random := rand.New(rand.NewPCG(seed, 0))
	for {
		for _, p := range h.instances {
			h.again(syscall.SIGTERM, p)
		}
		select {
		case <-h.over:
			return
		default:
		}
		if h.kill {
			var some []*process // or all of them, which people see as a 502
			for _, i := range random.Perm(instances)[:1+random.IntN(instances)] {
				some = append(some, h.instances[i])
			}
			h.lastKill = time.Now()
			h.again(syscall.SIGKILL, some...)
		}
	}
}

// again ends processes that are kept, and waits until they answer again.
func (h *harm) again(s syscall.Signal, some ...*process) {
	for _, p := range some {
		p.end(s)
	}
	for _, p := range some {
		if err := p.ready(); err != nil {
			h.complain("%v", err)
		}
	}
	if s == syscall.SIGKILL {
		h.kills += len(some)
	} else {
		h.restarts += len(some)
	}
}

// report prints what happened.
func (h *harm) report() {
	c, took, before := &h.count, []time.Duration{}, 0
	for _, p := range h.people {
		took = append(took, p.took)
		if p.since.Before(h.lastKill) {
			before++
		}
	}
	slices.Sort(took)
	codes, sentAgain, acceptedAgain := h.wecom.traded()
	h.t.Logf("%d of %d people logged in as themselves, %d of them before the last kill; %d sessions work on all %d instances", c.logins.Load(), len(h.people), before, c.kept.Load(), instances)
	h.t.Logf("%d restarts, %d kills; a login took p50 %v, p99 %v, with up to %v before each step", h.restarts, h.kills,
		took[len(took)/2].Round(time.Millisecond), took[len(took)*99/100].Round(time.Millisecond), thinks)
	h.t.Logf("%d requests, %d of them sent again by nginx (%d callbacks), %d reloads of a 502, 503 or 504, %d dead ends", c.requests.Load(), c.again.Load(), c.callbacksAgain.Load(), c.reloads.Load(), c.deadEnds.Load())
	h.t.Logf("%d times to WeCom; %d codes traded, %d of them sent again, %d accepted again", c.sent.Load(), codes, sentAgain, acceptedAgain)
}

// check fails unless what happened is what has to.
func (h *harm) check() {
	c, people := &h.count, int64(len(h.people))
	_, sentAgain, acceptedAgain := h.wecom.traded()
	for _, must := range []struct {
		what string
		ok   bool
	}{
		{"everybody logs in", c.logins.Load() == people},
		{"without kills no page leads nowhere", h.kill || c.deadEnds.Load() == 0},
		{"with kills, whose login is cut off twice sees an error: next to nobody", c.deadEnds.Load() <= people/100},
		{"every session is kept", c.kept.Load() == people},
		{"no code is accepted twice", acceptedAgain == 0},
		{"a code is sent again only with a callback that was delivered again", int64(sentAgain) <= c.callbacksAgain.Load()+c.reloads.Load()},
		{"all instances were restarted", h.restarts >= instances},
		{"instances were killed", h.kill == (h.kills > 0)},
		{"without kills nobody reloads", h.kill || c.reloads.Load() == 0},
		{"without kills everybody goes to WeCom once", h.kill || c.sent.Load() == people},
		{"without kills no code is sent twice", h.kill || sentAgain == 0},
	} {
		if !must.ok {
			h.t.Errorf("not so: %s", must.what)
		}
	}
}

// crowd lets people do something, atOnce of them at once. It sends no more of
// them when much has gone wrong.
func (s *site) crowd(do func(*person)) {
	queue := make(chan *person)
	var wg sync.WaitGroup
	for range atOnce {
		wg.Go(func() {
			for p := range queue {
				do(p)
			}
		})
	}
	for _, p := range s.people {
		if s.wrong.Load() < 100 {
			queue <- p
		}
	}
	close(queue)
	wg.Wait()
}

// day is a login and another visit, for which nobody has to log in again.
func (p *person) day() {
	began := time.Now()
	if p.visit() {
		p.site.count.logins.Add(1)
	}
	p.since = time.Now()
	p.took, p.sent = p.since.Sub(began), 0
	if p.visit(); p.sent != 0 {
		p.site.complain("%s was logged in, and had to log in again", p.userID)
	}
}

// visit opens a page, and reports whether it greets them.
func (p *person) visit() bool {
	who, err := p.open(fmt.Sprintf("/me?week=%d", p.random.IntN(52)))
	if who != p.userID {
		p.site.complain("%s is greeted as %q: %v", p.userID, who, err)
	}
	return who == p.userID
}

// inEverywhere opens the page on each instance, past the balancer.
func (p *person) inEverywhere() {
	for i, addr := range p.site.addrs {
		res, body, err := p.do(http.MethodGet, "http://"+addr+"/me", "")
		if err != nil {
			p.site.complain("instance %d does not answer %s: %v", i+1, p.userID, err)
			return
		}
		if g := greeted.FindStringSubmatch(body); g == nil || g[1] != p.userID {
			p.site.complain("instance %d answers %s with %s and greets %q", i+1, p.userID, res.Status, g)
			return
		}
	}
	p.site.count.kept.Add(1)
}
