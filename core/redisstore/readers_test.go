package redisstore_test

import (
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/wecomauth/wecomauth/core/redisstore"
)

// TestReadersNeverGoBack counts a value up while several read it: no reader may
// see an older value than before, all must see the last one, and whoever keeps
// answers by the rule of OnChange must come to it as well.
func TestReadersNeverGoBack(t *testing.T) {
	t.Parallel()
	redis := redisServer(t)
	stores := []*redisstore.Store{redis.open(nil), redis.open(nil)}
	for round := range 4 {
		const last = 150
		token := fmt.Sprint("count", round)
		var done atomic.Bool
		var wg sync.WaitGroup
		var beliefs []func() int
		for _, s := range stores {
			belief := believe(s, token)
			beliefs = append(beliefs, belief)
			for range 2 {
				wg.Go(func() { readUp(t, s, token, &done) })
			}
			wg.Go(func() {
				for !done.Load() {
					belief()
					runtime.Gosched()
				}
			})
		}
		for i := range last {
			switch value := strconv.Itoa(i + 1); i % 4 {
			case 0:
				commit(t, stores[0], token, value)
			case 1:
				commit(t, stores[1], token, value)
			default:
				redis.do("SET", "scs:session:"+token, value)
			}
		}
		done.Store(true)
		wg.Wait()
		for i, s := range stores {
			finds(t, s, token, strconv.Itoa(last))
			eventually(t, "the belief is the last value", func() bool { return beliefs[i]() == last })
		}
	}
}

func readUp(t *testing.T, s *redisstore.Store, token string, done *atomic.Bool) {
	for last := 0; !done.Load(); runtime.Gosched() {
		b, _, err := s.Find(token)
		if err != nil {
			continue // a machine that is too busy to answer in time
		}
		n, _ := strconv.Atoi(string(b))
		if n < last {
			t.Errorf("%d came after %d", n, last)
		}
		last = n
	}
}

// believe keeps what Find said as OnChange's documentation allows.
func believe(s *redisstore.Store, token string) func() int {
	var mu sync.Mutex
	changes, known, value := 0, false, 0
	s.OnChange(func(tok string) {
		if tok == token || tok == "" {
			mu.Lock()
			defer mu.Unlock()
			changes++
			known = false
		}
	})
	return func() int {
		mu.Lock()
		defer mu.Unlock()
		if known {
			return value
		}
		before := changes
		mu.Unlock()
		b, _, err := s.Find(token)
		mu.Lock()
		n, _ := strconv.Atoi(string(b))
		if err == nil && changes == before {
			known, value = true, n
		}
		return n
	}
}
