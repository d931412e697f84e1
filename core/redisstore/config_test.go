package redisstore_test

import (
	"context"
	"crypto/tls"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/wecomauth/wecomauth/core/redisstore"
)

func TestConfigMistakes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*redisstore.Config)
		want   string
	}{
		{"no address", func(c *redisstore.Config) { c.ClientOption.InitAddress = nil }, "InitAddress is missing"},
		{"two addresses without Sentinel", func(c *redisstore.Config) { c.ClientOption.InitAddress = []string{"a:1", "b:1"} }, "InitAddress has 2 addresses"},
		{"no copies", func(c *redisstore.Config) { c.ClientOption.DisableCache = true }, "DisableCache"},
		{"RESP2", func(c *redisstore.Config) { c.ClientOption.AlwaysRESP2 = true }, "AlwaysRESP2"},
		{"a connection per command", func(c *redisstore.Config) { c.ClientOption.DisableAutoPipelining = true }, "DisableAutoPipelining"},
		{"another way of tracking", func(c *redisstore.Config) { c.ClientOption.ClientTrackingOptions = []string{"BCAST"} }, "ClientTrackingOptions"},
		{"connections that end by the clock", func(c *redisstore.Config) { c.ClientOption.ConnLifetime = time.Minute }, "ConnLifetime"},
		{"only replicas", func(c *redisstore.Config) { c.ClientOption.ReplicaOnly = true }, "names replicas"},
		{"reads from replicas", func(c *redisstore.Config) {
			c.ClientOption.SendToReplicas = func(rueidis.Completed) bool { return true }
		}, "names replicas"},
		{"replicas by address", func(c *redisstore.Config) { c.ClientOption.Standalone.ReplicaAddress = []string{"a:1"} }, "names replicas"},
		{"redirects", func(c *redisstore.Config) { c.ClientOption.Standalone.EnableRedirect = true }, "EnableRedirect"},
		{"no pings", func(c *redisstore.Config) { c.ClientOption.Dialer.KeepAlive = -1 }, "Dialer.KeepAlive is -1ns"},
		{"no timeout of pings", func(c *redisstore.Config) { c.ClientOption.ConnWriteTimeout = -1 }, "ConnWriteTimeout is -1ns"},
		{"no timeout of dials", func(c *redisstore.Config) { c.ClientOption.Dialer.Timeout = -1 }, "Dialer.Timeout is -1ns"},
		{"too few copies", func(c *redisstore.Config) { c.MaxSessions = 63 }, "MaxSessions is 63"},
		{"a negative timeout", func(c *redisstore.Config) { c.Timeout = -1 }, "Timeout is -1ns"},
		{"nobody is there", func(*redisstore.Config) {}, "redisstore: connect: "},
		{"nobody is there, and one client is forced", func(c *redisstore.Config) { c.ClientOption.ForceSingleClient = true }, "redisstore: connect: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			config := redisstore.Config{ClientOption: rueidis.ClientOption{InitAddress: []string{"127.0.0.1:1"}}}
			c.change(&config)
			s, err := redisstore.New(config)
			if s != nil || err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func TestAllMistakesAreNamedAtOnce(t *testing.T) {
	t.Parallel()
	_, err := redisstore.New(redisstore.Config{MaxSessions: -1, Timeout: -1})
	if n := strings.Count(err.Error(), "\n") + 1; n != 3 {
		t.Errorf("%d mistakes: %v", n, err)
	}
}

func TestClusterIsRefused(t *testing.T) {
	t.Parallel()
	redis := redisServer(t, "--cluster-enabled", "yes", "--cluster-port", freePort(t))
	redis.do("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
	eventually(t, "the cluster is up", func() bool { return strings.Contains(redis.do("CLUSTER", "INFO"), "cluster_state:ok") })
	s, err := redisstore.New(redisstore.Config{ClientOption: rueidis.ClientOption{InitAddress: []string{redis.addr}}})
	if s != nil || err == nil || !strings.Contains(err.Error(), "is a Redis Cluster") {
		t.Errorf("%v", err)
	}
}

func TestAReplicaIsRefused(t *testing.T) {
	t.Parallel()
	master := redisServer(t)
	host, port, _ := net.SplitHostPort(master.addr)
	redis := redisServer(t, "--replicaof", host+" "+port)
	redis.do("ACL", "SETUSER", "app", "on", ">pw", "~*", "+@all", "-role")
	for _, c := range []struct {
		name   string
		change func(*rueidis.ClientOption)
		want   string
	}{
		{"a replica", nil, "redisstore: connect: this server is a replica"},
		{"a replica, by one client", func(o *rueidis.ClientOption) { o.ForceSingleClient = true }, "redisstore: connect: this server is a replica"},
		{"a server that does not tell its role", func(o *rueidis.ClientOption) { o.Username, o.Password = "app", "pw" }, ""},
		{"the master", func(o *rueidis.ClientOption) { o.InitAddress = []string{master.addr} }, ""},
	} {
		config := redisstore.Config{ClientOption: rueidis.ClientOption{InitAddress: []string{redis.addr}}}
		if c.change != nil {
			c.change(&config.ClientOption)
		}
		s, err := redisstore.New(config)
		if s != nil {
			s.Close()
		}
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// TestLeastPrivileges checks the ACL that the package's documentation names.
func TestLeastPrivileges(t *testing.T) {
	t.Parallel()
	redis := redisServer(t)
	redis.do("ACL", "SETUSER", "app", "on", ">pw", "~scs:session:*", "+client|tracking", "+client|caching",
		"+ping", "+get", "+pttl", "+set", "+del", "+scan", "+mget")
	as := func(c *redisstore.Config) { c.ClientOption.Username, c.ClientOption.Password = "app", "pw" }
	s := redis.open(as)
	seen := watch(s)
	wantFind(t, s, "tok", "")
	commit(t, s, "tok", "v")
	wantFind(t, s, "tok", "v")
	redis.do("SET", "scs:session:tok", "w")
	finds(t, s, "tok", "w")
	if all, err := s.All(); err != nil || len(all) != 1 {
		t.Errorf("All: %v, %v", all, err)
	}
	if err := s.Delete("tok"); err != nil || seen.of("tok") == 0 {
		t.Error(err)
	}
	redis.do("ACL", "SETUSER", "app", "-get")
	if _, _, err := s.Find("tok"); err == nil {
		t.Error("Find without the right to GET succeeded")
	}
	redis.do("ACL", "SETUSER", "app", "-client|tracking")
	c := redisstore.Config{ClientOption: rueidis.ClientOption{InitAddress: []string{redis.addr}}}
	as(&c)
	if _, err := redisstore.New(c); err == nil || !strings.Contains(err.Error(), "allow the user +client|tracking") {
		t.Errorf("without tracking: %v", err)
	}
}

// TestUserValuesAreKept: what the user has set is not overwritten.
func TestUserValuesAreKept(t *testing.T) {
	t.Parallel()
	redis := redisServer(t)
	got := make(chan net.Dialer, 10)
	open := func(set net.Dialer) net.Dialer {
		redis.open(func(c *redisstore.Config) {
			c.ClientOption.Dialer = set
			c.ClientOption.DialCtxFn = func(ctx context.Context, addr string, d *net.Dialer, _ *tls.Config) (net.Conn, error) {
				got <- net.Dialer{KeepAlive: d.KeepAlive, Timeout: d.Timeout}
				return d.DialContext(ctx, "tcp", addr)
			}
		})
		return <-got
	}
	if d := open(net.Dialer{}); d.KeepAlive != time.Second || d.Timeout != time.Second {
		t.Errorf("defaults %v, %v", d.KeepAlive, d.Timeout)
	}
	if d := open(net.Dialer{KeepAlive: 7 * time.Second, Timeout: 8 * time.Second}); d.KeepAlive != 7*time.Second || d.Timeout != 8*time.Second {
		t.Errorf("set values became %v, %v", d.KeepAlive, d.Timeout)
	}
}
