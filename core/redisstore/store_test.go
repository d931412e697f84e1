package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/wecomauth/wecomauth/core/redisstore"
)

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	redis := redisServer(t)
	s := redis.open(nil)
	long := strings.Repeat("t", 300) // beyond what is remembered
	for _, token := range []string{"tok", "wecomauth;mark", long} {
		wantFind(t, s, token, "")
		commit(t, s, token, "one")
		wantFind(t, s, token, "one")
		commit(t, s, token, "two")
		wantFind(t, s, token, "two")
		for range 2 {
			if err := s.Delete(token); err != nil {
				t.Fatal(err)
			}
			wantFind(t, s, token, "")
		}
	}
	b, found, err := s.Find("empty")
	if found || err != nil {
		t.Fatalf("before: %q %v %v", b, found, err)
	}
	if err := s.Commit("empty", nil, time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if b, found, err = s.Find("empty"); len(b) != 0 || !found || err != nil {
		t.Fatalf("an empty session: %q %v %v", b, found, err)
	}
}

func TestKeysAreThoseOfGoredisstore(t *testing.T) {
	t.Parallel()
	redis := redisServer(t)
	s := redis.open(nil)
	expiry := time.Now().Add(90 * time.Second)
	if err := s.Commit("tok", []byte("a\x00b"), expiry); err != nil {
		t.Fatal(err)
	}
	if got := redis.do("GET", "scs:session:tok"); got != "a\x00b" {
		t.Errorf("value %q", got)
	}
	if got := redis.do("PEXPIRETIME", "scs:session:tok"); got != strconv.FormatInt(expiry.UnixMilli(), 10) {
		t.Errorf("expires at %s, want %d", got, expiry.UnixMilli())
	}
	redis.do("SET", "scs:session:theirs", "value", "EX", "60")
	wantFind(t, s, "theirs", "value")
	redis.do("SET", "scs:session:forever", "value")
	wantFind(t, s, "forever", "value")
	redis.do("SET", "scs:session:ages", "value", "PX", "10000000000000") // more than a Duration holds
	wantFind(t, s, "ages", "value")
	before := redis.gets()
	wantFind(t, s, "theirs", "value")
	wantFind(t, s, "forever", "value")
	wantFind(t, s, "ages", "value")
	if n := redis.gets() - before; n != 0 {
		t.Errorf("warm Finds asked Redis %d times", n)
	}
	if err := s.Commit("past", []byte("x"), time.Now().Add(-time.Minute)); err != nil {
		t.Fatal(err)
	}
	wantFind(t, s, "past", "")
}

// TestOtherInstances lets A change what B holds a copy of.
func TestOtherInstances(t *testing.T) {
	t.Parallel()
	redis := redisServer(t)
	a, b := redis.open(nil), redis.open(nil)
	for i, c := range []struct {
		name, before, after string
		change              func(token string)
	}{
		{"a deletion on A is seen by B", "old", "", func(tok string) { _ = a.Delete(tok) }},
		{"a commit on A is seen by B", "old", "new", func(tok string) { commit(t, a, tok, "new") }},
		{"a token unknown to B is created by A", "", "new", func(tok string) { commit(t, a, tok, "new") }},
		{"a database that is flushed is seen by B", "old", "", func(string) { redis.do("FLUSHDB") }},
		{"a key that is renamed is seen by B", "old", "", func(tok string) { redis.do("RENAME", "scs:session:"+tok, "x") }},
		{"a key that is renamed to it is seen by B", "", "new", func(tok string) {
			redis.do("SET", "y", "new")
			redis.do("RENAME", "y", "scs:session:"+tok)
		}},
		{"a shorter life is seen by B", "old", "", func(tok string) { redis.do("PEXPIRE", "scs:session:"+tok, "1") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			token := fmt.Sprint("tok", i)
			if c.before != "" {
				commit(t, a, token, c.before)
			}
			wantFind(t, b, token, c.before)
			c.change(token)
			finds(t, b, token, c.after)
			wantFind(t, a, token, c.after)
		})
	}
}

func TestCopiesExpireWithoutAMessage(t *testing.T) {
	t.Parallel()
	redis := redisServer(t, "--enable-debug-command", "local")
	redis.do("DEBUG", "SET-ACTIVE-EXPIRE", "0") // Redis removes a key only when it is asked for it
	s := redis.open(nil)
	seen := watch(s)
	redis.do("SET", "scs:session:tok", "v", "PX", "150")
	expires := time.Now().Add(150 * time.Millisecond)
	wantFind(t, s, "tok", "v")
	finds(t, s, "tok", "")
	if early := time.Until(expires); early > 50*time.Millisecond {
		t.Errorf("gone %v too early", early)
	}
	eventually(t, "the Find that found it gone made Redis report it", func() bool { return seen.of("tok") > 0 })
	finds(t, s, "tok", "")
}

func TestWarmFindAsksNobody(t *testing.T) { // not parallel: allocations are counted
	redis := redisServer(t)
	s := redis.open(nil)
	commit(t, s, "tok", "v")
	// The report of our own write may come after the first Find and cost a second.
	eventually(t, "Finds are warm", func() bool {
		before := redis.gets()
		wantFind(t, s, "tok", "v")
		wantFind(t, s, "nobody", "")
		return redis.gets() == before
	})
	before := redis.gets()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				wantFind(t, s, "tok", "v")
				wantFind(t, s, "nobody", "")
			}
		})
	}
	wg.Wait()
	if n := redis.gets() - before; n != 0 {
		t.Errorf("16000 warm Finds asked Redis %d times", n)
	}
	if n := testing.AllocsPerRun(1000, func() { _, _, _ = s.Find("tok") }); n != 0 {
		t.Errorf("a warm Find allocates %v times", n)
	}
	if n := testing.AllocsPerRun(1000, func() { _, _, _ = s.Find("nobody") }); n != 0 {
		t.Errorf("a warm Find of an unknown token allocates %v times", n)
	}
}

func TestConcurrentMissesShareOneQuestion(t *testing.T) {
	t.Parallel()
	redis := redisServer(t)
	s := redis.open(nil)
	redis.do("SET", "scs:session:tok", "v")
	before := redis.gets()
	redis.do("CLIENT", "PAUSE", "300", "ALL")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := s.FindCtx(ctx, "tok"); !errors.Is(err, context.Canceled) {
		t.Errorf("who gives up gets %v", err)
	}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { wantFind(t, s, "tok", "v") })
	}
	wg.Wait()
	if n := redis.gets() - before; n != 1 {
		t.Errorf("21 Finds asked Redis %d times", n)
	}
}

func TestAll(t *testing.T) {
	t.Parallel()
	redis := redisServer(t)
	want := map[string]string{"wecomauth;mark": "m"}
	const prefix = `odd*[a-z]?\:`
	s := redis.open(func(c *redisstore.Config) { c.Prefix = prefix })
	if all, err := s.All(); err != nil || all == nil || len(all) != 0 {
		t.Fatalf("of nothing: %v, %v", all, err)
	}
	for i := range 1500 { // more than one step
		want["tok"+strconv.Itoa(i)] = strconv.Itoa(i)
	}
	for token, v := range want {
		commit(t, s, token, v)
	}
	redis.do("SET", "oddXb0:foreign", "x") // matches, were the prefix not escaped
	redis.do("HSET", prefix+"hash", "a", "b")
	all, err := s.All()
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]string)
	for token, b := range all {
		got[token] = string(b)
	}
	if !maps.Equal(got, want) {
		t.Errorf("%d sessions, want %d", len(got), len(want))
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.AllCtx(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled All: %v", err)
	}
}

func TestIterateThroughSCS(t *testing.T) {
	t.Parallel()
	redis := redisServer(t)
	sm := scs.New()
	sm.Store = redis.open(nil)
	for _, name := range []string{"a", "b", "c"} {
		ctx, err := sm.Load(context.Background(), "")
		if err != nil {
			t.Fatal(err)
		}
		sm.Put(ctx, "name", name)
		if _, _, err := sm.Commit(ctx); err != nil {
			t.Fatal(err)
		}
	}
	seen := make(map[string]bool)
	err := sm.Iterate(context.Background(), func(ctx context.Context) error {
		seen[sm.GetString(ctx, "name")] = true
		return sm.Destroy(ctx)
	})
	if err != nil || len(seen) != 3 || !seen["a"] || !seen["b"] || !seen["c"] {
		t.Errorf("%v, %v", seen, err)
	}
	if all, err := sm.Store.(*redisstore.Store).All(); err != nil || len(all) != 0 {
		t.Errorf("after Destroy: %v, %v", all, err)
	}
}
