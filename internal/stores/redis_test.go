package stores

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	keyPrefix  = "scs:session:" // goredisstore's
	markPrefix = "wecomauth;"
	startsIn   = 10 * time.Second
)

// server is a redis-server of one test.
type server struct {
	t     *testing.T
	addr  string
	dir   string
	admin *redis.Client // for the test's own questions
	args  []string
	cmd   *exec.Cmd
	alive io.Closer // its standard input
	pid   int
}

// startRedis starts a redis-server that ends with the test. Options are added
// to those that keep nothing on disk.
func startRedis(t *testing.T, options ...string) *server {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		missing(t, "redis-server is not installed: apt-get install redis-server")
	}
	for range 3 { // somebody else may take the port before Redis does
		if s := tryRedis(t, path, options); s != nil {
			return s
		}
	}
	t.Fatal("redis-server does not start")
	return nil
}

// missing skips a test that cannot run here, loudly, and fails it on CI.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(what)
	}
	_, _ = fmt.Fprintln(os.Stderr, "SKIP "+what)
	t.Skip("SKIP " + what)
}

// until ends a program when its standard input does, which is when the test ends,
// however it does.
const until = `"$@" & cat >/dev/null; kill -9 $!; wait`

// tryRedis returns nil if the server does not answer.
func tryRedis(t *testing.T, path string, options []string) *server {
	t.Helper()
	port, dir := freePort(t), t.TempDir()
	s := &server{t: t, addr: net.JoinHostPort("127.0.0.1", port), dir: dir}
	s.admin = s.client(t)
	s.args = append([]string{"-c", until, "sh", path, "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
		"--dir", dir, "--logfile", "log"}, options...)
	s.boot()
	t.Cleanup(s.kill)
	if !s.answers() {
		return nil
	}
	return s
}

// boot starts the program, for the first time or again.
func (s *server) boot() {
	s.t.Helper()
	cmd := exec.Command("sh", s.args...)
	alive, err := cmd.StdinPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.cmd, s.alive = cmd, alive
}

// kill is kill -9, also of a server that has ended or is suspended.
func (s *server) kill() {
	_ = s.alive.Close()
	_ = s.cmd.Wait()
}

func (s *server) answers() bool {
	for deadline := time.Now().Add(startsIn); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) { //nolint:forbidigo // between looks at a process that is starting
		conn, err := net.Dial("tcp", s.addr)
		if err != nil {
			continue
		}
		_ = conn.Close()
		at, err := s.admin.ConfigGet(s.t.Context(), "dir").Result()
		if err != nil || at["dir"] != s.dir { // it is not ours
			continue
		}
		info, _ := s.admin.InfoMap(s.t.Context(), "server").Result()
		if s.pid, _ = strconv.Atoi(info["Server"]["process_id"]); s.pid > 1 {
			return true
		}
	}
	log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	s.t.Logf("redis-server does not answer within %v: %s", startsIn, log)
	return false
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return port
}

// client is a connection pool of an instance's own, made as an application
// makes one.
func (s *server) client(t *testing.T) *redis.Client {
	c := redis.NewClient(&redis.Options{Addr: s.addr})
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// count returns the commands that Redis ran for f, without those by which a
// client introduces itself on a new connection, and our own.
func (s *server) count(f func()) map[string]int {
	s.t.Helper()
	ctx := context.Background()
	if err := s.admin.ConfigResetStat(ctx).Err(); err != nil {
		s.t.Fatal(err)
	}
	f()
	info, err := s.admin.Info(ctx, "commandstats").Result()
	if err != nil {
		s.t.Fatal(err)
	}
	ran := make(map[string]int)
	for line := range strings.Lines(info) {
		name, stats, ok := strings.Cut(strings.TrimPrefix(line, "cmdstat_"), ":calls=")
		group, _, _ := strings.Cut(name, "|")
		if !ok || group == "hello" || group == "client" || group == "config" || group == "info" {
			continue
		}
		number, _, _ := strings.Cut(stats, ",")
		if ran[name], err = strconv.Atoi(number); err != nil {
			s.t.Fatalf("%q: %v", line, err)
		}
	}
	return ran
}

// costs checks what f costs.
func (s *server) costs(what string, want map[string]int, f func()) {
	s.t.Helper()
	got := s.count(f)
	s.t.Logf("%s: %v", what, got)
	if !maps.Equal(got, want) {
		s.t.Errorf("%s costs %v, want %v", what, got, want)
	}
}

// keys returns all keys in Redis and how long they will stay.
func (s *server) keys() map[string]time.Duration {
	s.t.Helper()
	ctx, all := context.Background(), make(map[string]time.Duration)
	for each := s.admin.Scan(ctx, 0, "*", 100).Iterator(); each.Next(ctx); {
		ttl, err := s.admin.PTTL(ctx, each.Val()).Result()
		if err != nil {
			s.t.Fatal(err)
		}
		if ttl != -2 { // it has gone since
			all[each.Val()] = ttl
		}
	}
	return all
}

// marks returns the tokens of what is no session.
func (s *server) marks() []string {
	s.t.Helper()
	var all []string
	for key := range s.keys() {
		if token := strings.TrimPrefix(key, keyPrefix); strings.HasPrefix(token, markPrefix) {
			all = append(all, token)
		}
	}
	return all
}
