package stores

import (
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wecomauth/wecomauth/core"
)

const (
	markSlack  = 5 * time.Minute  // how much longer than a session a mark stays
	graveLasts = 11 * time.Minute // how long it is kept at most that a session has ended
)

// explain counts the keys in Redis by what they are; a session may live this long.
func (s *server) explain(lifetime time.Duration) map[string]int {
	s.t.Helper()
	what := make(map[string]int)
	for key, ttl := range s.keys() {
		token, ours := strings.CutPrefix(key, keyPrefix)
		mark := ours && strings.HasPrefix(token, markPrefix) && len(token) == 36
		switch {
		case ours && len(token) == 43 && 0 < ttl && ttl <= lifetime:
			what["session"]++
		case mark && lifetime < ttl && ttl <= lifetime+markSlack:
			what["revoked"]++
		case mark && lifetime+markSlack < ttl && ttl <= graveLasts:
			what["ended"]++
		default:
			s.t.Errorf("nobody knows what %q is, which stays for %v", key, ttl)
		}
	}
	return what
}

func TestAMarkOutlivesTheSessionsAndNotByMuch(t *testing.T) {
	for _, lifetime := range []time.Duration{time.Minute, core.DefaultLifetime, 400 * 24 * time.Hour} {
		s, here, _ := two(t, func(c *core.Config) { c.Lifetime = lifetime })
		s.logIn(here, "zhangsan")
		mustRevoke(t, here, "zhangsan")
		mustRevoke(t, here, "")
		marks := 0
		for key, ttl := range s.redis.keys() {
			if strings.HasPrefix(key, keyPrefix+markPrefix) {
				marks++
				t.Logf("Lifetime %v: a mark stays %v longer", lifetime, ttl-lifetime)
				if ttl < lifetime+markSlack-time.Minute || ttl > lifetime+markSlack {
					t.Errorf("Lifetime %v: a mark stays for %v", lifetime, ttl)
				}
			} else if ttl > lifetime || ttl < lifetime-time.Minute {
				t.Errorf("Lifetime %v: the session stays for %v", lifetime, ttl)
			}
		}
		if marks != 2 {
			t.Errorf("%d marks", marks)
		}
	}
}

// TestEveryKeyHasAReasonAndAnEnd: the sessions last a few seconds, and Redis's
// own clock ends them.
func TestEveryKeyHasAReasonAndAnEnd(t *testing.T) {
	const lifetime = 5 * time.Second
	s := newSite(t)
	sm := s.manager()
	sm.Lifetime, sm.IdleTimeout = lifetime, lifetime-time.Second
	start := func() *instance { return s.start(func(c *core.Config) { c.Sessions = sm }) }
	here, there := start(), start()
	after := func(what string, want map[string]int) {
		t.Helper()
		if got := s.redis.explain(lifetime); !maps.Equal(got, want) {
			t.Errorf("%s Redis holds %v, want %v", what, got, want)
		}
	}
	zhangsan, lisi := s.logIn(here, "zhangsan"), s.logIn(there, "lisi")
	after("after two logins", map[string]int{"session": 2})
	for range 20 {
		s.visitor("").do(here, "GET", "/me").want(http.StatusFound, "")
		there.in("session=" + strings.Repeat("A", 43))
	}
	after("after visits of nobody", map[string]int{"session": 2})
	lisi.do(here, "POST", "/logout").want(http.StatusSeeOther, "")
	after("after a logout", map[string]int{"session": 1, "ended": 1})
	mustRevoke(t, here, "zhangsan")
	mustRevoke(t, there, "ZHANGSAN")
	after("after two revocations of one person", map[string]int{"session": 1, "ended": 1, "revoked": 1})
	mustRevoke(t, there, "")
	after("after one of everybody", map[string]int{"session": 1, "ended": 1, "revoked": 2})
	old := zhangsan.session()
	zhangsan.do(here, "GET", "/login?return_to=/me").follow(here).follow(here).follow(here).want(http.StatusOK, "user=zhangsan")
	after("after a new login in place of the dead session", map[string]int{"session": 1, "ended": 2, "revoked": 2})
	s.wantIn(false, old, "the dead session")
	deadline := time.Now().Add(lifetime + 10*time.Second)
	for s.redis.explain(lifetime)["session"] > 0 && time.Now().Before(deadline) {
		time.Sleep(20 * time.Millisecond) //nolint:forbidigo // between looks: it is Redis's clock, and nothing tells us
	}
	after("when the sessions are over", map[string]int{"ended": 2, "revoked": 2})
}
