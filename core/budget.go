package core

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"
)

// Failed exchanges are rationed, for about 2,000 failing calls an hour get a
// company's IP address banned for an hour, and anyone can make us fail by
// visiting callbacks with invented codes. Each client has a ration, and so has
// the instance: a flood from one address, if addresses are known, hurts that
// address alone; a flood from hundreds, or where addresses are not known, stops
// logins but for what the instance's ration refills, which a patient attacker can
// keep using up.
const (
	budgetBurst, budgetHourly             = 500, 1000 // of one instance
	budgetSpared                          = 100       // of it, for clients without a failure
	clientBudgetBurst, clientBudgetHourly = 50, 100   // of one remote address
)

// budget counts failed exchanges: of this instance, and of each client.
type budget struct {
	mu      sync.Mutex
	all     bucket
	clients [1024]bucket // by hash: bounded whatever addresses come
	seed    maphash.Seed
}

// bucket is a token bucket that starts full. used is what is missing at time at.
type bucket struct {
	used float64
	at   time.Time
}

func newBudget() *budget { return &budget{seed: maphash.MakeSeed()} }

// take says whether client may make a call, and reserves it from the instance's
// ration. A client that has not failed lately finds a part of it that others leave.
// ok is false when a ration is used up; wait is when the next call fits.
// From the client's nothing is reserved: while WeCom is slow, a whole office
// behind one address may have as many logins under way as the instance has. So a
// client may fail by so many more than its ration holds, once.
func (b *budget) take(now time.Time, client netip.Addr) (wait time.Duration, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	burst := float64(budgetBurst)
	if c := b.client(client); c != nil {
		if wait, ok := c.fits(now, clientBudgetBurst, clientBudgetHourly); !ok {
			return wait, false
		}
		if c.used >= 1 {
			burst -= budgetSpared
		}
	}
	if wait, ok := b.all.fits(now, burst, budgetHourly); !ok {
		return wait, false
	}
	b.all.used++
	return 0, true
}

// settle ends a call: one that failed is the client's, any other is given back.
func (b *budget) settle(client netip.Addr, failed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !failed {
		b.all.used = max(0, b.all.used-1)
	} else if c := b.client(client); c != nil {
		c.used++
	}
}

// client returns the bucket of an address; nil if it is not known.
func (b *budget) client(addr netip.Addr) *bucket {
	if !addr.IsValid() {
		return nil
	}
	if addr.Is6() { // one customer has a /64
		p, _ := addr.Prefix(64)
		addr = p.Addr()
	}
	return &b.clients[maphash.Comparable(b.seed, addr)%uint64(len(b.clients))]
}

func (b *bucket) fits(now time.Time, burst, hourly float64) (time.Duration, bool) {
	if !b.at.IsZero() {
		b.used = max(0, b.used-now.Sub(b.at).Hours()*hourly)
	}
	b.at = now
	if b.used <= burst-1 {
		return 0, true
	}
	missing := b.used - (burst - 1)
	return time.Duration(missing / hourly * float64(time.Hour)), false
}
