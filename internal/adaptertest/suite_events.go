package adaptertest

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core/wecomtest"
)

// testSuiteEvents joins what WeCom tells a service provider and who is logged in.
func testSuiteEvents(t *testing.T, mount Mount) {
	t.Run("tickets come, people log in, and who is deleted at one customer is out there and nowhere else", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newProvider(t, mount)
			p.visitor("zhangsan").open("/me").want(503, "wecom_unavailable")
			time.Sleep(time.Minute)
			p.tickets()
			a, deskA, other := p.visitor("zhangsan").open("/me").want(200, corpA+"/zhangsan"), p.desk("zhangsan").open("/me").want(200), p.visitor("lisi").open("/me").want(200)
			b, deskB := p.visitor(corpB+"/zhangsan").open("/me").want(200, corpB+"/zhangsan"), p.desk(corpB+"/zhangsan").open("/me").want(200)
			time.Sleep(2 * time.Millisecond)
			for range 2 { // it may come twice
				p.send(p.toApp, wecomtest.DeletedUser("ZhangSan").OfCustomer(corpA))
				p.wantIn(false, "A's zhangsan", a, deskA)
				p.wantIn(true, "the others", other, b, deskB)
			}
			p.send(p.toApp, wecomtest.RenamedUser("zhangsan", "zhang.san").OfCustomer(corpB))
			p.wantIn(false, "B's zhangsan, who is called otherwise", b, deskB)
			p.wantIn(true, "A's lisi", other)
		})
	})
	t.Run("one suite's instructions are no other's, and a late ticket changes nothing", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newProvider(t, mount).tickets()
			mixed := p.toApp
			mixed.ReceiveID = p.toLogin.ReceiveID
			if p.fake.Send(t.Context(), mixed, wecomtest.SuiteTicket(p.fake.IssueLoginTicket())) == nil {
				t.Error("the app's URL took the login authorization's ticket")
			}
			late := wecomtest.SuiteTicket("a-ticket-of-before")
			late["TimeStamp"] = "946684000" // the bubble's clock is past that
			p.send(p.toApp, late)
			p.visitor("zhangsan").open("/me").want(200, corpA+"/zhangsan")
		})
	})
}
