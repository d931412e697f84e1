package adaptertest

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
)

// shapes are what may go wrong with any call, and what comes of it:
//
//	token    a login that needs an access token     (gettoken)
//	person   a login                                (auth/getuserinfo)
//	profile  a login                                (user/get)
//	recheck  a session, after Config.Recheck        (user/get): true if it lives
//
// Besides, in every row: a token that is due for renewal goes on serving; a
// department tree that is known serves, one that is not keeps people out.
var shapes = []struct {
	name                   string
	fault                  wecomtest.Fault
	token, person, profile int
	recheck                bool
}{
	{"busy", wecomtest.Fault{Code: -1}, 503, 503, 200, true},
	{"a limit", wecomtest.Fault{Code: 45009}, 503, 503, 200, true},
	{"too many calls at once", wecomtest.Fault{Code: 45033}, 503, 503, 200, true},
	{"a wrong secret", wecomtest.Fault{Code: 40001}, 500, 500, 200, true},
	{"a wrong company", wecomtest.Fault{Code: 40013}, 500, 500, 200, true},
	{"a token refused", wecomtest.Fault{Code: 40014}, 500, 500, 200, true},
	{"a token expired", wecomtest.Fault{Code: 42001}, 500, 500, 200, true},
	{"an address not listed", wecomtest.Fault{Code: 60020}, 500, 500, 200, true},
	{"another app's code", wecomtest.Fault{Code: 50001}, 500, 500, 200, true},
	{"no permission", wecomtest.Fault{Code: 48002}, 500, 500, 200, true},
	{"out of the visible range", wecomtest.Fault{Code: 60011}, 403, 403, 403, false},
	{"no such person", wecomtest.Fault{Code: 60111}, 403, 403, 403, false},
	{"a code refused", wecomtest.Fault{Code: 40029}, 400, 400, 200, true},
	{"an unknown code", wecomtest.Fault{Code: 987654}, 502, 502, 200, true},
	{"a gateway's 500", wecomtest.Fault{Status: 500}, 503, 503, 200, true},
	{"a gateway's 502, in HTML", wecomtest.Fault{Status: 502, Body: "<html>"}, 503, 503, 200, true},
	{"404", wecomtest.Fault{Status: 404}, 502, 502, 200, true},
	{"a redirect", wecomtest.Fault{Status: 302}, 502, 502, 200, true},
	{"a login page of the network", wecomtest.Fault{Body: "<html>"}, 502, 502, 200, true},
	{"nothing", wecomtest.Fault{Status: 200}, 502, 502, 200, true},
	{"JSON cut short", wecomtest.Fault{Body: `{"errcode":0,"errmsg":"o`}, 502, 502, 200, true},
	{"JSON of other types", wecomtest.Fault{Body: `{"errcode":[0],"access_token":1,"userid":{},"status":"five"}`}, 502, 502, 200, true},
	{"two names", wecomtest.Fault{Body: `{"errcode":0,"errcode":1,"access_token":"a","userid":"zhangsan","userid":"lisi"}`}, 502, 502, 200, true},
	{"bytes that are no text", wecomtest.Fault{Body: "{\"errcode\":0,\"userid\":\"\xff\xfe\",\"access_token\":\"\xff\xfe\"}"}, 502, 502, 200, true},
	{"a deep nest", wecomtest.Fault{Body: strings.Repeat(`{"a":`, 20_000)}, 502, 502, 200, true},
	{"two megabytes", wecomtest.Fault{Body: `{"errcode":0,"errmsg":"` + strings.Repeat("x", 2<<20) + `"}`}, 502, 502, 200, true},
	{"silence", wecomtest.Fault{Delay: time.Hour}, 503, 503, 200, true},
	{"a broken connection", wecomtest.Fault{Drop: true}, 503, 503, 200, true},
	{"a second's delay", wecomtest.Fault{Delay: time.Second}, 200, 200, 200, true},
}

func testFaultTable(t *testing.T, mount Mount) {
	t.Logf("%d faults of WeCom, each at three calls of a login, a renewal, a re-check, and a department tree that is known and one that is not", len(shapes))
	for _, s := range shapes {
		t.Run(s.name, func(t *testing.T) {
			for api, want := range map[string]int{"gettoken": s.token, "auth/getuserinfo": s.person, "user/get": s.profile} {
				s.fault.API = api
				t.Run(api+" at a login", func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { failLogin(t, mount, s.fault, want) })
				})
			}
			s.fault.API = "gettoken"
			t.Run("renewal", func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { failRenewal(t, mount, s.fault) })
			})
			s.fault.API = "user/get"
			t.Run("re-check", func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					playRecheck(t, mount, func(f *wecomtest.Fake) { f.Fail(s.fault) }, !s.recheck)
				})
			})
			s.fault.API = "department/simplelist"
			t.Run("departments", func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { failTree(t, mount, s.fault) })
			})
		})
	}
}

// failLogin logs in once a minute while WeCom fails, beside somebody who is
// logged in already.
func failLogin(t *testing.T, mount Mount, fault wecomtest.Fault, want int) {
	w := newWorld(t, mount, nil)
	lisi := w.visitor("lisi").open("/me").want(200, "user=lisi")
	if fault.API == "gettoken" {
		time.Sleep(7201 * time.Second)
	}
	w.fake.Fail(fault)
	for range 3 {
		ran := w.runs.Load()
		v := w.visitor("zhangsan").open("/me").follow().want(want)
		if got := w.runs.Load() - ran; got != int64(map[bool]int{true: 1}[want == 200]) {
			t.Errorf("status %d, and the handler ran %d times", want, got)
		}
		if got := v.res.Header.Get("Retry-After"); (got != "") != (want == 503) {
			t.Errorf("status %d with Retry-After %q", want, got)
		}
		if want == 200 && !strings.Contains(v.body, "user=zhangsan") {
			t.Errorf("somebody else: %s", v.body)
		}
		w.findNoSecret(v.body + fmt.Sprint(v.res.Header))
		lisi.open("/me").want(200, "user=lisi")
		time.Sleep(time.Minute)
	}
}

// failRenewal: a token that is due to be renewed serves until it expires.
func failRenewal(t *testing.T, mount Mount, fault wecomtest.Fault) {
	w := newWorld(t, mount, nil)
	w.visitor("lisi").open("/me").want(200)
	time.Sleep(7200*time.Second - 4*time.Minute)
	w.fake.Fail(fault)
	for range 3 {
		w.visitor("zhangsan").open("/me").want(200, "user=zhangsan")
		time.Sleep(time.Minute)
	}
	time.Sleep(time.Minute) // the last try is over
	if w.fake.Calls("gettoken") < 2 {
		t.Error("nobody tried to renew it")
	}
	w.findNoSecret("")
}

// failTree: what is known of departments serves, what is not keeps people out.
func failTree(t *testing.T, mount Mount, fault wecomtest.Fault) {
	w := newWorld(t, mount, nil)
	w.app = mount(w.auth, []Route{{Path: "/tree", Guard: Require, Rules: []core.Rule{core.DepartmentTree(2)}, Handler: w.greet}})
	w.fake.Fail(fault)
	v, want := w.visitor("zhaoliu"), 403 // in department 5, which is part of 2
	if fault.Delay == time.Second {
		want = 200
	}
	v.open("/tree").want(want)
	w.fake.Heal()
	time.Sleep(time.Minute)
	v.open("/tree").want(200)
	w.fake.Fail(fault)
	for range 5 {
		time.Sleep(11 * time.Minute)
		v.open("/tree").want(200)
	}
	time.Sleep(time.Minute) // the last look is over
	w.findNoSecret(v.body)
}

// findNoSecret looks in the log and in what the browser got.
func (w *world) findNoSecret(seen string) {
	w.t.Helper()
	seen += w.log.String()
	for _, s := range w.fake.Secrets() {
		if strings.Contains(seen, s) {
			w.t.Errorf("a secret of %d bytes leaked: %s", len(s), around(seen, s))
		}
	}
}
