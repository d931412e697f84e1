package stores

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core"
)

// TestSomebodyWhoLeavesIsOutOnBothInstances: a minute has to pass, on a clock of
// the test's own. Redis has its own, which does not matter here, and waiting for
// its answers takes no time.
func TestSomebodyWhoLeavesIsOutOnBothInstances(t *testing.T) {
	redis := startRedis(t)
	synctest.Test(t, func(t *testing.T) {
		s := newSiteOver(t, redis)
		recheck := func(c *core.Config) { c.Recheck = time.Minute }
		here, there := s.start(recheck), s.start(recheck)
		gone, stays := s.logIn(here, "zhangsan").session(), s.logIn(there, "lisi").session()
		s.wantIn(true, gone, "zhangsan")
		s.wantIn(true, stays, "lisi")
		asked := s.fake.Calls("user/get")
		s.fake.Remove("zhangsan")
		time.Sleep(time.Minute) //nolint:forbidigo // on the bubble's clock
		s.wantIn(false, gone, "zhangsan, who has left")
		s.wantIn(true, stays, "lisi")
		t.Logf("%d calls of user/get in a minute, of two people known to two instances", s.fake.Calls("user/get")-asked)
	})
}
