package redisstore

import (
	"errors"
	"testing"
	"time"
)

// TestFlights lists what becomes of an answer that is under way.
func TestFlights(t *testing.T) {
	t.Parallel()
	live, unknown := &entry{blob: []byte("v"), found: true}, &entry{}
	nothing := func(*cache) {}
	for _, c := range []struct {
		name      string
		meanwhile func(*cache)
		answer    *entry
		err       error
		kept      bool
	}{
		{"an answer is kept", nothing, live, nil, true},
		{"an answer that there is none is kept", nothing, unknown, nil, true},
		{"an error is not kept", nothing, nil, errors.New("down"), false},
		{"an answer that was overtaken by a report is not kept", func(c *cache) { c.drop("tok") }, live, nil, false},
		{"so is one that there is none", func(c *cache) { c.drop("tok") }, unknown, nil, false},
		{"an answer that a lost connection overtook is not kept", (*cache).dropAll, live, nil, false},
		{"a report about another token changes nothing", func(c *cache) { c.drop("other") }, live, nil, true},
		{"an answer that has expired is not kept", nothing, &entry{found: true, expires: 1}, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			cache := newCache(64)
			_, f, first := cache.join("tok")
			if !first {
				t.Fatal("not the first")
			}
			if _, again, first := cache.join("tok"); first || again != f {
				t.Fatal("a second caller does not share the flight")
			}
			c.meanwhile(cache)
			cache.land("tok", f, c.answer, c.err)
			<-f.done
			if f.e != c.answer || !errors.Is(f.err, c.err) {
				t.Errorf("those who wait get %v, %v", f.e, f.err)
			}
			if kept := cache.get("tok") != nil; kept != c.kept {
				t.Errorf("kept %v, want %v", kept, c.kept)
			}
		})
	}
}

func TestWhoAsksAfterAReportSharesNoOlderFlight(t *testing.T) {
	t.Parallel()
	c := newCache(64)
	_, old, _ := c.join("tok")
	c.drop("tok")
	_, fresh, first := c.join("tok")
	if !first || fresh == old {
		t.Fatal("shares the flight that a report overtook")
	}
	now := &entry{found: true, blob: []byte("new")}
	c.land("tok", fresh, now, nil)
	c.land("tok", old, &entry{found: true, blob: []byte("old")}, nil)
	if got := c.get("tok"); got != now {
		t.Errorf("the older answer replaced the newer: %q", got.blob)
	}
	if _, f, _ := c.join("tok"); f != nil {
		t.Error("a copy is there, and yet a flight was begun")
	}
}

func TestKindsOfEntriesReplaceEachOther(t *testing.T) {
	t.Parallel()
	c := newCache(64)
	expiring := &entry{found: true, expires: time.Since(c.start) + 20*time.Millisecond}
	for _, e := range []*entry{expiring, {}} {
		for c.get("tok") != nil { // until it expires
		}
		_, f, _ := c.join("tok")
		c.land("tok", f, e, nil)
	}
	s := c.shard("tok")
	if len(s.live) != 0 || len(s.unknown) != 1 {
		t.Errorf("%d and %d entries of one token", len(s.live), len(s.unknown))
	}
}
