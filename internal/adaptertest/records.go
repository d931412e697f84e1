package adaptertest

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
)

func testRecords(t *testing.T, mount Mount) {
	t.Run("a refusal is one record, with WeCom's code, hint and our remedy, and an id that the page shows too", func(t *testing.T) {
		for _, tc := range []struct {
			code int
			want []string
		}{
			{60020, []string{"wecom.errcode=60020", "wecom.hint=", "wecom.remedy=", "127.0.0.1", "trusted IPs"}},
			{50001, []string{"wecom.errcode=50001", "base_url=" + base}},
			{301002, []string{"wecom.errcode=301002", "token of another app"}},
		} {
			w := newWorld(t, mount, nil)
			w.fake.Fail(wecomtest.Fault{API: "auth/getuserinfo", Code: tc.code})
			v := w.visitor("zhangsan").open("/me").want(500)
			var record string
			for line := range strings.Lines(w.log.String()) {
				if strings.Contains(line, "level=ERROR") {
					record += line
				}
			}
			_, id, _ := strings.Cut(record, "request_id=")
			id, _, _ = strings.Cut(id, " ")
			if strings.Count(record, "\n") != 1 || id == "" || !strings.Contains(v.body, id) {
				t.Errorf("%d: request id %q, record %s, page %.2000s", tc.code, id, record, v.body)
			}
			for _, want := range tc.want {
				if !strings.Contains(record, want) {
					t.Errorf("%d: the record lacks %q: %s", tc.code, want, record)
				}
			}
		}
	})
	t.Run("the application's request id is used, if it is one", func(t *testing.T) {
		for id, want := range map[string]bool{"req-7.abc": true, "<script>": false, strings.Repeat("x", 65): false} {
			w := newWorld(t, mount, nil)
			inner := w.app
			w.app = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				rw.Header().Set("X-Request-Id", id)
				inner.ServeHTTP(rw, r)
			})
			if body := w.raw("POST", "/me").Body.String(); strings.Contains(body, id) != want {
				t.Errorf("%q: %.1500s", id, body)
			}
		}
	})
	t.Run("an observer sees each step", func(t *testing.T) {
		var seen []string
		w := newWorld(t, mount, func(c *core.Config) {
			c.Observer = func(_ context.Context, e core.Event) {
				name := strings.TrimPrefix(fmt.Sprintf("%T", e), "core.")
				switch e := e.(type) {
				case core.LoginSucceeded:
					name += " " + e.Identity.UserID
				case core.LoginFailed:
					name += " " + e.Err.Kind.Code()
				case core.Refused:
					name += " " + e.Err.Kind.Code()
				case core.SessionEnded:
					name += " " + e.Identity.UserID
				}
				seen = append(seen, name)
			}
		})
		w.raw("POST", "/me")
		w.fake.Fail(wecomtest.Fault{API: "auth/getuserinfo", Code: 40029, Times: 1})
		v := w.visitor("lisi").open("/me").follow().want(200)
		v.open("/admin").want(403)
		v.do("POST", "/logout")
		want := "Refused login_required, LoginStarted, TokenRefreshed, LoginFailed code_invalid, LoginStarted, LoginSucceeded lisi, Refused forbidden, SessionEnded lisi"
		if got := strings.Join(seen, ", "); got != want {
			t.Errorf("seen %s\nwant %s", got, want)
		}
	})
}
