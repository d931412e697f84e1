package stores

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/goredisstore"
	"github.com/alexedwards/scs/v2"
	"github.com/redis/rueidis"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/redisstore"
	"github.com/wecomauth/wecomauth/core/wecom"
)

// stores are those that instances share, each with connections of its own.
var stores = map[string]func(*testing.T, *server) scs.Store{
	"goredisstore": func(t *testing.T, redis *server) scs.Store { return goredisstore.New(redis.client(t)) },
	"core/redisstore": func(t *testing.T, redis *server) scs.Store {
		store, err := redisstore.New(redisstore.Config{ClientOption: rueidis.ClientOption{InitAddress: []string{redis.addr}}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(store.Close)
		return store
	},
}

// TestASuiteLoginBegunOnOneInstanceFinishesOnAnother: the ticket reaches one of
// them only, as WeCom sends it.
func TestASuiteLoginBegunOnOneInstanceFinishesOnAnother(t *testing.T) {
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			var tickets []*wecom.Tickets // by instance
			start := func() *instance {
				store := open(t, s.redis)
				suite := s.fake.Suite()
				var err error
				if suite.Tickets, err = suite.NewTickets(store); err != nil {
					t.Fatal(err)
				}
				tickets = append(tickets, suite.Tickets)
				return s.start(func(c *core.Config) { c.Provider, c.Store = suite, store })
			}
			here, there := start(), start()
			old, ticket, now := s.fake.IssueTicket(), s.fake.IssueTicket(), time.Now()
			for _, e := range []struct {
				to     int
				ticket string
				sent   time.Time
			}{{1, ticket, now}, {0, old, now.Add(-5 * time.Minute)}} { // the other gets a late one, which changes nothing
				if err := tickets[e.to].Set(t.Context(), e.ticket, e.sent); err != nil {
					t.Fatal(err)
				}
			}
			s.wantSealed(ticket, old)
			for _, p := range [][2]*instance{{here, there}, {there, here}} {
				v := s.visitor("zhangsan")
				v.do(p[0], "GET", "/me?week=3").follow(p[0]) // now at WeCom, which sends back
				v.follow(p[1]).follow(p[1]).want(http.StatusOK, "user=zhangsan path=/me?week=3")
				s.wantIn(true, v.session(), "after the login")
			}
			if tokens, codes := s.fake.Calls("service/get_suite_token"), s.fake.Calls("service/auth/getuserinfo3rd"); tokens != 2 || codes != 2 {
				t.Errorf("%d calls for a token and %d exchanges, want one by each instance", tokens, codes)
			}
		})
	}
}

// wantSealed looks for tickets in Redis: one entry, without any of them, that ends
// with the newest.
func (s *site) wantSealed(tickets ...string) {
	s.t.Helper()
	keys := s.redis.keys()
	if len(keys) != 1 {
		s.t.Fatalf("%d keys: %v", len(keys), keys)
	}
	for key, ttl := range keys {
		value := s.redis.admin.Get(s.t.Context(), key).Val()
		for _, ticket := range tickets {
			if value == "" || strings.Contains(value, ticket) {
				s.t.Errorf("the value of %s is readable, or none", key)
			}
		}
		if ttl < 29*time.Minute || ttl > 30*time.Minute {
			s.t.Errorf("it ends in %v", ttl)
		}
	}
}
