package adaptertest

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core"
)

// storeMoment is something that people do while the store fails, and the status
// that each failure comes to.
type storeMoment struct {
	name  string
	idle  bool           // with Config.IdleTimeout, and a touch due
	marks bool           // only what is asked about marks fails
	after int            // so many calls go well before
	ready func(*visitor) // before the fault; nil is: zhangsan logs in
	act   func(*visitor)

	find    int // the store does not answer a read, or with an error
	garbage int // it answers bytes that are no session
	missing int // it answers that there is none
	commit  int // a write fails
	remove  int // a deletion fails
}

var storeMoments = []storeMoment{
	{name: "an anonymous page load asks the store nothing",
		ready: nobody, act: get("/me"), find: 302, garbage: 302, missing: 302, commit: 302, remove: 302},
	{name: "a page load with a token of no session",
		ready: invented, act: get("/me"), find: 503, garbage: 302, missing: 302, commit: 302, remove: 302},
	{name: "the callback of a first login",
		ready: atCallback("/me"), act: goOnHome, find: 302, garbage: 302, missing: 302, commit: 503, remove: 302},
	{name: "a page of somebody who is logged in",
		act: get("/me"), find: 503, garbage: 302, missing: 302, commit: 200, remove: 200},
	{name: "a script's request of somebody who is logged in",
		act: get("/me", "Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty"), find: 503, garbage: 401, missing: 401, commit: 200, remove: 200},
	{name: "a form of somebody who is logged in",
		act: post("/me"), find: 503, garbage: 401, missing: 401, commit: 200, remove: 200},
	{name: "a page that is public, and shows more to people who are logged in",
		act: get("/optional"), find: 503, garbage: 200, missing: 200, commit: 200, remove: 200},
	{name: "the sign-in route, of somebody who is logged in",
		act: get("/login?return_to=/me"), find: 503, garbage: 302, missing: 302, commit: 302, remove: 302},
	{name: "a use that has to be noted, with IdleTimeout",
		idle: true, act: get("/me"), find: 503, garbage: 302, missing: 302, commit: 503, remove: 200},
	{name: "the look whether the session was ended while its use was noted",
		idle: true, after: 4, act: get("/me"), find: 503, garbage: 503, missing: 200, commit: 200, remove: 200},
	{name: "the look whether the person was revoked",
		marks: true, act: get("/me"), find: 503, garbage: 503, missing: 200, commit: 200, remove: 200},
	{name: "the callback of a login over an old session",
		ready: atFreshCallback, act: goOnHome, find: 503, garbage: 302, missing: 302, commit: 503, remove: 503},
	{name: "the same, and WeCom has been asked when it fails",
		after: 3, ready: atFreshCallback, act: goOnHome, find: 503, garbage: 302, missing: 302, commit: 302, remove: 302},
	{name: "a logout",
		act: post("/logout"), find: 503, garbage: 303, missing: 303, commit: 303, remove: 503},
	{name: "a logout, with IdleTimeout",
		idle: true, act: post("/logout"), find: 503, garbage: 303, missing: 303, commit: 503, remove: 503},
	{name: "a logout everywhere",
		act: post("/logout?everywhere=1"), find: 503, garbage: 401, missing: 401, commit: 503, remove: 503},
}

func get(target string, header ...string) func(*visitor) {
	return func(v *visitor) { v.open(target, header...) }
}

func post(target string) func(*visitor) { return func(v *visitor) { v.do("POST", target) } }

func nobody(*visitor) {}

// invented gives the browser the cookie of a session that never was.
func invented(v *visitor) {
	v.open("/me").want(200)
	name, _, _ := strings.Cut(v.session(), "=")
	v.Jar.SetCookies(v.res.Request.URL, []*http.Cookie{{Name: name, Value: strings.Repeat("A", 43), Path: "/", Secure: true}})
}

// atCallback stops where WeCom has sent the browser back, and home is next.
func atCallback(target string) func(*visitor) {
	return func(v *visitor) { v.callback(target) }
}

func atFreshCallback(v *visitor) {
	v.open("/me").want(200)
	v.callback("/login?fresh=1&return_to=/me")
}

func goOnHome(v *visitor) { v.open(v.location()) }

// storeFault is one failure of the store, in one of its calls.
type storeFault struct {
	name string
	op   string // find, commit, delete
	how  string // error, silence, garbage, missing
	want func(storeMoment) int
}

var storeFaults = []storeFault{
	{"reads are refused", "find", "error", func(m storeMoment) int { return m.find }},
	{"reads hang", "find", "silence", func(m storeMoment) int { return m.find }},
	{"reads bring garbage", "find", "garbage", func(m storeMoment) int { return m.garbage }},
	{"reads find nothing", "find", "missing", func(m storeMoment) int { return m.missing }},
	{"writes are refused", "commit", "error", func(m storeMoment) int { return m.commit }},
	{"writes hang", "commit", "silence", func(m storeMoment) int { return m.commit }},
	{"deletions are refused", "delete", "error", func(m storeMoment) int { return m.remove }},
	{"deletions hang", "delete", "silence", func(m storeMoment) int { return m.remove }},
}

// testStoreFaults: whatever the store does, nobody is let in by it, nothing is
// half done, the answer is in time and says what is wrong, and it passes.
func testStoreFaults(t *testing.T, mount Mount) {
	sm := manager()
	t.Logf("%d faults of the store at %d moments, in 3 forms", len(storeFaults), len(storeMoments))
	for _, m := range storeMoments {
		t.Run(m.name, func(t *testing.T) {
			for _, f := range storeFaults {
				for _, form := range []string{plainForm, contextForm, managerForm} {
					if f.how == "silence" && form == plainForm || m.after > 0 && form == managerForm {
						continue // it would hang for ever; it makes other calls
					}
					t.Run(f.name+", by "+form, func(t *testing.T) {
						synctest.Test(t, func(t *testing.T) {
							failStore(t, mount, m, f, func(c *core.Config, s *faultyStore) { s.handOver(c, form, sm) })
						})
					})
				}
			}
		})
	}
	t.Run("a revocation that is not written is an error, and holds on this instance", func(t *testing.T) {
		for _, f := range storeFaults {
			for _, everybody := range []bool{false, true} {
				synctest.Test(t, func(t *testing.T) { failRevocation(t, mount, f, everybody) })
			}
		}
	})
}

func failStore(t *testing.T, mount Mount, m storeMoment, f storeFault, use func(*core.Config, *faultyStore)) {
	s, told := newFaultyStore(), &storeRefusals{}
	w := newWorld(t, mount, func(c *core.Config) {
		c.Observer = told.observe
		if m.idle {
			c.IdleTimeout = time.Hour
		}
		use(c, s)
	})
	v := w.visitor("zhangsan")
	if m.ready == nil {
		m.ready = get("/me")
	}
	m.ready(v)
	time.Sleep(time.Minute) // what is known of marks is too old, and the login is no news
	if m.idle {
		time.Sleep(9 * time.Minute) // a tenth of the timeout is over
	}
	had, runs, began := s.sessions(), w.runs.Load(), time.Now()
	s.fail(f, m.marks, m.after)
	m.act(v.still())
	v.want(f.want(m))
	s.heal()
	wait := time.Duration(0) // none, or what it takes to give up
	if f.how == "silence" && v.res.StatusCode == 503 {
		wait = core.DefaultStoreTimeout
	}
	if took := time.Since(began); took != wait {
		t.Errorf("it took %v, want %v", took, wait)
	}
	if v.res.StatusCode != 200 && w.runs.Load() != runs {
		t.Errorf("status %d, and a handler ran", v.res.StatusCode)
	}
	v.checkRefusal(told, s.sessions() > had)
	v.CheckRedirect = nil
	time.Sleep(2 * time.Millisecond) // marks and logins are told apart by the millisecond
	v.open("/me").follow().want(200, "user=zhangsan")
}

// checkRefusal: a failure is told to the person, the administrator and the
// application, and nothing else is.
func (v *visitor) checkRefusal(told *storeRefusals, stored bool) {
	v.t.Helper()
	failed, h := v.res.StatusCode == 503, v.res.Header
	if (h.Get("Retry-After") == "5") != failed || strings.Contains(v.body, "store_unavailable") != failed {
		v.t.Errorf("status %d with Retry-After %q: %.300s", v.res.StatusCode, h.Get("Retry-After"), v.body)
	}
	if n := int(told.n.Load()); n != map[bool]int{true: 1}[failed] || strings.Count(v.log.String(), "code=store_unavailable") != n {
		v.t.Errorf("status %d, and %d refusals are told; log:\n%s", v.res.StatusCode, n, v.log)
	}
	if !failed {
		return
	}
	if stored {
		v.t.Error("a login was refused, and its session is in the store")
	}
	for _, c := range v.res.Cookies() {
		if len(c.Value) == 43 || c.Value == "" && strings.HasSuffix(v.res.Request.URL.Path, "/logout") {
			v.t.Errorf("a refusal sets cookie %s", c.Name)
		}
	}
}

// storeRefusals counts what an application is told of its store.
type storeRefusals struct{ n atomic.Int64 }

func (s *storeRefusals) observe(_ context.Context, e core.Event) {
	if r, ok := e.(core.Refused); ok && errors.Is(r.Err, core.ErrStore) {
		s.n.Add(1)
	}
}

func failRevocation(t *testing.T, mount Mount, f storeFault, everybody bool) {
	s := newFaultyStore()
	w := newWorld(t, mount, func(c *core.Config) { c.Store = contextStore{s} })
	session := w.visitor("zhangsan").open("/me").want(200).session()
	s.fail(f, false, 0)
	began, end := time.Now(), func() error { return w.auth.Revoke(t.Context(), "", "zhangsan") }
	if everybody {
		end = func() error { return w.auth.RevokeAll(t.Context()) }
	}
	if err := end(); errors.Is(err, core.ErrStore) != (f.op == "commit") {
		t.Errorf("%s: %v", f.name, err)
	}
	if took := time.Since(began); took > core.DefaultStoreTimeout {
		t.Errorf("%s: it took %v", f.name, took)
	}
	s.heal()
	if w.in(session) {
		t.Errorf("%s: the session lives", f.name)
	}
	if err := end(); err != nil {
		t.Errorf("%s: again: %v", f.name, err)
	}
}
