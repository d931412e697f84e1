package redisstore_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/wecomauth/wecomauth/core/redisstore"
)

func TestOnChange(t *testing.T) {
	t.Parallel()
	redis := redisServer(t)
	s := redis.open(nil)
	seen := watch(s)
	for i, c := range []struct {
		name, before string
		change       func(key string)
	}{
		{"a value is changed", "v", func(key string) { redis.do("SET", key, "w") }},
		{"a value is set to what it was", "v", func(key string) { redis.do("SET", key, "v") }},
		{"a token that was not found is created", "", func(key string) { redis.do("SET", key, "v") }},
		{"a session is deleted", "v", func(key string) { redis.do("DEL", key) }},
		{"a session expires", "v", func(key string) { redis.do("PEXPIRE", key, "20") }},
		{"a session has expired when Redis is told so", "v", func(key string) { redis.do("PEXPIRE", key, "-1") }},
		{"a script changes it", "v", func(key string) { redis.do("EVAL", "redis.call('APPEND', KEYS[1], 'w')", "1", key) }},
		{"a key is moved to another database", "v", func(key string) { redis.do("MOVE", key, "1") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			token := fmt.Sprint("wecomauth;mark", i)
			key := "scs:session:" + token
			if c.before != "" {
				redis.do("SET", key, c.before)
			}
			wantFind(t, s, token, c.before)
			if n := seen.of(token); n != 0 {
				t.Fatalf("told %d times before the change", n)
			}
			c.change(key)
			eventually(t, "OnChange is told", func() bool { return seen.of(token) > 0 })
		})
	}
	if n := seen.of(""); n != 0 {
		t.Errorf("told %d times that anything may have changed", n)
	}
	for _, flush := range []string{"FLUSHDB", "FLUSHALL"} {
		before := seen.of("")
		redis.do(flush)
		eventually(t, flush+" is told", func() bool { return seen.of("") > before })
	}
}

func TestOnChangeIsToldBeforeACommitReturns(t *testing.T) {
	t.Parallel()
	redis := redisServer(t)
	s := redis.open(nil)
	first, second := watch(s), watch(s)
	for i := range 50 {
		token := strconv.Itoa(i)
		wantFind(t, s, token, "")
		commit(t, s, token, "v")
		if first.of(token) == 0 || second.of(token) == 0 {
			t.Fatal("not told of an own Commit")
		}
		before := first.of(token)
		if err := s.Delete(token); err != nil {
			t.Fatal(err)
		}
		if first.of(token) == before {
			t.Fatal("not told of an own Delete")
		}
	}
}

func TestOnChangeSeesTheNewValue(t *testing.T) {
	t.Parallel()
	redis := redisServer(t)
	s := redis.open(nil)
	redis.do("SET", "scs:session:tok", "0")
	wantFind(t, s, "tok", "0")
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	found := make(chan string, 1000) // more than there are changes
	s.OnChange(func(token string) {
		if b, _, err := s.FindCtx(ended, token); err == nil { // waits for nobody: only a copy is an answer
			t.Errorf("told while the copy %q is still there", b)
		}
		go func() { // the Find that a change gives rise to
			b, _, err := s.Find(token)
			found <- fmt.Sprint(string(b), err)
		}()
	})
	for i := 1; i <= 200; i++ {
		redis.do("SET", "scs:session:tok", strconv.Itoa(i))
		select {
		case got := <-found:
			if want := fmt.Sprint(i, "<nil>"); got != want {
				t.Fatalf("found %s, want %s", got, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("not told")
		}
	}
}

// TestOnChangeAfterEviction: Redis goes on reporting a token whose copy had to
// give way.
func TestOnChangeAfterEviction(t *testing.T) {
	t.Parallel()
	redis := redisServer(t)
	s := redis.open(func(c *redisstore.Config) { c.MaxSessions = 64 })
	seen := watch(s)
	wantFind(t, s, "wecomauth;mark", "")
	flood(t, s, 1200)
	before := redis.gets()
	redis.do("SET", "scs:session:wecomauth;mark", "v")
	eventually(t, "OnChange is told", func() bool { return seen.of("wecomauth;mark") > 0 })
	if redis.gets() != before {
		t.Error("Redis was asked")
	}
}

// TestOnChangeWhenRedisForgets: when Redis's own table of keys is full it says so.
func TestOnChangeWhenRedisForgets(t *testing.T) {
	t.Parallel()
	redis := redisServer(t, "--tracking-table-max-keys", "10")
	s := redis.open(nil)
	seen := watch(s)
	wantFind(t, s, "wecomauth;mark", "")
	flood(t, s, 160)
	eventually(t, "OnChange is told", func() bool { return seen.of("wecomauth;mark") > 0 })
}

func TestUnknownTokensPushOutNoSession(t *testing.T) {
	t.Parallel()
	redis := redisServer(t)
	s := redis.open(func(c *redisstore.Config) { c.MaxSessions = 1280 })
	for i := range 200 {
		redis.do("SET", fmt.Sprint("scs:session:live", i), "v")
		wantFind(t, s, fmt.Sprint("live", i), "v")
	}
	flood(t, s, 3200)
	live, unknown := s.Cached()
	if live != 200 || unknown > 320 || unknown < 250 {
		t.Errorf("copies of %d sessions and %d unknown tokens", live, unknown)
	}
	before := redis.gets()
	for i := range 200 {
		wantFind(t, s, fmt.Sprint("live", i), "v")
	}
	if n := redis.gets() - before; n != 0 {
		t.Errorf("%d sessions were pushed out", n)
	}
}

func TestCopiesAreBounded(t *testing.T) {
	t.Parallel()
	redis := redisServer(t)
	s := redis.open(func(c *redisstore.Config) { c.MaxSessions = 256 })
	redis.do("SET", "scs:session:used", "v")
	for i := range 1000 {
		redis.do("SET", fmt.Sprint("scs:session:live", i), "v")
		wantFind(t, s, fmt.Sprint("live", i), "v")
		wantFind(t, s, "used", "v")
	}
	if live, _ := s.Cached(); live > 256 || live < 200 {
		t.Errorf("%d copies", live)
	}
	if n := redis.gets(); n != 1001 {
		t.Errorf("Redis was asked %d times: the session in use gave way to others", n)
	}
}

// flood asks for n invented tokens.
func flood(t *testing.T, s *redisstore.Store, n int) {
	t.Helper()
	var wg sync.WaitGroup
	for w := range 16 {
		wg.Go(func() {
			for i := range n / 16 {
				wantFind(t, s, fmt.Sprint("invented", w, "-", i), "")
			}
		})
	}
	wg.Wait()
}

func TestUsersOwnOnInvalidationsIsCalled(t *testing.T) {
	t.Parallel()
	redis := redisServer(t)
	keys := make(chan string, 100)
	s := redis.open(func(c *redisstore.Config) {
		c.ClientOption.OnInvalidations = func(messages []rueidis.RedisMessage) {
			for i := range messages {
				key, _ := messages[i].ToString()
				keys <- key
			}
		}
	})
	wantFind(t, s, "tok", "")
	redis.do("SET", "scs:session:tok", "v")
	select {
	case key := <-keys:
		if key != "scs:session:tok" {
			t.Errorf("key %q", key)
		}
	case <-time.After(10 * time.Second):
		t.Error("not called")
	}
}
