package adaptertest_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	echo4 "github.com/labstack/echo/v4"
	echo5 "github.com/labstack/echo/v5"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
	"github.com/wecomauth/wecomauth/echomw"
	"github.com/wecomauth/wecomauth/echomw/echov5"
	"github.com/wecomauth/wecomauth/ginmw"
	"github.com/wecomauth/wecomauth/nethttpmw"
)

const site = "https://oa.example.com"

// nowhere is a ResponseWriter that costs nothing.
type nowhere struct {
	header http.Header
	status int
}

func (w *nowhere) Header() http.Header         { return w.header }
func (w *nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (w *nowhere) WriteHeader(status int)      { w.status = status }

// TestAllocationsOfTheAdapters: what an authenticated request allocates behind a
// router, whose handler reads the identity, more than the bare handler behind the
// same router. Four are allowed on net/http and five on Gin and Echo. Present are
// the identity's departments, the context and the request's copy; and Echo v4 puts a
// route's middleware together anew for each request.
func TestAllocationsOfTheAdapters(t *testing.T) {
	gin.SetMode(gin.ReleaseMode)
	for _, tc := range []struct {
		name string
		page func(auth *core.Authenticator) http.Handler // bare if nil
		more float64
	}{
		{"net/http", netHTTPPage, 3},
		{"Gin", ginPage, 3},
		{"Echo v4", echo4Page, 4},
		{"Echo v5", echo5Page, 3},
	} {
		fake := wecomtest.New(wecomtest.Config{})
		auth, err := core.New(core.Config{Provider: fake.App(), BaseURL: site, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		page, bare := tc.page(auth), tc.page(nil)
		fake.Serve(site, page)
		cookie := sessionAfterLogin(t, fake)
		if n := leastAllocations(t, page, cookie) - leastAllocations(t, bare, cookie); n != tc.more {
			t.Errorf("%s: %v allocations added, want %v", tc.name, n, tc.more)
		}
	}
}

// leastAllocations is the least of several counts: routers keep contexts in a
// sync.Pool, which drops some, and under the race detector many.
func leastAllocations(t *testing.T, h http.Handler, cookie string) float64 {
	t.Helper()
	w, r := &nowhere{header: http.Header{}}, httptest.NewRequest("GET", site+"/me", nil)
	r.Header.Set("Cookie", cookie)
	least := 1e9
	for range 200 {
		least = min(least, testing.AllocsPerRun(1, func() {
			clear(w.header)
			w.status = 0
			h.ServeHTTP(w, r)
		}))
		if w.status != http.StatusNoContent {
			t.Fatalf("status %d", w.status)
		}
	}
	return least
}

func sessionAfterLogin(t *testing.T, fake *wecomtest.Fake) string {
	t.Helper()
	b := fake.Browser("zhangsan")
	res, err := b.Get(site + "/me")
	if err != nil {
		t.Fatal(err)
	}
	var pairs []string
	for _, c := range b.Jar.Cookies(res.Request.URL) {
		pairs = append(pairs, c.String())
	}
	return strings.Join(pairs, "; ")
}

// read is the handler: it has to know who is asking, if there is a login.
func read(ctx context.Context, auth *core.Authenticator) int {
	if id, ok := core.IdentityFrom(ctx); auth != nil && (!ok || id.UserID != "zhangsan") {
		return http.StatusInternalServerError
	}
	return http.StatusNoContent
}

func netHTTPPage(auth *core.Authenticator) http.Handler {
	var h http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(read(r.Context(), auth)) })
	if auth != nil {
		h = nethttpmw.Require(auth)(h)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /me", h)
	return mux
}

func ginPage(auth *core.Authenticator) http.Handler {
	r := gin.New()
	if auth != nil {
		r.Use(ginmw.Require(auth))
	}
	r.GET("/me", func(c *gin.Context) { c.Status(read(c.Request.Context(), auth)); c.Writer.WriteHeaderNow() })
	return r
}

func echo4Page(auth *core.Authenticator) http.Handler {
	e := echo4.New()
	var mw []echo4.MiddlewareFunc
	if auth != nil {
		mw = append(mw, echomw.Require(auth))
	}
	e.GET("/me", func(c echo4.Context) error { return c.NoContent(read(c.Request().Context(), auth)) }, mw...)
	return e
}

func echo5Page(auth *core.Authenticator) http.Handler {
	e := echo5.New()
	var mw []echo5.MiddlewareFunc
	if auth != nil {
		mw = append(mw, echov5.Require(auth))
	}
	e.GET("/me", func(c *echo5.Context) error { return c.NoContent(read(c.Request().Context(), auth)) }, mw...)
	return e
}
