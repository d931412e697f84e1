package redisstore_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/wecomauth/wecomauth/core/redisstore"
)

// server is a real Redis of one test's own.
type server struct {
	t    testing.TB
	addr string
	args []string
	cmd  *exec.Cmd
	raw  rueidis.Client // a client without copies, as another service would use
}

// redisServer starts a Redis on a free port. Where there is none installed the
// test is skipped, and fails in CI.
func redisServer(t testing.TB, args ...string) *server {
	t.Helper()
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("redis-server is not installed: install it for this suite")
		}
		t.Skip("SKIP redis-server is not installed: NOTHING of core/redisstore was tested; install it")
	}
	port := freePort(t)
	s := &server{t: t, addr: net.JoinHostPort("127.0.0.1", port)}
	s.args = append([]string{binary, "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", t.TempDir()}, args...)
	s.start()
	t.Cleanup(func() {
		s.raw.Close()
		s.kill()
	})
	return s
}

func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

func (s *server) start() {
	s.t.Helper()
	s.cmd = exec.Command(s.args[0], s.args[1:]...)
	s.cmd.Stdout, s.cmd.Stderr = io.Discard, io.Discard
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	eventually(s.t, "Redis answers", func() bool {
		c, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{s.addr}, DisableCache: true, ForceSingleClient: true})
		if err != nil {
			if c != nil {
				c.Close()
			}
			return false
		}
		if s.raw != nil {
			s.raw.Close()
		}
		s.raw = c
		return true
	})
}

// kill is kill -9.
func (s *server) kill() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

func (s *server) signal(sig syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

// do runs a command as another client and returns its reply in words.
func (s *server) do(words ...string) string {
	s.t.Helper()
	text, err := s.reply(words...)
	if err != nil {
		s.t.Fatalf("%v: %v", words, err)
	}
	return text
}

func (s *server) reply(words ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	m, err := s.raw.Do(ctx, s.raw.B().Arbitrary(words[0]).Args(words[1:]...).Build()).ToMessage()
	if err != nil {
		if rueidis.IsRedisNil(err) {
			return "(nil)", nil
		}
		return "", err
	}
	if n, err := m.ToInt64(); err == nil {
		return fmt.Sprint(n), nil
	}
	text, _ := m.ToString()
	return text, nil
}

// gets is how many GET commands Redis has run.
func (s *server) gets() (n int) {
	s.t.Helper()
	for line := range strings.Lines(s.do("INFO", "commandstats")) {
		_, _ = fmt.Sscanf(line, "cmdstat_get:calls=%d", &n)
	}
	return n
}

// open returns a Store on the server.
func (s *server) open(change func(*redisstore.Config)) *redisstore.Store {
	s.t.Helper()
	c := redisstore.Config{ClientOption: rueidis.ClientOption{InitAddress: []string{s.addr}}}
	if change != nil {
		change(&c)
	}
	store, err := redisstore.New(c)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(store.Close)
	return store
}

// eventually polls until ok or 15 seconds are over.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(15 * time.Second); time.Now().Before(deadline); <-tick.C {
		if ok() {
			return
		}
	}
	t.Fatalf("in 15 seconds it has not happened that: %s", what)
}

// wantFind checks what Find says now. want "" is: not found.
func wantFind(t testing.TB, s *redisstore.Store, token, want string) {
	t.Helper()
	b, found, err := s.Find(token)
	if err != nil || found != (want != "") || string(b) != want {
		t.Errorf("Find(%q) = %q, %v, %v; want %q", token, b, found, err, want)
	}
}

// finds waits until Find says want.
func finds(t testing.TB, s *redisstore.Store, token, want string) {
	t.Helper()
	eventually(t, fmt.Sprintf("Find(%q) says %q", token, want), func() bool {
		b, found, err := s.Find(token)
		return err == nil && found == (want != "") && string(b) == want
	})
}

func commit(t testing.TB, s *redisstore.Store, token, value string) {
	t.Helper()
	if err := s.Commit(token, []byte(value), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
}

// changes records what OnChange tells.
type changes struct {
	mu   sync.Mutex
	seen map[string]int
}

func watch(s *redisstore.Store) *changes {
	c := &changes{seen: make(map[string]int)}
	s.OnChange(func(token string) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.seen[token]++
	})
	return c
}

func (c *changes) of(token string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen[token]
}
