package stores

import (
	"context"
	"syscall"
	"testing"

	"github.com/alexedwards/scs/goredisstore"
	"github.com/alexedwards/scs/v2"
	"github.com/redis/go-redis/v9"
	"github.com/redis/rueidis"

	"github.com/wecomauth/wecomauth/core/redisstore"
)

// redisFault is something that happens to Redis, and what people see meanwhile.
type redisFault struct {
	name    string
	options []string // of redis-server
	begin   func(*server)
	end     func(*server)
	page    int  // of somebody who is logged in; a login ends in 503 in every row
	logout  int  // of somebody who is logged in
	late    bool // a write that was refused may still happen: Redis reads it when it goes on
}

var redisFaults = []redisFault{
	{
		name:    "Redis is killed, and starts again from a file to which it appends each write",
		options: []string{"--appendonly", "yes", "--appendfsync", "always"},
		begin:   (*server).kill, end: (*server).start,
		page: 503, logout: 503,
	},
	{
		name:  "Redis is shut down, saves, and starts again",
		begin: (*server).shutDown, end: (*server).start,
		page: 503, logout: 503,
	},
	{
		name:  "Redis is suspended, and goes on",
		begin: (*server).suspend, end: (*server).goOn,
		page: 503, logout: 503, late: true,
	},
	{
		name:  "Redis's memory is full, and it may delete but not write",
		begin: set("maxmemory", "1"), end: set("maxmemory", "0"),
		page: 200, logout: 303,
	},
	{
		name:  "Redis has lost the replica without which it must not write",
		begin: set("min-replicas-to-write", "1"), end: set("min-replicas-to-write", "0"),
		page: 200, logout: 503,
	},
	{
		name:  "Redis has become the replica of a server that is gone",
		begin: replicaOf("127.0.0.1", "1"), end: replicaOf("NO", "ONE"),
		page: 200, logout: 503,
	},
}

// redisStores are the stores that have to bear it. go-redis would wait for
// longer than any test, so that what ends a wait is core.Config.StoreTimeout, which it obeys only
// with ContextTimeoutEnabled. In core/redisstore, its pings end it as well.
var redisStores = []struct {
	name string
	open func(*testing.T, *server) scs.Store
}{
	{"core/redisstore", func(t *testing.T, s *server) scs.Store {
		o := rueidis.ClientOption{InitAddress: []string{s.addr}}
		store, err := redisstore.New(redisstore.Config{ClientOption: o, Timeout: storeTimeout})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(store.Close)
		return store
	}},
	{"scs's goredisstore", func(t *testing.T, s *server) scs.Store {
		c := redis.NewClient(&redis.Options{Addr: s.addr, ContextTimeoutEnabled: true, ReadTimeout: 2 * answersIn, WriteTimeout: 2 * answersIn, DialTimeout: 2 * answersIn})
		t.Cleanup(func() { _ = c.Close() })
		return goredisstore.New(c)
	}},
}

func TestRedisFails(t *testing.T) {
	for _, f := range redisFaults {
		for _, store := range redisStores {
			t.Run(f.name+": "+store.name, func(t *testing.T) {
				t.Parallel()
				redis := startRedis(t, f.options...)
				o := newOutage(t, newSiteOver(t, redis), store.open(t, redis))
				f.begin(redis)
				o.during(f.page, f.logout)
				f.end(redis)
				o.after()
				redis.wantSessions(f)
			})
		}
	}
}

// wantSessions: those of zhangsan and lisi, and of zhaoliu, whom a mark keeps out.
func (s *server) wantSessions(f redisFault) {
	s.t.Helper()
	sessions := len(s.keys()) - len(s.marks())
	if sessions != 3 && (!f.late || sessions != 4) {
		s.t.Errorf("%d sessions, want 3: a login that was refused has left one", sessions)
	}
}

// start boots a server that had ended, with what it kept.
func (s *server) start() {
	s.t.Helper()
	s.boot()
	if !s.answers() {
		s.t.Fatal("redis-server does not come back")
	}
}

func (s *server) shutDown() {
	s.admin.ShutdownSave(context.Background()) // its answer is the end of the connection
	s.kill()
}

func (s *server) suspend() { s.signal(syscall.SIGSTOP) }
func (s *server) goOn()    { s.signal(syscall.SIGCONT) }

// signal signals the process that answered when the server started.
func (s *server) signal(sig syscall.Signal) {
	s.t.Helper()
	if err := syscall.Kill(s.pid, sig); err != nil {
		s.t.Fatal(err)
	}
}

func set(name, value string) func(*server) {
	return func(s *server) { s.must(s.admin.ConfigSet(context.Background(), name, value).Err()) }
}

func replicaOf(host, port string) func(*server) {
	return func(s *server) { s.must(s.admin.Do(context.Background(), "REPLICAOF", host, port).Err()) }
}

func (s *server) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}
