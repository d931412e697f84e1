package adaptertest

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom"
)

func testSuiteTickets(t *testing.T, mount Mount) {
	t.Run("a ticket that reached one instance serves the other, and either finishes a login that the other began", func(t *testing.T) {
		fake, shared := newSuiteFake(), &store{items: map[string][]byte{}}
		both := func(_ *wecom.Suite, c *core.Config) { c.Store = shared }
		here := suiteWorld(t, mount, fake, newTickets(t, fake, shared), both)
		thereTickets := newTickets(t, fake, shared)
		there := suiteWorld(t, mount, fake, thereTickets, both)
		var at *world // which instance a balancer picks
		fake.Serve(base, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { at.ServeHTTP(rw, r) }))
		ticket := fake.IssueTicket()
		setTicket(t, thereTickets, ticket)
		for _, b := range shared.items {
			if strings.Contains(string(b), ticket) {
				t.Error("the ticket is readable in the store")
			}
		}
		for _, w := range [][2]*world{{here, there}, {there, here}} {
			at = w[0]
			v := at.visitor(corpB + "/zhangsan")
			back := v.callback("/me")
			at = w[1]
			v.open(back).want(302)
			v.open("/me").want(200, corpB+"/zhangsan")
		}
		for name, w := range map[string]*world{"here": here, "there": there} {
			if n := strings.Count(w.log.String(), "logged in"); n != 1 {
				t.Errorf("%d logins finished %s, want 1", n, name)
			}
		}
	})
	t.Run("without a ticket, or with one that has expired, 503 until the next comes", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := newSuiteFake()
			tickets := newTickets(t, fake, nil)
			w := suiteWorld(t, mount, fake, tickets, nil)
			w.visitor("zhangsan").open("/me").want(503, "wecom_unavailable")
			if !strings.Contains(w.log.String(), "指令回调URL") {
				t.Error("the log does not say what is missing")
			}
			setTicket(t, tickets, fake.IssueTicket())
			w.visitor("zhangsan").open("/me").want(200)
			time.Sleep(3 * time.Hour) // past ticket and token
			w.visitor("zhangsan").open("/me").want(503, "wecom_unavailable")
			setTicket(t, tickets, fake.IssueTicket())
			w.visitor("zhangsan").open("/me").want(200)
		})
	})
	t.Run("a store that fails", func(t *testing.T) {
		fake, shared := newSuiteFake(), &store{items: map[string][]byte{}}
		tickets := newTickets(t, fake, shared)
		w := suiteWorld(t, mount, fake, tickets, nil)
		shared.fail = map[string]bool{"find": true, "commit": true}
		if err := tickets.Set(t.Context(), "t", time.Now()); !errors.Is(err, core.ErrStore) {
			t.Errorf("Set: %v", err)
		}
		w.visitor("zhangsan").open("/me").want(503, "store_unavailable")
	})
}
