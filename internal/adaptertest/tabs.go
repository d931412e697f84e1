package adaptertest

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func testTabs(t *testing.T, mount Mount) {
	for _, n := range []int{7, 20} {
		for _, pause := range []time.Duration{0, time.Second} {
			t.Run(fmt.Sprintf("%d restored tabs, %v between their steps, all end logged in on their page", n, pause), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { restoreTabs(t, mount, n, pause) })
			})
		}
	}
	for _, n := range []int{5, 12, 20} {
		t.Run(fmt.Sprintf("%d tabs at once over a slow network, while WeCom takes a second, all end logged in", n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { slowTabs(t, mount, n) })
		})
	}
	t.Run("two tabs log in side by side and each returns to its own query", func(t *testing.T) {
		v := newWorld(t, mount, nil).visitor("zhangsan")
		one, two := v.callback("/me?tab=1"), v.callback("/me?tab=2")
		if v.open(two); v.location() != base+"/me?tab=2#" {
			t.Errorf("tab 2 went to %q", v.location())
		}
		if v.open(one); v.location() != base+"/me?tab=1#" {
			t.Errorf("tab 1 went to %q", v.location())
		}
	})
	t.Run("a browser never holds more than six attempts, each small, and an answer fits a proxy", func(t *testing.T) {
		v := newWorld(t, mount, nil).visitor("zhangsan").still()
		for i := range 40 {
			v.open(fmt.Sprintf("/any/%d?%s", i, strings.Repeat("q", 390))).want(302)
			size := 0
			for name, values := range v.res.Header {
				for _, value := range values {
					size += len(name) + len(": \r\n") + len(value)
					if name == "Set-Cookie" && len("Set-Cookie: ")+len(value) > 700 {
						t.Errorf("a Set-Cookie of %d bytes", len(value))
					}
				}
			}
			if size > 3<<10 {
				t.Errorf("%d bytes of headers", size)
			}
		}
		if n := len(v.Jar.Cookies(v.res.Request.URL)); n != 6 {
			t.Errorf("%d attempt cookies, want 6", n)
		}
	})
	t.Run("an address too long to remember keeps its path", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		w.visitor("zhangsan").open("/any/deep?"+strings.Repeat("q", 2000)).want(200, "path=/any/deep query=")
		if !strings.Contains(w.log.String(), "too long") {
			t.Error("nothing in the log")
		}
	})
	t.Run("two hundred people at once are each themselves", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		people := []string{"zhangsan", "lisi", "wangwu"}
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Go(func() {
				v := w.visitor(people[i%3])
				res, err := v.Get(fmt.Sprintf("%s/any/%d?n=%d", base, i, i))
				if err != nil {
					t.Error(err)
					return
				}
				defer func() { _ = res.Body.Close() }()
				body := make([]byte, 200)
				n, _ := res.Body.Read(body)
				if want := fmt.Sprintf("user=%s ", people[i%3]); !strings.HasPrefix(string(body[:n]), want) || !strings.HasSuffix(string(body[:n]), fmt.Sprintf("path=/any/%d query=n=%d", i, i)) {
					t.Errorf("visitor %d got %q", i, body[:n])
				}
			})
		}
		wg.Wait()
		if n := w.fake.Calls("gettoken"); n != 1 {
			t.Errorf("%d gettoken calls, want 1", n)
		}
	})
}

// restoreTabs opens n pages and lets each of them take one step in turn.
func restoreTabs(t *testing.T, mount Mount, n int, pause time.Duration) {
	w := newWorld(t, mount, nil)
	v := w.visitor("zhangsan").still()
	at := make([]string, n)
	for i := range at {
		at[i] = fmt.Sprintf("%s/any/tab%d?n=%d", base, i, i)
	}
	for step, done := 0, 0; done < n; step++ {
		if step > 12 {
			t.Fatalf("%d of %d tabs finished", done, n)
		}
		done = 0
		for i := range at {
			time.Sleep(pause)
			v.open(at[i])
			switch m := refresh.FindStringSubmatch(v.body); {
			case later.MatchString(v.body):
				at[i] = strings.ReplaceAll(later.FindStringSubmatch(v.body)[1], "&amp;", "&")
				time.Sleep(2 * time.Second)
			case v.res.StatusCode == 200 && m == nil:
				v.want(200, "user=zhangsan", fmt.Sprintf("path=/any/tab%d ", i))
				done++
			case m != nil:
				at[i] = strings.ReplaceAll(m[1], "&amp;", "&")
			default:
				v.want(302)
				at[i] = v.location()
			}
		}
	}
}

func testRefusals(t *testing.T, mount Mount) {
	t.Run("who is redirected, and who is told to log in", func(t *testing.T) {
		for _, tc := range []struct {
			name, method string
			header       []string
			status       int
			body         string
		}{
			{"a page load", "GET", nil, 302, ""},
			{"a page load of an old WebView, which names its app in X-Requested-With", "GET", []string{"Sec-Fetch-Mode", "", "Sec-Fetch-Dest", "", "X-Requested-With", "com.tencent.wework"}, 302, ""},
			{"fetch", "GET", []string{"Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty"}, 401, `"code":"login_required"`},
			{"an image", "GET", []string{"Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "image"}, 401, `"code":"login_required"`},
			{"XMLHttpRequest of an old browser", "GET", []string{"Sec-Fetch-Mode", "", "Sec-Fetch-Dest", "", "X-Requested-With", "XMLHttpRequest"}, 401, `"code":"login_required"`},
			{"a program that accepts JSON", "GET", []string{"Sec-Fetch-Mode", "", "Sec-Fetch-Dest", "", "Accept", "application/json"}, 401, `"code":"login_required"`},
			{"curl", "GET", []string{"Sec-Fetch-Mode", "", "Sec-Fetch-Dest", "", "Accept", "*/*"}, 401, `"code":"login_required"`},
			{"a WebSocket handshake", "GET", []string{"Sec-Fetch-Mode", "websocket", "Upgrade", "websocket", "Connection", "Upgrade"}, 401, `"code":"login_required"`},
			{"a form that is posted", "POST", []string{"Sec-Fetch-Site", "same-origin"}, 401, "<html"},
			{"DELETE by fetch", "DELETE", []string{"Sec-Fetch-Mode", "cors", "Sec-Fetch-Dest", "empty", "Sec-Fetch-Site", "same-origin"}, 401, `"code":"login_required"`},
			{"a form posted by another site", "POST", []string{"Sec-Fetch-Site", "cross-site"}, 403, "cross_origin"},
			{"HEAD", "HEAD", nil, 401, ""},
			{"a prefetch", "GET", []string{"Sec-Purpose", "prefetch;prerender"}, 401, ""},
			{"a prefetch of an old browser", "GET", []string{"Purpose", "prefetch"}, 401, ""},
			{"a frame", "GET", []string{"Sec-Fetch-Dest", "iframe"}, 401, `target="_top"`},
		} {
			w := newWorld(t, mount, nil)
			rec := w.raw(tc.method, "/me", tc.header...)
			if rec.Code != tc.status || !strings.Contains(rec.Body.String(), tc.body) || w.runs.Load() != 0 {
				t.Errorf("%s: status %d, want %d; handler ran %d times; body %.200s", tc.name, rec.Code, tc.status, w.runs.Load(), rec.Body)
			}
			if tc.status != 302 && (rec.Header().Get("Set-Cookie") != "" || rec.Header().Get("Location") != "") {
				t.Errorf("%s: Set-Cookie %q, Location %q", tc.name, rec.Header().Get("Set-Cookie"), rec.Header().Get("Location"))
			}
			if strings.HasPrefix(tc.body, `"code"`) && rec.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("%s: Content-Type %q", tc.name, rec.Header().Get("Content-Type"))
			}
		}
	})
	t.Run("a callback by HEAD, prefetch or in a frame is not used up", func(t *testing.T) {
		v := newWorld(t, mount, nil).visitor("zhangsan")
		back := v.callback("/me?week=3")
		v.do("HEAD", back).want(401)
		v.open(back, "Sec-Purpose", "prefetch").want(401)
		v.open(back, "Sec-Fetch-Dest", "iframe").want(401)
		if n := v.fake.Calls(""); n != 0 {
			t.Errorf("%d calls", n)
		}
		v.open(back).want(302)
		v.do("HEAD", "/me").want(200)
	})
	t.Run("with a session every method passes, but not from another site", func(t *testing.T) {
		v := newWorld(t, mount, nil).visitor("zhangsan").open("/me")
		v.do("POST", "/me", "Sec-Fetch-Site", "same-origin").want(200)
		v.do("POST", "/me", "Origin", base).want(200)
		v.do("DELETE", "/me", "Sec-Fetch-Site", "same-site").want(403)
		v.do("POST", "/me", "Sec-Fetch-Site", "", "Origin", "https://evil.example").want(403)
		v.do("POST", "/me", "Sec-Fetch-Site", "", "Origin", "http://oa.example.com.evil.example").want(403)
	})
	t.Run("a WebSocket opens from this site only", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		v := w.visitor("zhangsan").open("/me")
		shake := func(pairs ...string) *visitor {
			return v.open("/me", append([]string{"Upgrade", "websocket", "Connection", "Upgrade", "Accept", "", "Sec-Fetch-Dest", "", "Sec-Fetch-Mode", "websocket"}, pairs...)...)
		}
		runs := w.runs.Load()
		shake("Sec-Fetch-Site", "same-site", "Origin", "https://evil.example.com").want(403, "cross_origin")
		shake("Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example").want(403)
		shake("Sec-Fetch-Mode", "", "Origin", "https://evil.example.com").want(403) // an old browser
		if w.runs.Load() != runs {
			t.Error("the handler ran")
		}
		shake("Sec-Fetch-Site", "same-origin", "Origin", base).want(200)
		shake("Sec-Fetch-Mode", "", "Origin", base).want(200)
		shake("Sec-Fetch-Mode", "").want(200) // a program
	})
	t.Run("a public page knows nobody in what another site sends", func(t *testing.T) {
		v := newWorld(t, mount, nil).visitor("zhangsan").open("/me")
		v.do("POST", "/optional", "Sec-Fetch-Site", "same-origin").want(200, "user=zhangsan")
		v.do("POST", "/optional", "Sec-Fetch-Site", "same-site", "Origin", "https://evil.example.com").want(200, "user= ")
	})
	t.Run("the wrong department sees a 403 page, the log the reason", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		v := w.visitor("lisi").open("/admin").want(403, "<html", "forbidden")
		if strings.Contains(v.body, "[3]") || !strings.Contains(w.log.String(), "asks for one of [2]") {
			t.Errorf("page %.300s\nlog %s", v.body, w.log)
		}
		w.visitor("zhangsan").open("/admin").want(200, "user=zhangsan")
	})
	t.Run("pages speak Chinese, or English to those who ask for it first", func(t *testing.T) {
		w := newWorld(t, mount, nil)
		for accept, want := range map[string]string{"": "请先登录", "zh-CN,zh;q=0.9,en;q=0.8": "请先登录", "en-US,en;q=0.9": "Please sign in", "fr": "请先登录"} {
			if rec := w.raw("POST", "/me", "Accept-Language", accept); !strings.Contains(rec.Body.String(), want) {
				t.Errorf("Accept-Language %q: no %q in %.300s", accept, want, rec.Body)
			}
		}
	})
	testOnError(t, mount)
}

var _ http.Handler = (*world)(nil)
