package adaptertest

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
)

// twoInstances are two applications on one WeCom and one store.
func twoInstances(t *testing.T, mount Mount, change func(*core.Config)) (here, there *world, shared *store) {
	fake, shared := wecomtest.New(wecomtest.Config{}), &store{items: map[string][]byte{}}
	both := func(c *core.Config) {
		c.Store = shared
		if change != nil {
			change(c)
		}
	}
	there = newWorldAt(t, mount, fake, both)
	return newWorldAt(t, mount, fake, both), there, shared
}

// in reports whether the session works on an instance.
func (w *world) in(session string) bool {
	w.t.Helper()
	rec := w.raw("GET", "/me", "Cookie", session)
	if rec.Code != 200 && !turnedAway(rec) {
		w.t.Fatalf("status %d: %.200s", rec.Code, rec.Body)
	}
	return !turnedAway(rec)
}

func testRevocation(t *testing.T, mount Mount) {
	t.Run("a revoked person is out in every browser at once, nobody else is, and they may log in again", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			for _, everybody := range []bool{false, true} {
				w := newWorld(t, mount, nil)
				phone, desk, other := w.visitor("zhangsan").open("/me"), w.visitor("zhangsan").open("/me"), w.visitor("lisi").open("/me")
				revoke(t, w, everybody, "ZhangSan")
				runs := w.runs.Load()
				if w.in(phone.session()) {
					t.Error("the session lives")
				}
				desk.open("/me", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty").want(401, "login_required")
				if w.in(other.session()) == everybody {
					t.Errorf("everybody %t: lisi's session lives: %t", everybody, !everybody)
				}
				if w.runs.Load() > runs+1 {
					t.Error("a handler ran for a revoked person")
				}
				time.Sleep(2 * time.Millisecond) // marks and logins are told apart by the millisecond
				w.visitor("zhangsan").open("/me").want(200, "user=zhangsan")
			}
		})
	})
	t.Run("on other instances within RevokeWithin, for one read per person in that time", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			here, there, shared := twoInstances(t, mount, nil)
			session := here.visitor("zhangsan").open("/me").want(200).session()
			if !there.in(session) {
				t.Fatal("the other instance does not know the session")
			}
			time.Sleep(core.DefaultRevokeWithin / 2)
			revoke(t, here, false, "zhangsan")
			if here.in(session) {
				t.Error("the session lives on the instance that ended it")
			}
			if !there.in(session) { // not asked for, but else this test shows nothing
				t.Error("the other instance knows before it has looked")
			}
			time.Sleep(core.DefaultRevokeWithin / 2)
			if there.in(session) {
				t.Error("the session lives on the other instance")
			}
			time.Sleep(13 * time.Hour)
			for token := range shared.items {
				if len(token) > 40 && len(token) != 43 {
					t.Errorf("a token of %d characters, which some SQL stores cut", len(token))
				}
			}
		})
	})
	t.Run("so it is for everybody", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			here, there, _ := twoInstances(t, mount, func(c *core.Config) { c.RevokeWithin = time.Minute })
			session := here.visitor("zhangsan").open("/me").want(200).session()
			there.in(session)
			revoke(t, here, true, "")
			time.Sleep(time.Minute)
			if there.in(session) {
				t.Error("the session lives on the other instance")
			}
		})
	})
	t.Run("an authenticated request reads the store once, and the marks once in RevokeWithin", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			here, there, shared := twoInstances(t, mount, nil)
			one, two := here.visitor("zhangsan").open("/me").session(), here.visitor("lisi").open("/me").session()
			shared.finds, shared.marks = 0, 0
			for range 100 { // in ten seconds
				there.in(one)
				there.in(two)
				time.Sleep(core.DefaultRevokeWithin / 100)
			}
			if sessions := shared.finds - shared.marks; sessions != 200 || shared.marks != 3 {
				t.Errorf("200 requests of two people read %d sessions and %d marks, want 200 and 3", sessions, shared.marks)
			}
		})
	})
	t.Run("a login under way is dead when it ends", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, mount, nil)
			v := w.visitor("zhangsan")
			back := v.callback("/me")
			w.fake.Fail(wecomtest.Fault{API: "user/get", Delay: time.Second, Times: 1})
			done := make(chan struct{})
			go func() {
				defer close(done)
				v.open(back)
			}()
			time.Sleep(time.Second / 2) // WeCom has named the person, and there is no session yet
			revoke(t, w, false, "zhangsan")
			<-done
			v.want(302)
			if w.in(v.session()) {
				t.Error("a login that began before the mark made a session that lives")
			}
		})
	})
	t.Run("a store that fails is an error, and the person is out on this instance", func(t *testing.T) {
		here, _, shared := twoInstances(t, mount, nil)
		session := here.visitor("zhangsan").open("/me").want(200).session()
		shared.fail = map[string]bool{"commit": true}
		if err := here.auth.Revoke(t.Context(), "", "zhangsan"); !errors.Is(err, core.ErrStore) {
			t.Errorf("Revoke: %v", err)
		}
		shared.fail = nil
		if here.in(session) {
			t.Error("the session lives")
		}
	})
	t.Run("a mark that cannot be read closes the door", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			here, there, shared := twoInstances(t, mount, nil)
			session := here.visitor("zhangsan").open("/me").want(200).session()
			revoke(t, here, false, "lisi")
			for token := range shared.items {
				if len(token) != 43 {
					shared.items[token] = []byte("nonsense")
				}
			}
			if !there.in(session) {
				t.Error("another person's mark keeps this one out")
			}
			revoke(t, here, false, "zhangsan")
			for token := range shared.items {
				if len(token) != 43 {
					shared.items[token] = []byte("nonsense")
				}
			}
			time.Sleep(core.DefaultRevokeWithin)
			if rec := there.raw("GET", "/me", "Cookie", session); rec.Code != 503 {
				t.Errorf("status %d", rec.Code)
			}
		})
	})
	t.Run("mistakes are errors", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		for _, tc := range [][2]string{{"", ""}, {"ww9", "zhangsan"}, {"zhangsan", "ww1234567890abcdef"}, {"", "ww1/zhangsan"}, {"", strings.Repeat("x", 300)}} {
			if w.auth.Revoke(t.Context(), tc[0], tc[1]) == nil {
				t.Errorf("Revoke(%.20q, %.20q) is no error", tc[0], tc[1])
			}
		}
	})
}

func revoke(t *testing.T, w *world, everybody bool, userID string) {
	t.Helper()
	var err error
	if everybody {
		err = w.auth.RevokeAll(t.Context())
	} else {
		err = w.auth.Revoke(t.Context(), "", userID)
	}
	if err != nil {
		t.Fatal(err)
	}
}
