package stores

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alexedwards/scs/goredisstore"
	"github.com/alexedwards/scs/v2"

	"github.com/wecomauth/wecomauth/core"
)

// TestSettingsOfAnApplicationsManager: whatever the manager does with tokens and
// values, a login works, is kept while it is used, and ends. The clock is the
// test's own, as in recheck_test.go; scs leaves idle sessions to Redis, whose is
// not.
func TestSettingsOfAnApplicationsManager(t *testing.T) {
	redis := startRedis(t)
	for _, tc := range []struct {
		name   string
		change func(*scs.SessionManager)
		hashed bool
	}{
		{"scs's defaults", func(*scs.SessionManager) {}, false},
		{"core.Codec", func(sm *scs.SessionManager) { sm.Codec = core.Codec{} }, false},
		{"HashTokenInStore", func(sm *scs.SessionManager) { sm.HashTokenInStore = true }, true},
		{"HashTokenInStore and core.Codec", func(sm *scs.SessionManager) { sm.HashTokenInStore, sm.Codec = true, core.Codec{} }, true},
	} {
		for name, outer := range map[string]bool{"": false, ", under LoadAndSave": true} {
			t.Run(tc.name+name, func(t *testing.T) {
				sm := scs.New() // starts a goroutine, which a bubble would wait for
				sm.IdleTimeout, sm.Cookie.Secure = 10*time.Minute, true
				tc.change(sm)
				synctest.Test(t, func(t *testing.T) {
					s := newSiteOver(t, redis)
					sm.Store = goredisstore.New(s.redis.client(t))
					i := s.start(func(c *core.Config) { c.Sessions = sm })
					if outer {
						i.handler = sm.LoadAndSave(i.mux)
					}
					testManager(t, s, i, tc.hashed, outer)
				})
			})
		}
	}
}

func testManager(t *testing.T, s *site, i *instance, hashed, outer bool) {
	db := s.redis.client(t)
	if err := db.FlushDB(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	v := s.logIn(i, "zhangsan")
	session := v.session()
	_, token, _ := strings.Cut(session, "=")
	if n := db.Exists(t.Context(), keyPrefix+token).Val(); (n == 0) != hashed {
		t.Errorf("Redis knows the token: %t", n == 1)
	}
	for range 3 {
		time.Sleep(9 * time.Minute) //nolint:forbidigo // on the bubble's clock
		v.do(i, "GET", "/me").want(http.StatusOK, "user=zhangsan ")
	}
	v.do(i, "POST", "/logout").want(http.StatusSeeOther, "")
	s.wantIn(false, session, "after the logout")
	for _, key := range db.Keys(t.Context(), "*").Val() {
		if !strings.Contains(key, markPrefix) {
			t.Errorf("the logout leaves %q", key)
		}
	}

	session, other := s.logIn(i, "zhangsan").session(), s.logIn(i, "lisi").session()
	s.wantIn(true, session, "a new login")
	mustRevoke(t, i, "zhangsan")
	s.wantIn(false, session, "after the revocation")
	s.wantIn(true, other, "another person")
	if time.Sleep(10 * time.Minute); !outer { //nolint:forbidigo // on the bubble's clock
		s.wantIn(false, other, "a session that was idle")
	}
}
