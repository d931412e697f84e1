package doctest

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"
	"github.com/gin-gonic/gin"
	"github.com/labstack/echo/v4"
	"github.com/redis/rueidis"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/redisstore"
	"github.com/wecomauth/wecomauth/core/wecomtest"
	"github.com/wecomauth/wecomauth/echomw"
	"github.com/wecomauth/wecomauth/ginmw"
	"github.com/wecomauth/wecomauth/nethttpmw"
)

// The fragments of docs/sessions.md.

func redisSessions() (*redisstore.Store, error) {
	store, err := redisstore.New(redisstore.Config{
		ClientOption: rueidis.ClientOption{InitAddress: []string{"127.0.0.1:6379"}},
	})
	return store, err
}

var _ = redisSessions

func ownSessions(app core.Provider, store scs.Store) (*scs.SessionManager, *core.Authenticator, error) {
	sm := scs.New()
	sm.Store = store
	sm.Codec = core.Codec{}
	sm.Lifetime = 12 * time.Hour
	sm.Cookie.Name = "__Host-session"
	sm.Cookie.Secure = true
	auth, err := core.New(core.Config{Provider: app, BaseURL: "https://oa.example.com", Sessions: sm})
	return sm, auth, err
}

func cartGin(sm *scs.SessionManager, auth *core.Authenticator) http.Handler {
	r := gin.New()
	r.GET("/cart", ginmw.Require(auth), func(c *gin.Context) {
		ctx := c.Request.Context() // not c
		sm.Put(ctx, "items", sm.GetInt(ctx, "items")+1)
		c.String(http.StatusOK, "%d", sm.GetInt(ctx, "items"))
	})
	return sm.LoadAndSave(r)
}

func cartEcho(sm *scs.SessionManager, auth *core.Authenticator) http.Handler {
	e := echo.New()
	e.GET("/cart", func(c echo.Context) error {
		ctx := c.Request().Context()
		sm.Put(ctx, "items", sm.GetInt(ctx, "items")+1)
		return c.String(http.StatusOK, "ok")
	}, echomw.Require(auth))
	return sm.LoadAndSave(e)
}

func cartNetHTTP(sm *scs.SessionManager, auth *core.Authenticator) http.Handler {
	mux := http.NewServeMux()
	cart := func(w http.ResponseWriter, r *http.Request) {
		sm.Put(r.Context(), "items", sm.GetInt(r.Context(), "items")+1)
		w.WriteHeader(http.StatusOK)
	}
	mux.Handle("GET /cart", nethttpmw.Require(auth)(http.HandlerFunc(cart)))
	return sm.LoadAndSave(mux)
}

// TestOwnSessions: the values are there at the next request, the login sends one
// cookie of the session, and another person on the browser finds none of it.
func TestOwnSessions(t *testing.T) {
	gin.SetMode(gin.ReleaseMode)
	const base = "https://oa.example.com"
	for name, serve := range map[string]func(*scs.SessionManager, *core.Authenticator) http.Handler{"gin": cartGin, "echo": cartEcho, "net/http": cartNetHTTP} {
		fake := wecomtest.New(wecomtest.Config{})
		sm, auth, err := ownSessions(fake.App(), memstore.NewWithCleanupInterval(0))
		if err != nil {
			t.Fatal(err)
		}
		var items, cookies int
		app := serve(sm, auth)
		fake.Serve(base, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			app.ServeHTTP(w, r)
			cookies = strings.Count(strings.Join(w.Header().Values("Set-Cookie"), "\n"), "__Host-session=")
			if c, err := r.Cookie("__Host-session"); err == nil {
				if ctx, err := sm.Load(t.Context(), c.Value); err == nil {
					items = sm.GetInt(ctx, "items")
				}
			}
			if cookies > 1 {
				t.Errorf("%s: %d cookies of the session", name, cookies)
			}
		}))
		browser := fake.Browser("zhangsan")
		for want := 1; want <= 3; want++ {
			res, err := browser.Get(base + "/cart")
			if err != nil || res.StatusCode != http.StatusOK || items != want {
				t.Fatalf("%s: %v, %v: the cart holds %d, want %d", name, res, err, items, want)
			}
		}
	}
}
