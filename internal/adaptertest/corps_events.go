package adaptertest

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom/events"
	"github.com/wecomauth/wecomauth/core/wecomtest"
)

// receiver is the route of a company's receiver, with the group's gate behind it.
func (g *group) receiver(path, corpID string) Route {
	g.t.Helper()
	rc, err := events.New(events.Config{
		Token: eventToken, EncodingAESKey: eventKey, ReceiveID: corpID, Logger: slog.New(slog.DiscardHandler), Handle: events.Revoke(g.gate),
	})
	if err != nil {
		g.t.Fatal(err)
	}
	return Route{Path: path, Guard: Public, Handler: rc.ServeHTTP}
}

var toA, toB = callbackAt("/wecom/a"), callbackAt("/wecom/b")

func callbackAt(path string) wecomtest.Callback {
	return wecomtest.Callback{URL: base + path, Token: eventToken, EncodingAESKey: eventKey}
}

// scripted asks as a script does, so that no login begins.
var scripted = []string{"Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty"}

// testCorpsEvents: two self-built apps, each with a URL for events.
func testCorpsEvents(t *testing.T, mount Mount) {
	t.Run("who is deleted in one company is out there, and nowhere else", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			g := newGroup(t, mount, byParam)
			p := g.person()
			p.want(p.a, base+"/me?corp=a", corpA+"/zhangsan")
			p.want(p.b, base+"/me?corp=b", corpB+"/zhangsan")
			time.Sleep(2 * time.Millisecond)
			if g.fakeB.Send(t.Context(), toA, wecomtest.DeletedUser("zhangsan")) == nil {
				t.Error("A's URL took an event of B")
			}
			p.want(p.a, base+"/me?corp=a", corpA+"/zhangsan", scripted...)
			for range 2 { // it may come twice
				if err := g.fakeA.Send(t.Context(), toA, wecomtest.DeletedUser("zhangsan")); err != nil {
					t.Fatal(err)
				}
				p.want(p.a, base+"/me?corp=a", "401", scripted...)
				p.want(p.b, base+"/me?corp=b", corpB+"/zhangsan", scripted...)
			}
			time.Sleep(2 * time.Millisecond)
			again := g.person()
			again.want(again.a, base+"/me?corp=a", corpA+"/zhangsan") // since A's WeCom still lets them in
			time.Sleep(2 * time.Millisecond)
			if err := g.fakeB.Send(t.Context(), toB, wecomtest.DeletedUser("zhangsan")); err != nil {
				t.Fatal(err)
			}
			p.want(p.b, base+"/me?corp=b", "401", scripted...)
			again.want(again.a, base+"/me?corp=a", corpA+"/zhangsan", scripted...)
		})
	})
}

// testCorpsPaths: two companies on one host, each with paths of its own and an
// Authenticator in front of them, in one router.
func testCorpsPaths(t *testing.T, mount Mount) {
	t.Run("by path, with an Authenticator for each: logins, sessions and revocations of one are none of the other's", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			g := newGroup(t, mount, byParam)
			g.app = mount(nil, append(g.under("/acme", g.a), g.under("/globex", g.b)...))
			g.fakeA.Serve(base, g.app)
			g.fakeB.Serve(base, g.app)
			p := g.person()
			acme, globex := base+"/acme/me?x=1", base+"/globex/me?x=1"
			p.want(p.a, acme, corpA+"/zhangsan")
			p.want(p.b, globex, "401", scripted...) // nobody of B yet, in the same browser
			p.want(p.b, globex, corpB+"/zhangsan")
			p.want(p.a, acme, corpA+"/zhangsan", scripted...)
			if a, b := g.fakeA.Calls("auth/getuserinfo"), g.fakeB.Calls("auth/getuserinfo"); a != 1 || b != 1 {
				t.Errorf("%d and %d codes were sent", a, b)
			}
			g.otherPathsState()
			time.Sleep(2 * time.Millisecond)
			if err := g.a.Revoke(t.Context(), "", "zhangsan"); err != nil {
				t.Fatal(err)
			}
			p.want(p.a, acme, "401", scripted...)
			p.want(p.b, globex, corpB+"/zhangsan", scripted...)
		})
	})
}

// under are a company's routes under a path.
func (g *group) under(path string, auth *core.Authenticator) (routes []Route) {
	for _, r := range g.routes() {
		if r.Path == "/me" || r.Guard == Login || r.Guard == Logout {
			r.Path, r.Gate = path+r.Path, auth
			routes = append(routes, r)
		}
	}
	return routes
}

// otherPathsState brings A's state and a code to B's page: nothing is exchanged.
func (g *group) otherPathsState() {
	g.t.Helper()
	v := &visitor{world: &world{t: g.t, fake: g.fakeA}, Client: g.fakeA.Browser("zhangsan")}
	back := v.callback("/acme/me")
	_, query, _ := strings.Cut(back, "?")
	before := g.fakeB.Calls("auth/getuserinfo")
	v.open("/globex/me?" + query)
	if g.fakeB.Calls("auth/getuserinfo") != before || v.res.StatusCode == 200 && !refresh.MatchString(v.body) {
		g.t.Errorf("A's code at B's page: status %d", v.res.StatusCode)
	}
	v.open(back).want(302) // and is still good where it belongs
	v.open("/acme/me").want(200, corpA+"/zhangsan")
}
