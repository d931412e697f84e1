package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alexedwards/scs/goredisstore"
	"github.com/alexedwards/scs/v2"
	"github.com/redis/go-redis/v9"
	"github.com/redis/rueidis"

	"github.com/wecomauth/wecomauth/core/redisstore"
)

// redisServer is a Redis of our own on a loopback port, without any disk.
type redisServer struct {
	addr   string
	cmd    *exec.Cmd
	pipe   io.Closer
	client *redis.Client
}

// startRedis returns nil, and says so, where there is no redis-server.
func startRedis() *redisServer {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		fmt.Fprintln(os.Stderr, "SKIP everything with Redis: no redis-server here (apt-get install redis-server)")
		return nil
	}
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	addr := l.Addr().String()
	_ = l.Close() // only its port was wanted
	_, port, _ := strings.Cut(addr, ":")
	s := &redisServer{
		addr: addr,
		// The shell ends it when our end of the pipe is gone, however we ended.
		cmd: exec.Command("sh", "-c", `"$@" & cat >/dev/null; kill $!; wait`, "sh", //nolint:gosec // our own port
			path, "--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "no", "--loglevel", "warning"),
		client: redis.NewClient(&redis.Options{
			Addr: addr, MaxRetries: 200, MinRetryBackoff: 10 * time.Millisecond, MaxRetryBackoff: 50 * time.Millisecond,
		}),
	}
	s.pipe = must(s.cmd.StdinPipe())
	must(0, s.cmd.Start())
	if err := s.client.Ping(context.Background()).Err(); err != nil {
		s.stop()
		panic(fmt.Errorf("bench: redis-server does not answer: %w", err))
	}
	return s
}

func (s *redisServer) stop() {
	if s == nil {
		return
	}
	_ = s.client.Close() // everything of it is going away
	_ = s.pipe.Close()   // ends the server
	_ = s.cmd.Wait()     // it was killed
}

// sharedStore is a way to keep sessions in Redis.
type sharedStore struct {
	name string
	open func(s *redisServer) (store scs.Store, done func())
}

func sharedStores() []sharedStore {
	return []sharedStore{{"goredisstore", openGoredisstore}, {"redisstore", openRedisstore}}
}

func openGoredisstore(s *redisServer) (scs.Store, func()) {
	return goredisstore.New(s.client), func() {}
}

// openRedisstore makes a store with a memory and connections of its own.
func openRedisstore(s *redisServer) (scs.Store, func()) {
	store := must(redisstore.New(redisstore.Config{ClientOption: rueidis.ClientOption{InitAddress: []string{s.addr}}}))
	return store, store.Close
}

// redisPeers are ours over each store, behind each router, and scs's defaults.
func redisPeers(s *redisServer) (all []contender, done func()) {
	if s == nil {
		return nil, func() {}
	}
	var closers []func()
	for _, shared := range sharedStores() {
		store, closer := shared.open(s)
		all, closers = append(all, oursWith(shared.name, store)...), append(closers, closer)
	}
	return append(all, scsOnRedis(s)), func() {
		for _, c := range closers {
			c()
		}
	}
}

// commands returns how often each command was called so far.
func (s *redisServer) commands() map[string]int {
	return readCommands(must(s.client.Info(context.Background(), "commandstats").Result()))
}

// readCommands reads lines such as "cmdstat_get:calls=3,usec=9".
func readCommands(info string) map[string]int {
	calls := make(map[string]int)
	for line := range strings.Lines(info) {
		name, rest, ok := strings.Cut(strings.TrimPrefix(line, "cmdstat_"), ":calls=")
		count, _, _ := strings.Cut(rest, ",")
		if n, err := strconv.Atoi(count); ok && err == nil {
			calls[name] = n
		}
	}
	return calls
}

// upkeep are commands of connections, not of requests.
var upkeep = []string{"info", "ping", "hello", "client|setinfo", "client|tracking", "client|maint_notifications", "client|id"}

// used counts the commands between two readings, and names them.
func used(before, after map[string]int) (total int, names string) {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if n := after[name] - before[name]; n > 0 && !slices.Contains(upkeep, name) {
			total += n
			parts = append(parts, fmt.Sprintf("%s %d", name, n))
		}
	}
	return total, strings.Join(parts, ", ")
}
