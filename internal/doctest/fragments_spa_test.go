package doctest

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/labstack/echo/v4"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
	"github.com/wecomauth/wecomauth/echomw"
	"github.com/wecomauth/wecomauth/ginmw"
	"github.com/wecomauth/wecomauth/nethttpmw"
)

// The fragments of docs/single-page-apps.md.

func singlePageApp(app core.Provider, r *gin.Engine) error {
	orders := func(c *gin.Context) { c.JSON(http.StatusOK, []string{"paper"}) }
	auth, err := core.New(core.Config{Provider: app, BaseURL: "https://oa.example.com", CallbackPath: "/login"})
	if err != nil {
		return err
	}
	r.GET("/login", ginmw.Login(auth))
	r.GET("/api/orders", ginmw.Require(auth), orders)
	return nil
}

func historyGin(auth *core.Authenticator) http.Handler {
	r := gin.New()
	r.GET("/login", ginmw.Login(auth))
	r.Static("/assets", "dist/assets") // public
	r.NoRoute(ginmw.Require(auth), func(c *gin.Context) {
		if strings.HasPrefix(c.Request.URL.Path, "/api/") {
			c.Status(http.StatusNotFound) // not a page of the app
			return
		}
		c.File("dist/index.html")
	})
	return r
}

func historyEcho(auth *core.Authenticator) http.Handler {
	e := echo.New()
	e.GET("/login", echomw.Login(auth))
	e.Static("/assets", "dist/assets")
	e.Any("/api/*", echo.NotFoundHandler, echomw.Require(auth))
	e.File("/*", "dist/index.html", echomw.Require(auth))
	return e
}

func historyNetHTTP(auth *core.Authenticator) http.Handler {
	mux := http.NewServeMux()
	index := func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "dist/index.html") }
	mux.Handle("/login", nethttpmw.Login(auth))
	mux.Handle("/assets/", http.FileServer(http.Dir("dist")))
	mux.Handle("/api/", nethttpmw.Require(auth)(http.NotFoundHandler()))
	mux.Handle("/", nethttpmw.Require(auth)(http.HandlerFunc(index)))
	return mux
}

// dist puts what a build leaves into the working directory.
func dist(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.MkdirAll("dist/assets", 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, "dist/index.html", "<!DOCTYPE html>the app")
	write(t, "dist/assets/app.js", "let app")
}

func quiet(provider core.Provider, base string) core.Config {
	return core.Config{Provider: provider, BaseURL: base, CallbackPath: "/login", Logger: slog.New(slog.DiscardHandler)}
}

// TestHistoryMode: a link to a page of the app logs in and ends there, its files are
// public, and an address of the API that does not exist is no page.
func TestHistoryMode(t *testing.T) {
	dist(t)
	gin.SetMode(gin.ReleaseMode)
	const base = "https://oa.example.com"
	for name, serve := range map[string]func(*core.Authenticator) http.Handler{"gin": historyGin, "echo": historyEcho, "net/http": historyNetHTTP} {
		fake := wecomtest.New(wecomtest.Config{})
		auth, err := core.New(quiet(fake.App(), base))
		if err != nil {
			t.Fatal(err)
		}
		app := serve(auth)
		fake.Serve(base, app)
		public := httptest.NewRecorder()
		app.ServeHTTP(public, httptest.NewRequest("GET", base+"/assets/app.js", nil))
		if public.Code != http.StatusOK || public.Body.String() != "let app" {
			t.Errorf("%s: the app's script: %d %q", name, public.Code, public.Body)
		}
		browser := fake.Browser("zhangsan")
		for path, want := range map[string]int{"/orders/7?tab=2": http.StatusOK, "/": http.StatusOK, "/api/typo": http.StatusNotFound} {
			res, err := browser.Get(base + path)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(res.Body)
			if res.StatusCode != want || res.Request.URL.RequestURI() != path || strings.Contains(string(body), "the app") != (want == http.StatusOK) {
				t.Errorf("%s: %s ended at %s: %d %.80q", name, path, res.Request.URL, res.StatusCode, body)
			}
		}
	}
}

// TestDevelopmentServer: Vite's proxy names its target in Host, and BaseURL is
// Vite's own address.
func TestDevelopmentServer(t *testing.T) {
	const vite = "http://localhost:5173"
	fake := wecomtest.New(wecomtest.Config{})
	auth, err := core.New(quiet(fake.App(), vite))
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /login", nethttpmw.Login(auth))
	mux.Handle("/api/me", nethttpmw.Require(auth)(http.HandlerFunc(me)))
	fake.Serve(vite, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Host = "localhost:8080"
		mux.ServeHTTP(w, r)
	}))
	browser := fake.Browser("zhangsan")
	res, err := browser.Get(vite + "/login?return_to=%2Fapi%2Fme")
	if err != nil || res.StatusCode != http.StatusOK || res.Request.URL.String() != vite+"/api/me" {
		t.Fatal(res, err)
	}
	call, _ := http.NewRequest("POST", vite+"/api/me", nil)
	call.Header.Set("Origin", vite)
	call.Header.Set("Sec-Fetch-Site", "same-origin")
	if res, err = browser.Do(call); err != nil || res.StatusCode != http.StatusOK {
		t.Error(res, err)
	}
}
