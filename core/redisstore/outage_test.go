package redisstore_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/wecomauth/wecomauth/core/redisstore"
)

// bound is what the documentation promises for the default configuration.
const bound = 3 * time.Second

// slack is for a machine that is busy with the race detector.
const slack = 1500 * time.Millisecond

func fails(s *redisstore.Store, token string) func() bool {
	return func() bool {
		_, _, err := s.Find(token)
		return err != nil
	}
}

func TestRedisIsKilledAndComesBack(t *testing.T) {
	t.Parallel()
	redis := redisServer(t)
	s := redis.open(nil)
	seen := watch(s)
	commit(t, s, "tok", "old")
	finds(t, s, "tok", "old")
	redis.kill()
	eventually(t, "a warm Find fails", fails(s, "tok"))
	eventually(t, `OnChange("") is told`, func() bool { return seen.of("") > 0 })
	if live, unknown := s.Cached(); live != 0 || unknown != 0 {
		t.Errorf("%d and %d copies are left", live, unknown)
	}
	for range 20 { // at once, not after a timeout each
		start := time.Now()
		if _, _, err := s.Find("tok"); err == nil || time.Since(start) > time.Second {
			t.Fatalf("Find while Redis is down: %v after %v", err, time.Since(start))
		}
	}
	if err := s.Commit("tok", []byte("lost"), time.Now().Add(time.Hour)); err == nil {
		t.Error("a Commit succeeded")
	}
	redis.start()
	redis.do("SET", "scs:session:tok", "new")
	finds(t, s, "tok", "new")
	redis.do("SET", "scs:session:tok", "newer")
	finds(t, s, "tok", "newer")
	commit(t, s, "tok", "newest")
	wantFind(t, s, "tok", "newest")
}

func TestConnectionIsCut(t *testing.T) {
	t.Parallel()
	redis := redisServer(t)
	s := redis.open(nil)
	seen := watch(s)
	wantFind(t, s, "tok", "")
	redis.do("MULTI") // one step: nobody reconnects in between
	redis.do("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
	redis.do("SET", "scs:session:tok", "v")
	redis.do("EXEC")
	finds(t, s, "tok", "v")
	if seen.of("") == 0 {
		t.Error(`OnChange("") was not told`)
	}
}

func TestRedisIsStuck(t *testing.T) {
	t.Parallel()
	redis := redisServer(t)
	s := redis.open(nil)
	seen := watch(s)
	redis.do("SET", "scs:session:tok", "v")
	wantFind(t, s, "tok", "v")
	redis.signal(syscall.SIGSTOP)
	stopped := time.Now()
	eventually(t, "a warm Find fails", fails(s, "tok"))
	// The Find that met the end of the copy took its own time to fail.
	if took := time.Since(stopped); took > bound+redisstore.DefaultTimeout+slack {
		t.Errorf("copies lived for %v", took)
	}
	if seen.of("") == 0 {
		t.Error(`OnChange("") was not told`)
	}
	start := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, _, err := s.FindCtx(ctx, "tok"); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > time.Second {
		t.Errorf("with a context: %v after %v", err, time.Since(start))
	}
	start = time.Now()
	if _, _, err := s.Find("tok"); err == nil || time.Since(start) > redisstore.DefaultTimeout+slack {
		t.Errorf("without a context: %v after %v", err, time.Since(start))
	}
	redis.signal(syscall.SIGCONT)
	finds(t, s, "tok", "v")
	redis.do("SET", "scs:session:tok", "w")
	finds(t, s, "tok", "w")
}

// TestStuckIsToldWithinTheBound takes the time by OnChange alone: nobody asks.
func TestStuckIsToldWithinTheBound(t *testing.T) {
	t.Parallel()
	redis := redisServer(t)
	s := redis.open(nil)
	told := make(chan time.Time, 100)
	s.OnChange(func(token string) {
		if token == "" {
			told <- time.Now()
		}
	})
	wantFind(t, s, "wecomauth;mark", "")
	redis.signal(syscall.SIGSTOP)
	stopped := time.Now()
	select {
	case at := <-told:
		if took := at.Sub(stopped); took > bound+slack {
			t.Errorf("told after %v", took)
		}
	case <-time.After(15 * time.Second):
		t.Error("not told")
	}
	redis.signal(syscall.SIGCONT)
}

// TestSilentNetwork: nothing arrives any more, and nobody says so.
func TestSilentNetwork(t *testing.T) {
	t.Parallel()
	redis := redisServer(t)
	var hole blackHole
	s := redis.open(func(c *redisstore.Config) { c.ClientOption.DialCtxFn = hole.dial })
	seen := watch(s)
	wantFind(t, s, "wecomauth;mark", "")
	hole.open()
	redis.do("SET", "scs:session:wecomauth;mark", "revoked")
	eventually(t, `OnChange("") is told`, func() bool { return seen.of("") > 0 })
	finds(t, s, "wecomauth;mark", "revoked") // the next connection is well
}

// blackHole swallows what arrives on the connections made before it opens.
type blackHole struct {
	mu    sync.Mutex
	conns []*holeConn
}

type holeConn struct {
	net.Conn
	swallow chan struct{}
}

func (h *blackHole) dial(ctx context.Context, addr string, d *net.Dialer, _ *tls.Config) (net.Conn, error) {
	c, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	hc := &holeConn{c, make(chan struct{})}
	h.conns = append(h.conns, hc)
	return hc, nil
}

func (h *blackHole) open() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range h.conns {
		close(c.swallow)
	}
	h.conns = nil
}

func (c *holeConn) Read(b []byte) (int, error) {
	for {
		n, err := c.Conn.Read(b)
		select {
		case <-c.swallow:
			if err != nil {
				return 0, err
			}
		default:
			return n, err
		}
	}
}

// TestRefusedWrites: a Commit that Redis refuses is an error, and the copy does
// not pretend otherwise.
func TestRefusedWrites(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name         string
		refuse, mend []string
	}{
		{"Redis's memory is full", []string{"CONFIG", "SET", "maxmemory", "1"}, []string{"CONFIG", "SET", "maxmemory", "0"}},
		{"Redis became a replica", []string{"REPLICAOF", "127.0.0.1", "1"}, []string{"REPLICAOF", "NO", "ONE"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			redis := redisServer(t)
			s := redis.open(nil)
			commit(t, s, "tok", "old")
			finds(t, s, "tok", "old")
			redis.do(c.refuse...)
			err := s.Commit("tok", []byte("new"), time.Now().Add(time.Hour))
			if _, isReply := rueidis.IsRedisErr(err); !isReply && err == nil {
				t.Fatal("the Commit succeeded")
			}
			wantFind(t, s, "tok", "old")
			redis.do(c.mend...)
			commit(t, s, "tok", "new")
			wantFind(t, s, "tok", "new")
		})
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	redis := redisServer(t)
	s := redis.open(nil)
	seen := watch(s)
	commit(t, s, "tok", "v")
	finds(t, s, "tok", "v")
	s.Close()
	if _, _, err := s.Find("tok"); !errors.Is(err, rueidis.ErrClosing) {
		t.Errorf("Find after Close: %v", err)
	}
	if seen.of("") == 0 {
		t.Error(`OnChange("") was not told`)
	}
	s.Close()
}
