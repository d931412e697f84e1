package adaptertest

import (
	"context"
	"log/slog"
	"net/http"
	"testing"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom"
	"github.com/wecomauth/wecomauth/core/wecom/events"
	"github.com/wecomauth/wecomauth/core/wecomtest"
)

const (
	eventToken = "QDG6eK"
	eventKey   = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
)

// provider is the whole service of a service provider: the third-party app for
// people in WeCom and the login authorization for those on a desktop, each with an
// instruction URL, joined on the same routes.
type provider struct {
	*world
	gate       *core.Corps
	app, login *core.Authenticator
	toApp      wecomtest.Callback
	toLogin    wecomtest.Callback
}

// newProvider has no ticket yet.
func newProvider(t *testing.T, mount Mount) *provider {
	t.Helper()
	p := &provider{world: &world{t: t, fake: newSuiteFake(), log: &logBuffer{}}}
	routes := suiteRoutes()
	open := func(s wecom.Suite, path string) (*core.Authenticator, wecomtest.Callback) {
		auth, receiver := p.suite(s)
		routes = append(routes, Route{Path: path, Guard: Public, Handler: receiver.ServeHTTP})
		return auth, wecomtest.Callback{URL: base + path, Token: eventToken, EncodingAESKey: eventKey, ReceiveID: s.SuiteID}
	}
	p.app, p.toApp = open(p.fake.Suite(), "/wecom/instructions")
	p.login, p.toLogin = open(p.fake.LoginSuite(), "/wecom/login-instructions")
	gate, err := core.NewCorps(func(r *http.Request) *core.Authenticator {
		if core.ParseAgent(r.UserAgent()) == core.AgentDesktop {
			return p.login
		}
		return p.app
	}, p.app, p.login)
	if err != nil {
		t.Fatal(err)
	}
	p.gate = gate
	p.world.app = mount(gate, routes)
	p.fake.Serve(base, p)
	return p
}

// suite opens one of the two, with the receiver of its instructions.
func (p *provider) suite(s wecom.Suite) (*core.Authenticator, *events.Receiver) {
	p.t.Helper()
	log := slog.New(slog.NewTextHandler(p.log, nil))
	s.Allow = wecom.AllowCorps(corpA, corpB)
	tickets, err := s.NewTickets(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	s.Tickets = tickets
	auth, err := core.New(core.Config{Provider: s, BaseURL: base, Logger: log})
	if err != nil {
		p.t.Fatal(err)
	}
	receiver, err := events.New(events.Config{
		Token: eventToken, EncodingAESKey: eventKey, ReceiveID: s.SuiteID, Logger: log,
		Handle: func(ctx context.Context, e events.Event) error {
			if e.Type == events.TypeSuiteTicket {
				return tickets.Set(ctx, e.Ticket, e.Time)
			}
			return events.Revoke(p.gate)(ctx, e)
		},
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return auth, receiver
}

// send has WeCom send something, which must be taken.
func (p *provider) send(to wecomtest.Callback, m wecomtest.Message) {
	p.t.Helper()
	if err := p.fake.Send(p.t.Context(), to, m); err != nil {
		p.t.Fatal(err)
	}
}

// tickets has WeCom send each suite its ticket.
func (p *provider) tickets() *provider {
	p.t.Helper()
	p.send(p.toApp, wecomtest.SuiteTicket(p.fake.IssueTicket()))
	p.send(p.toLogin, wecomtest.SuiteTicket(p.fake.IssueLoginTicket()))
	return p
}

// desk is the browser of a person at a desk.
func (p *provider) desk(userID string) *visitor {
	return &visitor{world: p.world, Client: p.fake.BrowserAs(userID, wecomtest.UserAgentDesktop)}
}

// loggedIn asks as a script does, so that no login begins.
func (v *visitor) loggedIn() bool {
	v.t.Helper()
	v.open("/me", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty")
	if v.res.StatusCode != 200 && v.res.StatusCode != 401 {
		v.t.Fatalf("status %d: %.200s", v.res.StatusCode, v.body)
	}
	return v.res.StatusCode == 200
}

func (p *provider) wantIn(want bool, who string, all ...*visitor) {
	p.t.Helper()
	for i, v := range all {
		if v.loggedIn() != want {
			p.t.Errorf("%s, browser %d: logged in %t, want %t", who, i, !want, want)
		}
	}
}
