package adaptertest

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core"
)

var errNoAccount = errors.New("no local account")

func testOnError(t *testing.T, mount Mount) {
	t.Run("OnError answers in place of our pages, with our headers and status at hand", func(t *testing.T) {
		w := newWorld(t, mount, func(c *core.Config) {
			c.OnError = func(rw http.ResponseWriter, _ *http.Request, err *core.Error) {
				rw.WriteHeader(err.StatusCode())
				_, _ = fmt.Fprintf(rw, "mine: %s %t", err.Kind.Code(), errors.Is(err, core.ErrLoginRequired))
			}
		})
		rec := w.raw("POST", "/me")
		if rec.Code != 401 || rec.Body.String() != "mine: login_required true" || rec.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("status %d, body %q, header %v", rec.Code, rec.Body, rec.Header())
		}
		if rec := w.raw("GET", "/me"); rec.Code != 302 {
			t.Errorf("a redirect is no error: status %d", rec.Code)
		}
	})
	t.Run("an OnError that changes one page leaves the others as they are", func(t *testing.T) {
		mine := func(c *core.Config) {
			c.OnError = func(rw http.ResponseWriter, r *http.Request, err *core.Error) {
				if err.Kind == core.ErrForbidden {
					rw.WriteHeader(err.StatusCode())
					_, _ = rw.Write([]byte("mine"))
					return
				}
				err.Answer(rw, r)
			}
		}
		ours, w := newWorld(t, mount, nil), newWorld(t, mount, mine)
		w.visitor("lisi").open("/admin").want(403, "mine")
		for _, ask := range [][2]string{{"GET", "/logout"}, {"POST", "/me"}, {"HEAD", "/me"}} {
			want, got := ours.raw(ask[0], ask[1], "X-Request-Id", "1"), w.raw(ask[0], ask[1], "X-Request-Id", "1")
			want.Header().Del("Date")
			id := regexp.MustCompile(`[a-z2-7]{13}`)
			if got.Code != want.Code || id.ReplaceAllString(got.Body.String(), "") != id.ReplaceAllString(want.Body.String(), "") || !reflect.DeepEqual(got.Header(), want.Header()) {
				t.Errorf("%s %s: %d %.200s\nheader %v, want %v", ask[0], ask[1], got.Code, got.Body, got.Header(), want.Header())
			}
		}
	})
	t.Run("an OnError that writes nothing leaves the answer to the framework: the status stands, no handler runs", func(t *testing.T) {
		w := newWorld(t, mount, func(c *core.Config) {
			c.OnError = func(http.ResponseWriter, *http.Request, *core.Error) {}
		})
		rec := w.raw("POST", "/me")
		if rec.Code != 401 || w.runs.Load() != 0 || strings.Contains(rec.Body.String(), "<html") {
			t.Errorf("status %d, handler ran %d times, body %.200s", rec.Code, w.runs.Load(), rec.Body)
		}
	})
}
