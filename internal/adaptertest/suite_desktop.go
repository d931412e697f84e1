package adaptertest

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
)

// testSuiteDesktop: the page in WeCom and the page with the QR code belong to two
// suites, and WeCom takes neither for the other.
func testSuiteDesktop(t *testing.T, mount Mount) {
	t.Run("people of two customers log in, each as themselves, in the client and on a desktop", func(t *testing.T) {
		p := newProvider(t, mount).tickets()
		phone, desk := p.visitor(corpB+"/zhangsan"), p.desk(corpB+"/zhangsan")
		phone.open("/me?x=1").want(200, corpB+"/zhangsan")
		desk.open("/me?x=1").want(200, corpB+"/zhangsan")
		for name, v := range map[string]*visitor{"in WeCom": phone, "on a desktop": desk} {
			if got := v.res.Request.URL.RequestURI(); got != "/me?x=1" {
				t.Errorf("%s: the login ends at %s", name, got)
			}
		}
		p.desk("wwccccccccccccccc/zhangsan").open("/me").want(403, "other_corp")
		p.desk("OPENID").open("/me").want(403, "not_member")
		(&visitor{world: p.world, Client: p.fake.BrowserAs("zhangsan", wecomtest.UserAgentPhone)}).open("/me").want(401, "open_in_wecom")
		if n := p.fake.Calls("service/get_suite_token"); n != 2 {
			t.Errorf("%d calls of get_suite_token, want one for each suite", n)
		}
	})
	t.Run("one suite alone never goes to the other's page", func(t *testing.T) {
		w := suiteWorld(t, mount, newSuiteFake(), nil, nil)
		(&visitor{world: w, Client: w.fake.BrowserAs("zhangsan", wecomtest.UserAgentDesktop)}).open("/me").want(401, "open_in_wecom")
		if n := w.fake.Calls("authorize"); n != 0 {
			t.Errorf("WeCom's pages were opened %d times", n)
		}
	})
	t.Run("the suite that sent the person to WeCom exchanges the code, whatever the browser says it is by then", func(t *testing.T) {
		for name, browsers := range map[string]func(*provider) (begins, ends *visitor){
			"begun in WeCom":     func(p *provider) (begins, ends *visitor) { return p.visitor("zhangsan"), p.desk("zhangsan") },
			"begun on a desktop": func(p *provider) (begins, ends *visitor) { return p.desk("zhangsan"), p.visitor("zhangsan") },
		} {
			p := newProvider(t, mount).tickets()
			begins, ends := browsers(p)
			back := begins.callback("/me?x=1")
			ends.Jar = begins.Jar
			ends.still().open(back).want(http.StatusFound)
			if n := p.fake.Calls("service/auth/getuserinfo3rd"); n != 1 || strings.TrimSuffix(ends.location(), "#") != base+"/me?x=1" {
				t.Errorf("%s: %d exchanges, on to %s", name, n, ends.location())
			}
			if ends.loggedIn() {
				t.Errorf("%s: a session of one suite is one of the other", name)
			}
			if !begins.loggedIn() {
				t.Errorf("%s: there is no session", name)
			}
		}
	})
	t.Run("rules and revocations are of both suites, and name the company", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p := newProvider(t, mount).tickets()
			a, deskA := p.visitor("zhangsan").open("/me").want(200), p.desk("zhangsan").open("/me").want(200)
			b, deskB := p.visitor(corpB+"/zhangsan").open("/b").want(200), p.desk(corpB+"/zhangsan").open("/b").want(200)
			a.open("/b").want(403, "forbidden")
			deskA.open("/b").want(403, "forbidden")
			time.Sleep(2 * time.Millisecond)
			if err := p.gate.Revoke(t.Context(), corpA, "ZhangSan"); err != nil {
				t.Fatal(err)
			}
			p.wantIn(false, "A's zhangsan", a, deskA)
			p.wantIn(true, "B's zhangsan", b, deskB)
			if p.gate.Revoke(t.Context(), "", "zhangsan") == nil {
				t.Error("a revocation without a company is no error")
			}
			for name, rule := range map[string]core.Rule{
				"a bare UserID": core.Users("zhangsan"), "a department": core.Corp(corpA, core.Departments(2)),
				"a tree": core.Corp(corpA, core.DepartmentTree(2)), "a tag": core.Corp(corpA, core.Tags(1)),
			} {
				if !panics(func() { p.gate.Guard(rule) }) {
					t.Errorf("%s: Guard does not panic", name)
				}
			}
			if panics(func() { p.gate.Guard(core.AnyOf(core.Corp(corpA), core.Corp(corpB, core.Users("zhangsan")))) }) {
				t.Error("rules that name the company: Guard panics")
			}
		})
	})
}
