package adaptertest

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
)

var later = regexp.MustCompile(`http-equiv="refresh" content="2; url=([^"]+)"`)

var refresh = regexp.MustCompile(`http-equiv="refresh" content="0; url=([^"]+)"`)

// follow also follows the page that begins the second round.
func (v *visitor) follow() *visitor {
	v.t.Helper()
	for range 5 {
		m := refresh.FindStringSubmatch(v.body)
		if m == nil {
			return v
		}
		v.open(strings.ReplaceAll(m[1], "&amp;", "&"))
	}
	v.t.Fatal("pages refresh for ever")
	return v
}

// stateOf returns the parameter state=… of a callback.
func stateOf(back string) string {
	_, state, _ := strings.Cut(back, "state=")
	return "state=" + state
}

func testCallback(t *testing.T, mount Mount) {
	t.Run("a second delivery and a reload go on to the page, without a second exchange", func(t *testing.T) {
		v := newWorld(t, mount, nil).visitor("zhangsan")
		back := v.callback("/me?week=3")
		for range 3 {
			v.open(back).want(302)
			if v.location() != base+"/me?week=3#" {
				t.Errorf("Location %q", v.location())
			}
		}
		if n := v.fake.Calls("auth/getuserinfo"); n != 1 {
			t.Errorf("%d exchanges, want 1", n)
		}
	})
	t.Run("simultaneous duplicates share one exchange and one session", func(t *testing.T) {
		v := newWorld(t, mount, nil).visitor("zhangsan")
		v.fake.Fail(wecomtest.Fault{API: "auth/getuserinfo", Delay: 20 * time.Millisecond})
		back, cookies := strings.TrimPrefix(v.callback("/me?week=3"), base), v.cookies()
		answers := make([]*httptest.ResponseRecorder, 20)
		var wg sync.WaitGroup
		for i := range answers {
			wg.Go(func() { answers[i] = v.raw("GET", back, "Cookie", cookies) })
		}
		wg.Wait()
		var tokens []string
		for _, rec := range answers {
			if rec.Code != 302 || rec.Header().Get("Location") != base+"/me?week=3#" {
				t.Fatalf("status %d, Location %q", rec.Code, rec.Header().Get("Location"))
			}
			for _, c := range rec.Result().Cookies() {
				if len(c.Value) == 43 {
					tokens = append(tokens, c.Value)
				}
			}
		}
		if len(tokens) != 20 || len(slices.Compact(tokens)) != 1 || v.fake.Calls("auth/getuserinfo") != 1 {
			t.Errorf("%d session tokens, %d of them different, %d exchanges", len(answers), len(slices.Compact(tokens)), v.fake.Calls("auth/getuserinfo"))
		}
	})
	t.Run("cookies blocked: a page after two rounds, never a loop", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		v := w.visitor("zhangsan")
		v.Jar = nil
		v.open("/me?week=3").follow().want(400, "login_loop")
		if n := w.fake.Calls("authorize"); n != 2 {
			t.Errorf("%d trips to WeCom, want 2", n)
		}
		if n := w.fake.Calls(""); n != 0 {
			t.Errorf("%d calls for codes without an attempt, want 0", n)
		}
		if !strings.Contains(w.log.String(), "blocks cookies") {
			t.Error("the log does not name the causes")
		}
	})
	t.Run("session cookie dropped: the same", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		v := w.visitor("zhangsan")
		back := v.callback("/me")
		v.open(back).want(302) // the session is set, and lost
		u := v.res.Request.URL
		for _, c := range v.Jar.Cookies(u) {
			if len(c.Value) == 43 {
				c.MaxAge, c.Path = -1, "/"
				v.Jar.SetCookies(u, []*http.Cookie{c})
			}
		}
		v.open(back).want(200) // round 2, by a page
		if refresh.FindString(v.body) == "" {
			t.Errorf("no page of the second round: %.200s", v.body)
		}
	})
	t.Run("a used code restarts once and ends logged in", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		w.fake.Fail(wecomtest.Fault{API: "auth/getuserinfo", Code: 40029, Times: 1})
		w.visitor("zhangsan").open("/me?week=3").follow().want(200, "user=zhangsan", "query=week=3")
	})
	t.Run("login CSRF: a code without its attempt's cookie is never sent to WeCom", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		victim := w.visitor("lisi")
		back := w.visitor("zhangsan").callback("/me")
		victim.open(back).follow().want(200, "user=lisi")
		if n := w.fake.Calls("auth/getuserinfo"); n != 1 {
			t.Errorf("%d exchanges, want only the visitor's own", n)
		}
	})
	t.Run("two codes, an overlong one or control bytes are refused without a call", func(t *testing.T) {
		for _, code := range []string{"code=A&code=B", "code=" + strings.Repeat("x", 513), "code=a%00b", "code=%zz", "code=a;b", "code=%20"} {
			v := newWorld(t, mount, nil).visitor("zhangsan")
			back := v.callback("/me")
			state := stateOf(back)
			v.open("/me?"+code+"&"+state).want(400, "bad_callback")
			if n := v.fake.Calls(""); n != 0 {
				t.Errorf("%s: %d calls", code, n)
			}
		}
	})
	t.Run("a foreign code and state are an ordinary query", func(t *testing.T) {
		v := newWorld(t, mount, nil).visitor("zhangsan")
		v.open("/me?state=open&code=ABC").want(200, "query=state=open&code=ABC")
		v.open("/me?code=ABC&state="+strings.Repeat("a", 48)).want(200, "query=code=ABC&state=aaaa")
		if n := v.fake.Calls("auth/getuserinfo"); n != 1 {
			t.Errorf("%d exchanges, want 1", n)
		}
	})
	t.Run("a refusal at WeCom gives a page, and a reload of it can log in", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		w.fake.Refuse()
		v := w.visitor("zhangsan").open("/me?week=3").want(403, "login_cancelled", base+"/me?week=3")
		v.open("/me?week=3").want(200, "user=zhangsan")
	})
	t.Run("a callback to another instance finishes there", func(t *testing.T) {
		fake := wecomtest.New(wecomtest.Config{})
		one := newWorldAt(t, mount, fake, nil)
		two := newWorldAt(t, mount, fake, nil) // takes over the host
		v := one.visitor("zhangsan")
		fake.Serve(base, one)
		back := v.callback("/me?week=3")
		fake.Serve(base, two)
		v.open(back).want(302)
		v.open(v.location()).want(200, "user=zhangsan", "query=week=3")
	})
	t.Run("an expired attempt starts again", func(t *testing.T) {
		v := newWorld(t, mount, func(c *core.Config) { c.Keys = []core.Key{make(core.Key, 32)} }).visitor("zhangsan")
		back := v.callback("/me")
		rec := v.raw("GET", strings.TrimPrefix(back, base)) // as if the cookie had expired
		if rec.Code != 200 || refresh.FindString(rec.Body.String()) == "" || v.fake.Calls("") != 0 {
			t.Errorf("status %d, %d calls", rec.Code, v.fake.Calls(""))
		}
	})
}
