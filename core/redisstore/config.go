package redisstore

import (
	"errors"
	"fmt"
	"time"

	"github.com/redis/rueidis"
)

// Defaults of [Config].
const (
	DefaultPrefix      = "scs:session:"
	DefaultMaxSessions = 100_000
	DefaultTimeout     = 2 * time.Second
)

// What New sets in ClientOption where it is zero. rueidis's own values would let
// copies live for 12 seconds on a dead connection, and a dial take 5.
const (
	keepAlive       = time.Second     // from one ping to the next
	pingTimeout     = time.Second     // for its answer
	dialTimeout     = time.Second     // to connect, TLS and HELLO included
	topologyRefresh = 5 * time.Second // to learn of a failover whose message was missed
)

// Config is what a [Store] is made from. ClientOption.InitAddress is required;
// the zero value of everything else is the recommended setting.
type Config struct {
	// ClientOption tells how to reach Redis; see rueidis. InitAddress is one
	// address, or those of the Sentinels when Sentinel.MasterSet is set. Where
	// they are zero, Dialer.KeepAlive, Dialer.Timeout and ConnWriteTimeout become
	// a second each, and Sentinel.TopologyRefreshInterval 5 seconds. KeepAlive and
	// ConnWriteTimeout decide how soon a dead connection is noticed: see the
	// package's documentation. OnInvalidations is called after the Store's own.
	//
	// DisableRetry is always set: a Find fails at once while Redis is down,
	// instead of piling up requests. So is PipelineMultiplex, to one connection:
	// only misses and writes use it. Options that would break the promises are
	// refused by New.
	ClientOption rueidis.ClientOption

	// Prefix is put in front of a token to make its key. Default "scs:session:",
	// as in scs's goredisstore.
	Prefix string

	// MaxSessions bounds how many sessions have a copy in this process: about
	// that many times the size of a session is the memory it takes at most. Those
	// that were not used lately give way, and are fetched again when they are.
	// Answers "not found" are kept apart, a quarter as many, so that invented
	// tokens push out no session. Default 100 000; the least is 64.
	MaxSessions int

	// Timeout bounds each exchange with Redis, whatever the context allows.
	// Default 2 seconds; at least a millisecond.
	Timeout time.Duration
}

// mistakes collects everything that is wrong with a Config.
type mistakes []error

func (m *mistakes) when(bad bool, format string, args ...any) {
	if bad {
		*m = append(*m, fmt.Errorf("redisstore: Config."+format, args...))
	}
}

func (m *mistakes) positive(option string, d time.Duration) {
	m.when(d < 0, "ClientOption.%s is %v: use a positive duration, or 0 for a second; it finds dead connections", option, d)
}

// check returns all mistakes of c, joined. Each says what to do.
func (c Config) check() error {
	var m mistakes
	o := c.ClientOption
	m.when(len(o.InitAddress) == 0,
		"ClientOption.InitAddress is missing: set it to the address of Redis, such as 127.0.0.1:6379")
	m.when(len(o.InitAddress) > 1 && o.Sentinel.MasterSet == "",
		"ClientOption.InitAddress has %d addresses: leave one, or set Sentinel.MasterSet if they are Sentinels", len(o.InitAddress))
	m.when(o.DisableCache, "ClientOption.DisableCache: leave it false; copies live by Redis's messages")
	m.when(o.AlwaysRESP2, "ClientOption.AlwaysRESP2: leave it false; only RESP3 carries Redis's messages")
	m.when(o.DisableAutoPipelining, "ClientOption.DisableAutoPipelining: leave it false; its connections do not hear Redis's messages")
	m.when(o.ConnLifetime != 0,
		"ClientOption.ConnLifetime: leave it 0; a connection that ends amid the commands of a read has some of them sent again on another one")
	m.when(o.ClientTrackingOptions != nil, "ClientOption.ClientTrackingOptions: leave it nil; the store uses OPTIN")
	m.when(o.ReplicaOnly || o.SendToReplicas != nil || len(o.Standalone.ReplicaAddress) > 0,
		"ClientOption names replicas: leave out ReplicaOnly, SendToReplicas and Standalone; a replica lags behind one's own writes")
	m.when(o.Standalone.EnableRedirect, "ClientOption.Standalone.EnableRedirect: leave it false; use Sentinel for failovers")
	m.positive("Dialer.KeepAlive", o.Dialer.KeepAlive)
	m.positive("Dialer.Timeout", o.Dialer.Timeout)
	m.positive("ConnWriteTimeout", o.ConnWriteTimeout)
	m.when(c.MaxSessions != 0 && c.MaxSessions < shardCount,
		"MaxSessions is %d: use at least %d, or 0 for %d", c.MaxSessions, shardCount, DefaultMaxSessions)
	m.when(c.Timeout != 0 && c.Timeout < time.Millisecond,
		"Timeout is %v: use at least 1ms, or 0 for %v", c.Timeout, DefaultTimeout)
	return errors.Join(m...)
}

// withDefaults returns c with its zero values filled in.
func (c Config) withDefaults() Config {
	setDefault(&c.Prefix, DefaultPrefix)
	setDefault(&c.MaxSessions, DefaultMaxSessions)
	setDefault(&c.Timeout, DefaultTimeout)
	o := &c.ClientOption
	setDefault(&o.Dialer.KeepAlive, keepAlive)
	setDefault(&o.Dialer.Timeout, dialTimeout)
	setDefault(&o.ConnWriteTimeout, pingTimeout)
	if o.Sentinel.MasterSet != "" {
		setDefault(&o.Sentinel.Dialer.KeepAlive, keepAlive)
		setDefault(&o.Sentinel.Dialer.Timeout, dialTimeout)
		setDefault(&o.Sentinel.TopologyRefreshInterval, topologyRefresh)
	}
	o.DisableRetry = true
	o.PipelineMultiplex = -1 // one connection, so that answers and reports come in one order
	o.BlockingPipeline = 0   // and no other for several commands at once
	return c
}

func setDefault[T comparable](v *T, to T) {
	var zero T
	if *v == zero {
		*v = to
	}
}
