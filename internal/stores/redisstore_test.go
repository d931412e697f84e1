package stores

import (
	"net/http"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/redisstore"
)

// twoTold starts two instances with core/redisstore, each with a store and
// connections of its own. RevokeWithin is an hour: what they learn, Redis tells.
func twoTold(t *testing.T) (s *site, here, there *instance) {
	t.Helper()
	s = newSite(t)
	told := func(c *core.Config) {
		store, err := redisstore.New(redisstore.Config{ClientOption: rueidis.ClientOption{InitAddress: []string{s.redis.addr}}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(store.Close)
		c.Store, c.RevokeWithin = store, time.Hour
	}
	return s, s.start(told), s.start(told)
}

// out waits until a session does not work on an instance.
func (i *instance) out(session, why string) {
	i.t.Helper()
	for deadline := time.Now().Add(5 * time.Second); i.in(session); {
		if time.Now().After(deadline) {
			i.t.Fatalf("%s: logged in on instance %d after five seconds", why, i.number)
		}
	}
}

func TestRedisTellsOfLogoutsAndRevocations(t *testing.T) {
	s, here, there := twoTold(t)
	phone, desk, other := s.logIn(here, "zhangsan"), s.logIn(there, "zhangsan"), s.logIn(here, "lisi")
	s.wantIn(true, phone.session(), "a login on the first instance")
	s.wantIn(true, desk.session(), "a login on the second")
	session := phone.session()
	phone.do(here, "POST", "/logout").want(http.StatusSeeOther, "")
	there.out(session, "a logout")
	s.wantIn(true, desk.session(), "the person's other browser")

	mustRevoke(t, here, "zhangsan")
	there.out(desk.session(), "a revocation")
	here.out(desk.session(), "a revocation")
	s.wantIn(true, other.session(), "another person")
	again := s.logIn(there, "zhangsan")
	s.wantIn(true, again.session(), "a new login after it")

	mustRevoke(t, there, "")
	here.out(other.session(), "a revocation of everybody")
	there.out(again.session(), "a revocation of everybody")
}

func TestAWarmSessionCostsRedisNothing(t *testing.T) {
	s, here, there := twoTold(t)
	session := s.logIn(here, "zhangsan").session()
	s.wantIn(true, session, "a login")
	s.redis.costs("a thousand requests to two instances", map[string]int{}, func() {
		for range 500 {
			if !here.in(session) || !there.in(session) {
				t.Fatal("out")
			}
		}
	})
}
