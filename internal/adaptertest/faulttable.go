package adaptertest

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
)

// shape is what may go wrong with any call, and what comes of it:
//
//	token    a login that needs an access token: gettoken, service/get_suite_token
//	person   a login, at the call that names the person, in each dialect: auth/getuserinfo,
//	         user/getuserinfo, service/auth/getuserinfo3rd, service/getuserinfo3rd
//	profile  a login, at user/get
//	recheck  a session, after Config.Recheck, at user/get: true if it lives
//
// Besides, in every row: a token that is due for renewal goes on serving; a login
// goes on without the details that cannot be read (auth/getuserdetail,
// service/auth/getuserdetail3rd); departments and tags that are known serve
// (department/simplelist, tag/get), and what is not known keeps people out.
type shape struct {
	name                   string
	fault                  wecomtest.Fault
	token, person, profile int
	recheck                bool
}

var shapes = []shape{
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
			for _, c := range callers {
				at(t, c.api+" at a login", c.api, s, func(t *testing.T, s shape) { failLogin(t, mount, c, s) })
			}
			at(t, "renewal", "gettoken", s, func(t *testing.T, s shape) { failRenewal(t, mount, s.fault) })
			at(t, "re-check", "user/get", s, func(t *testing.T, s shape) {
				playRecheck(t, mount, func(f *wecomtest.Fake) { f.Fail(s.fault) }, !s.recheck)
			})
			at(t, "departments", "department/simplelist", s, func(t *testing.T, s shape) {
				failLookup(t, mount, s.fault, core.DepartmentTree(2), "zhaoliu") // in department 5, which is part of 2
			})
			at(t, "tags", "tag/get", s, func(t *testing.T, s shape) { failLookup(t, mount, s.fault, core.Tags(1), "wangwu") })
		})
	}
}

// at plays one cell of the table on a clock of its own.
func at(t *testing.T, name, api string, s shape, play func(*testing.T, shape)) {
	s.fault.API = api
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { play(t, s) })
	})
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

// failLookup: what is known serves, what is not keeps people out.
func failLookup(t *testing.T, mount Mount, fault wecomtest.Fault, rule core.Rule, userID string) {
	w := newWorld(t, mount, nil)
	w.app = mount(w.auth, []Route{{Path: "/rule", Guard: Require, Rules: []core.Rule{rule}, Handler: w.greet}})
	w.fake.Fail(fault)
	v, want := w.visitor(userID), 403
	if fault.Delay == time.Second {
		want = 200
	}
	v.open("/rule").want(want)
	w.fake.Heal()
	time.Sleep(time.Minute)
	v.open("/rule").want(200)
	w.fake.Fail(fault)
	for range 5 {
		time.Sleep(11 * time.Minute)
		v.open("/rule").want(200)
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
