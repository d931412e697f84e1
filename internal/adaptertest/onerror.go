package adaptertest

import (
	"errors"
	"fmt"
	"net/http"
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
