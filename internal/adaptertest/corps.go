package adaptertest

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core"
)

// byParam chooses by ?corp=a.
func byParam(g *group, r *http.Request) *core.Authenticator {
	return map[string]*core.Authenticator{"a": g.a, "b": g.b}[r.URL.Query().Get("corp")]
}

func testCorps(t *testing.T, mount Mount) {
	t.Run("by host, each company's people log in at their own WeCom", func(t *testing.T) {
		g := newGroup(t, mount, nil)
		p := g.person()
		p.want(p.a, "https://a.example.com/me?x=1", corpA+"/zhangsan")
		p.want(p.b, "https://b.example.com/nested", corpB+"/zhangsan")
		p.want(p.a, "https://a.example.com/me", corpA+"/zhangsan")
		g.fakeA.Serve("https://a.example.com.evil.example", g.app)
		p.want(p.a, "https://a.example.com.evil.example/me", "404")
	})
	t.Run("by a function, the state finds the company at the callback, and sessions live side by side", func(t *testing.T) {
		g := newGroup(t, mount, byParam)
		p := g.person()
		p.want(p.a, base+"/me?corp=a", corpA+"/zhangsan")
		p.want(p.b, base+"/me?corp=b", corpB+"/zhangsan")
		p.want(p.a, base+"/me?corp=a", corpA+"/zhangsan")
		if calls := g.fakeA.Calls("auth/getuserinfo") + g.fakeB.Calls("auth/getuserinfo"); calls != 2 {
			t.Errorf("%d codes were sent for two logins", calls)
		}
	})
	t.Run("nobody is let in where no company is chosen", func(t *testing.T) {
		g := newGroup(t, mount, byParam)
		p := g.person()
		p.want(p.a, base+"/me?corp=a", corpA+"/zhangsan")
		g.ran = ""
		for _, path := range []string{"/me", "/login", "/logout", "/nested?corp=c"} {
			p.want(p.a, base+path, "404")
		}
		p.want(p.a, base+"/optional", "/")
		p.want(p.a, base+"/optional?corp=b", "/")
		p.want(p.a, base+"/optional?corp=a", corpA+"/zhangsan")
	})
	t.Run("rules name the company", func(t *testing.T) {
		g := newGroup(t, mount, byParam)
		p := g.person()
		p.want(p.a, base+"/a?corp=a", corpA+"/zhangsan")
		p.want(p.b, base+"/a?corp=b", "403")
		p.want(p.b, base+"/tree?corp=b", corpB+"/zhangsan")
		p.want(p.a, base+"/tree?corp=a", "403")
		for name, rule := range map[string]core.Rule{
			"a bare UserID": core.Users("zhangsan"), "a bare department": core.Not(core.Departments(2)),
			"bare tags": core.Tags(1), "a company that nobody comes from": core.Corp("wwc", core.Employees()),
		} {
			if !panics(func() { g.gate.Guard(rule) }) {
				t.Errorf("%s: Guard does not panic", name)
			}
		}
	})
	t.Run("a session of one company is none in another, whatever the request says", func(t *testing.T) { strangerIn(t, mount) })
	t.Run("a revocation is of one company", func(t *testing.T) { revokeOne(t, mount) })
	testCorpsEvents(t, mount)
	testCorpsPaths(t, mount)
	t.Run("mistakes are errors", func(t *testing.T) {
		g := newGroup(t, mount, byParam)
		for name, members := range map[string][]*core.Authenticator{
			"nobody": nil, "a nil": {g.a, nil}, "the same twice": {g.a, g.a}, "one host for two": {g.a, g.b},
		} {
			if _, err := core.NewCorps(nil, members...); err == nil {
				t.Errorf("%s: NewCorps returns no error", name)
			}
		}
	})
}

func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}

// strangerIn: zhangsan of A, logged in there, tries everything at B's pages.
func strangerIn(t *testing.T, mount Mount) {
	g := newGroup(t, mount, byParam)
	p := g.person()
	p.want(p.a, base+"/me?corp=a", corpA+"/zhangsan")
	w := &world{t: t, app: g.app}
	v := &visitor{world: w, Client: p.a}
	session := v.session()
	// A state of A, of this browser: from Login, which asks WeCom although there is a session.
	v.still().open("/login?fresh=1&corp=a").want(302)
	_, state, _ := strings.Cut(v.location(), "state=")
	state, _, _ = strings.Cut(state, "#")
	state, _, _ = strings.Cut(state, "&")
	g.ran = ""
	name, token, _ := strings.Cut(session, "=")
	fetch := []string{"Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty"}
	frame := []string{"Sec-Fetch-Dest", "iframe"}
	for _, try := range []struct {
		name, method, target string
		header               []string
	}{
		{"its own page", "GET", "/me?corp=b", nil},
		{"a nested guard", "GET", "/nested?corp=b", nil},
		{"A's state on a page", "GET", "/me?corp=b&state=" + state, nil},
		{"A's state and a code", "GET", "/me?corp=b&code=x&state=" + state, nil},
		{"A's state on a script's call", "GET", "/me?corp=b&state=" + state, fetch},
		{"A's state on a POST", "POST", "/me?corp=b&state=" + state, fetch},
		{"A's state on HEAD", "HEAD", "/me?corp=b&state=" + state, nil},
		{"A's state in a frame", "GET", "/me?corp=b&state=" + state, frame},
		{"A's state at no company", "GET", "/me?state=" + state, fetch},
		{"both companies", "GET", "/me?corp=b&corp=a", nil},
	} {
		for cookie := range g.cookieNames(name) {
			rec := w.raw(try.method, try.target, append([]string{"Cookie", cookie + "=" + token}, try.header...)...)
			if g.ran != "" || rec.Code == 200 && !turnedAway(rec) {
				t.Fatalf("%s: the handler ran as %q, status %d", try.name, g.ran, rec.Code)
			}
		}
	}
}

// cookieNames returns the session cookie's name in A and in B.
func (g *group) cookieNames(inA string) map[string]bool {
	p := g.person()
	p.want(p.b, base+"/me?corp=b", corpB+"/zhangsan")
	g.ran = ""
	inB, _, _ := strings.Cut((&visitor{world: &world{t: g.t}, Client: p.b}).session(), "=")
	if inA == inB {
		g.t.Fatal("two companies share a cookie")
	}
	return map[string]bool{inA: true, inB: true}
}

func revokeOne(t *testing.T, mount Mount) {
	synctest.Test(t, func(t *testing.T) {
		g := newGroup(t, mount, byParam)
		p := g.person()
		p.want(p.a, base+"/me?corp=a", corpA+"/zhangsan")
		p.want(p.b, base+"/me?corp=b", corpB+"/zhangsan")
		fetch := []string{"Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty"}
		time.Sleep(2 * time.Millisecond)
		if err := g.gate.Revoke(t.Context(), corpA, "zhangsan"); err != nil {
			t.Fatal(err)
		}
		p.want(p.a, base+"/me?corp=a", "401", fetch...)
		p.want(p.b, base+"/me?corp=b", corpB+"/zhangsan", fetch...)
		for _, corpID := range []string{"", "wwc"} {
			if err := g.gate.Revoke(t.Context(), corpID, "zhangsan"); err == nil || errors.Is(err, core.ErrStore) {
				t.Errorf("Revoke of company %q: %v", corpID, err)
			}
		}
	})
}
