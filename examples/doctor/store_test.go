package main

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core/wecomtest"
)

// redisServer starts a real Redis and returns its address. Where there is none
// installed the test is skipped, and fails in CI.
func redisServer(t *testing.T, args ...string) string {
	t.Helper()
	binary, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("redis-server is not installed: install it for this test")
		}
		t.Skip("SKIP redis-server is not installed: the doctor's look at Redis was NOT tested; install it")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	_ = l.Close()
	cmd := exec.Command(binary, append([]string{"--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", t.TempDir()}, args...)...)
	log, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	for lines := bufio.NewScanner(log); lines.Scan(); {
		if strings.Contains(lines.Text(), "Ready to accept connections") {
			return net.JoinHostPort("127.0.0.1", port)
		}
	}
	t.Fatal("Redis ended before it was ready")
	return ""
}

// user is what redisstore's package comment allows its user, and not a word more.
const user = "~scs:session:* +client|tracking +client|caching +ping +get +pttl +set +del +cluster|shards +cluster|slots"

func TestRealRedis(t *testing.T) {
	for name, tc := range map[string]struct {
		server   string
		userinfo string
		query    string
		want     []string
	}{
		"a healthy one":        {want: nil},
		"one with a password":  {server: "--requirepass hunter2", userinfo: ":hunter2@", want: nil},
		"no password":          {server: "--requirepass hunter2", want: []string{"✗ session store", "NOAUTH", "用户名或密码"}},
		"another password":     {server: "--requirepass hunter2", userinfo: ":hunter22@", want: []string{"✗ session store", "WRONGPASS"}},
		"another user":         {userinfo: "hunter2:hunter2@", want: []string{"✗ session store", "WRONGPASS"}},
		"a user of its own":    {server: "--user hunter2 on >hunter2 " + user, userinfo: "hunter2:hunter2@", want: []string{"! session store", "maxmemory-policy", "无权查询"}},
		"a user without GET":   {server: "--user hunter2 on >hunter2 " + user + " -get", userinfo: "hunter2:hunter2@", want: []string{"✗ session store", "NOPERM", "权限"}},
		"no right to tracking": {server: "--user hunter2 on >hunter2 " + user + " -client|tracking", userinfo: "hunter2:hunter2@", want: []string{"✗ session store", "CLIENT TRACKING"}},
		"one that evicts":      {server: "--maxmemory-policy allkeys-lru", want: []string{"✗ session store", "maxmemory-policy allkeys-lru", "吊销"}},
		"a cluster":            {server: "--cluster-enabled yes", want: []string{"✗ session store", "Redis Cluster · 这是 Redis 集群"}},
		"an old protocol":      {query: "?protocol=2", want: []string{"✗ session store", "AlwaysRESP2", "protocol"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr := redisServer(t, strings.Fields(tc.server)...)
			w := newWard(t, wecomtest.Config{})
			w.redisURL = "redis://" + tc.userinfo + addr + tc.query
			w.visit(t, tc.want...)
		})
	}
}

// TestASilentRedis: a server that says nothing is not waited for.
func TestASilentRedis(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	p := patient{redisURL: "redis://" + l.Addr().String() + "?dial_timeout=10m&write_timeout=10m"}
	if f := p.redis(ctx); f.state != wrong || f.what.EN != context.DeadlineExceeded.Error() || f.fix.ZH == "" {
		t.Errorf("found %v", f)
	}
}

// TestNothingIsWaitedForLong: where nothing answers, each check ends in time.
func TestNothingIsWaitedForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		silent := http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})}
		app := wecomtest.New(wecomtest.Config{}).App()
		app.HTTPClient = &silent
		p := patient{
			app: app, baseURL: "https://" + host, verifyFile: verifyFile, now: time.Now, site: &silent,
			lookup: func(ctx context.Context, _ string) ([]string, error) { <-ctx.Done(); return nil, ctx.Err() },
		}
		var out strings.Builder
		start := time.Now()
		if p.examine(t.Context(), &out) {
			t.Error("healthy")
		}
		if took := time.Since(start); took != 4*perCheck { // WeCom, DNS, BASE_URL and the file
			t.Errorf("took %v:\n%s", took, &out)
		}
	})
}
