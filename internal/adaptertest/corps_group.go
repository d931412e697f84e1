package adaptertest

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"testing"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
)

const corpA, corpB = "wwaaaaaaaaaaaaaaaa", "wwbbbbbbbbbbbbbbbb"

// group is one application for two companies, each of which has a zhangsan and a
// department 2.
type group struct {
	t            *testing.T
	fakeA, fakeB *wecomtest.Fake
	a, b         *core.Authenticator
	gate         *core.Corps
	app          http.Handler
	ran          string // the company and the person of the last handler
}

// newGroup joins the companies. by chooses; nil goes by the host.
func newGroup(t *testing.T, mount Mount, by func(*group, *http.Request) *core.Authenticator) *group {
	t.Helper()
	g := &group{t: t}
	baseA, baseB := "https://a.example.com", "https://b.example.com"
	var choose func(*http.Request) *core.Authenticator
	if by != nil {
		baseA, baseB = base, base
		choose = func(r *http.Request) *core.Authenticator { return by(g, r) }
	}
	shared := &store{items: map[string][]byte{}}
	g.fakeA, g.a = g.company(corpA, baseA, shared)
	g.fakeB, g.b = g.company(corpB, baseB, shared)
	gate, err := core.NewCorps(choose, g.a, g.b)
	if err != nil {
		t.Fatal(err)
	}
	g.gate = gate
	g.app = mount(gate, g.routes())
	for _, fake := range []*wecomtest.Fake{g.fakeA, g.fakeB} {
		for _, at := range []string{baseA, baseB} {
			fake.Serve(at, g.app)
		}
	}
	return g
}

func (g *group) company(corpID, baseURL string, shared *store) (*wecomtest.Fake, *core.Authenticator) {
	fake := wecomtest.New(wecomtest.Config{CorpID: corpID})
	auth, err := core.New(core.Config{
		Provider: fake.App(), BaseURL: baseURL, Store: shared, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		g.t.Fatal(err)
	}
	return fake, auth
}

func (g *group) routes() []Route {
	say := func(w http.ResponseWriter, r *http.Request) {
		id, _ := core.IdentityFrom(r.Context())
		g.ran = id.CorpID + "/" + id.UserID
		_, _ = io.WriteString(w, g.ran)
	}
	return []Route{
		{Path: "/me", Guard: Require, Handler: say},
		{Path: "/nested", Guard: Require, Outer: Require, Handler: say},
		{Path: "/a", Guard: Require, Rules: []core.Rule{core.Corp(corpA, core.Users("zhangsan"))}, Handler: say},
		{Path: "/tree", Guard: Require, Rules: []core.Rule{core.Corp(corpB, core.DepartmentTree(2))}, Handler: say},
		{Path: "/optional", Guard: Optional, Handler: say},
		{Path: "/login", Guard: Login},
		{Path: "/logout", Guard: Logout},
		g.receiver("/wecom/a", corpA),
		g.receiver("/wecom/b", corpB),
	}
}

// person is a browser that comes back to the same cookies at either WeCom.
type person struct {
	*group
	a, b *http.Client
}

func (g *group) person() *person {
	p := &person{g, g.fakeA.Browser("zhangsan"), g.fakeB.Browser("zhangsan")}
	p.b.Jar = p.a.Jar
	return p
}

// open loads a page and returns what it says, or its status.
func (p *person) open(wecom *http.Client, address string, header ...string) string {
	p.t.Helper()
	req, err := http.NewRequest("GET", address, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	setHeader(req.Header, header)
	res, err := wecom.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	if res.StatusCode != 200 {
		return fmt.Sprint(res.StatusCode)
	}
	return string(body)
}

func (p *person) want(wecom *http.Client, address, want string, header ...string) {
	p.t.Helper()
	if got := p.open(wecom, address, header...); got != want {
		p.t.Errorf("%s: got %.200q, want %q", address, got, want)
	}
}
