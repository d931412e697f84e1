package adaptertest

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
)

// forgetful is a browser that loses some of the cookies that it is given.
type forgetful struct {
	http.RoundTripper
	drop func(res *http.Response, c *http.Cookie) bool
}

func (f forgetful) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := f.RoundTripper.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	kept := make([]string, 0)
	for i, c := range res.Cookies() {
		if !f.drop(res, c) {
			kept = append(kept, res.Header["Set-Cookie"][i])
		}
	}
	res.Header["Set-Cookie"] = kept
	return res, nil
}

// settle follows redirects and pages that go on by themselves until one stays,
// as a browser does that never gives up.
func (v *visitor) settle(target string) *visitor {
	v.t.Helper()
	v.still()
	for range 60 {
		v.open(target)
		if m := later.FindStringSubmatch(v.body); m != nil {
			target = strings.ReplaceAll(m[1], "&amp;", "&")
			continue
		}
		if m := refresh.FindStringSubmatch(v.body); m != nil {
			target = strings.ReplaceAll(m[1], "&amp;", "&")
		} else if target = v.location(); target == "" {
			return v
		}
	}
	v.t.Fatal("the browser is sent around for ever")
	return v
}

func testLoops(t *testing.T, mount Mount) {
	isSession := func(c *http.Cookie) bool { return len(c.Value) == 43 }
	for _, tc := range []struct {
		name   string
		drop   func(*http.Response, *http.Cookie) bool
		status int
		text   string
	}{
		{"all cookies", func(*http.Response, *http.Cookie) bool { return true }, 400, "login_loop"},
		{"the session cookie only", func(_ *http.Response, c *http.Cookie) bool { return isSession(c) }, 400, "login_loop"},
		{"the cookies of redirects, as some WebViews do", func(res *http.Response, _ *http.Cookie) bool { return res.StatusCode == 302 }, 200, "user=zhangsan"},
		{"no cookies", func(*http.Response, *http.Cookie) bool { return false }, 200, "user=zhangsan"},
	} {
		t.Run("a browser that loses "+tc.name, func(t *testing.T) {
			w := newWorld(t, mount, nil)
			v := w.visitor("zhangsan")
			v.Transport = forgetful{v.Transport, tc.drop}
			v.settle("/me?week=3").want(tc.status, tc.text)
			if n := w.fake.Calls("auth/getuserinfo"); n > 2 {
				t.Errorf("%d exchanges", n)
			}
		})
	}
	t.Run("a browser that loses the cookies of the answer that finishes a login", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		v := w.visitor("zhangsan")
		v.Transport = forgetful{v.Transport, func(res *http.Response, _ *http.Cookie) bool {
			return strings.Contains(res.Request.URL.RawQuery, "state=")
		}}
		v.settle("/me?week=3").want(400, "login_loop")
		v.Transport = v.Transport.(forgetful).RoundTripper // cookies are allowed now: trying again works at once
		v.settle("/me?week=3").want(200, "user=zhangsan", "query=week=3")
	})
	t.Run("an alias that a proxy sends as Host, and a person who takes their time", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, mount, func(c *core.Config) { c.Aliases = []string{"www.oa.example.com"} })
			inner := w.app
			w.app = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				r.Host = "www.oa.example.com"
				inner.ServeHTTP(rw, r)
			})
			w.fake.Fail(wecomtest.Fault{API: "authorize", Delay: time.Minute})
			w.visitor("zhangsan").settle("/me?week=3").want(200, "user=zhangsan")
		})
	})
	t.Run("several instances without a shared store end on the page that names them as a cause", func(t *testing.T) {
		fake := wecomtest.New(wecomtest.Config{})
		instances := []*world{newWorldAt(t, mount, fake, nil), newWorldAt(t, mount, fake, nil)}
		turn := 0
		fake.Serve(base, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			turn++
			instances[turn%2].ServeHTTP(rw, r)
		}))
		instances[0].visitor("zhangsan").settle("/me").want(400, "login_loop")
		if log := instances[0].log.String() + instances[1].log.String(); !strings.Contains(log, "without a shared session store") {
			t.Error("the log does not name the cause")
		}
	})
	t.Run("a session manager with a codec of its own, JSON", func(t *testing.T) {
		sm := manager()
		sm.Codec = jsonCodec{}
		newWorld(t, mount, func(c *core.Config) { c.Sessions = sm }).visitor("zhangsan").settle("/me").want(200, "user=zhangsan")
	})
	t.Run("an old callback's address opened by somebody else begins a login of their own", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		v := w.visitor("zhangsan")
		v.Transport = forgetful{v.Transport, func(*http.Response, *http.Cookie) bool { return true }}
		v.open(v.callback("/me")).want(200)
		old := strings.ReplaceAll(refresh.FindStringSubmatch(v.body)[1], "&amp;", "&") // of the second round
		v.open(old).want(302)
		w.visitor("lisi").settle(v.location()).want(400) // while it may still be the same browser's
	})
}

// jsonCodec is an scs codec that knows no []byte.
type jsonCodec struct{}

func (jsonCodec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	return json.Marshal(map[string]any{"deadline": deadline, "values": values})
}

func (jsonCodec) Decode(b []byte) (time.Time, map[string]any, error) {
	var v struct {
		Deadline time.Time
		Values   map[string]any
	}
	err := json.Unmarshal(b, &v)
	return v.Deadline, v.Values, err
}
