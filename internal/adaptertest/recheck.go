package adaptertest

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
)

func testRecheck(t *testing.T, mount Mount) {
	zhangsan := wecomtest.Employee{UserID: "zhangsan", Name: "张三", Departments: []int{2}}
	changed := func(change func(*wecomtest.Employee)) func(*wecomtest.Fake) {
		return func(f *wecomtest.Fake) {
			e := zhangsan
			change(&e)
			f.Change(e)
		}
	}
	code := func(code int) func(*wecomtest.Fake) {
		return func(f *wecomtest.Fake) { f.Fail(wecomtest.Fault{API: "user/get", Code: code}) }
	}
	for _, tc := range []struct {
		name string
		what func(*wecomtest.Fake)
		out  bool
	}{
		{"nothing has changed", func(*wecomtest.Fake) {}, false},
		{"the person has been disabled", changed(func(e *wecomtest.Employee) { e.Status = 2 }), true},
		{"the person has left", changed(func(e *wecomtest.Employee) { e.Status = 5 }), true},
		{"the person is not activated yet", changed(func(e *wecomtest.Employee) { e.Status = 4 }), false},
		{"the person has been deleted", func(f *wecomtest.Fake) { f.Remove("zhangsan") }, true},
		{"the person is out of the app's visible range", changed(func(e *wecomtest.Employee) { e.NotVisible = true }), true},
		{"WeCom says 60021", code(60021), true},
		{"WeCom says 50002", code(50002), true},
		{"the network is down", func(f *wecomtest.Fake) { f.Fail(wecomtest.Fault{Drop: true}) }, false},
		{"WeCom hangs", func(f *wecomtest.Fake) { f.Fail(wecomtest.Fault{Delay: time.Hour}) }, false},
		{"WeCom answers 500", func(f *wecomtest.Fake) { f.Fail(wecomtest.Fault{Status: 500}) }, false},
		{"the token is refused", func(f *wecomtest.Fake) { f.RevokeTokens() }, false},
		{"every token is refused", code(40014), false},
		{"the secret was changed", func(f *wecomtest.Fake) {
			f.RevokeTokens()
			f.Fail(wecomtest.Fault{API: "gettoken", Code: 40001})
		}, false},
		{"this server's address is not allowed", code(60020), false},
		{"too many calls", code(45009), false},
		{"a bad userid, says WeCom", code(40003), false},
		{"the answer is about somebody else", func(f *wecomtest.Fake) {
			f.Fail(wecomtest.Fault{API: "user/get", Body: `{"errcode":0,"userid":"wangwu","status":5}`})
		}, false},
		{"the answer is a login page of the network", func(f *wecomtest.Fake) { f.Fail(wecomtest.Fault{Body: "<html>"}) }, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { playRecheck(t, mount, tc.what, tc.out) })
		})
	}
	t.Run("what one instance finds out ends the session on the other, and is asked once", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			here, there, _ := twoInstances(t, mount, func(c *core.Config) { c.Recheck = time.Hour })
			session := here.visitor("zhangsan").open("/me").want(200).session()
			before := here.fake.Calls("user/get")
			for range 9 * 6 {
				if !here.in(session) || !there.in(session) {
					t.Fatal("the person is out")
				}
				time.Sleep(10 * time.Minute)
			}
			if n := here.fake.Calls("user/get") - before; n < 9 || n > 9*10/6+1 {
				t.Errorf("%d calls of two instances in 9 hours", n)
			}
			here.fake.Change(wecomtest.Employee{UserID: "zhangsan", Status: 2})
			time.Sleep(time.Hour)
			if here.in(session) || there.in(session) {
				t.Error("the person is in")
			}
		})
	})
	t.Run("it is off by default", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, mount, nil)
			session := w.visitor("zhangsan").open("/me").want(200).session()
			w.fake.Remove("zhangsan")
			time.Sleep(11 * time.Hour)
			if !w.in(session) || w.fake.Calls("user/get") != 1 {
				t.Errorf("in: %t; %d calls", w.in(session), w.fake.Calls("user/get"))
			}
		})
	})
}

func playRecheck(t *testing.T, mount Mount, what func(*wecomtest.Fake), out bool) {
	w := newWorld(t, mount, func(c *core.Config) { c.Recheck = time.Hour })
	session, other := w.visitor("zhangsan").open("/me").want(200).session(), w.visitor("lisi").open("/me").want(200).session()
	time.Sleep(time.Minute)
	what(w.fake)
	time.Sleep(time.Hour)
	synctest.Wait()
	if w.in(session) == out {
		t.Errorf("in: %t", !out)
	}
	if asked := w.fake.Calls(""); asked < 5 {
		t.Errorf("%d calls: nobody was looked up", asked)
	}
	if !out && !w.in(other) {
		t.Error("another person is out")
	}
	if log := w.log.String(); out && !strings.Contains(log, `msg="wecomauth: sessions revoked"`) {
		t.Error("the log does not say so")
	}
	for _, secret := range w.fake.Secrets() {
		if strings.Contains(w.log.String(), secret) {
			t.Error("the log holds a secret")
		}
	}
	w.fake.Heal()
	time.Sleep(2 * time.Minute) // what WeCom said of the secret is remembered for a while
	w.fake.Change(wecomtest.Employee{UserID: "zhangsan", Name: "张三"})
	w.visitor("zhangsan").open("/me").want(200, "user=zhangsan") // who is back may come back
}
