package doctest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom"
	"github.com/wecomauth/wecomauth/core/wecomtest"
	"github.com/wecomauth/wecomauth/ginmw"
	"github.com/wecomauth/wecomauth/nethttpmw"
)

// The fragments of docs/getting-started.md, docs/deployment.md, docs/companies.md and
// docs/testing.md.

func gettingStarted() (*core.Authenticator, error) {
	auth, err := core.New(core.Config{
		Provider: wecom.App{
			CorpID:  os.Getenv("WECOM_CORP_ID"),
			AgentID: os.Getenv("WECOM_AGENT_ID"),
			Secret:  os.Getenv("WECOM_SECRET"),
		},
		BaseURL: os.Getenv("BASE_URL"), // https://oa.example.com, as browsers see it
	})
	return auth, err
}

func deployment(config core.Config, mux *http.ServeMux, newKey, oldKey core.Key) core.Config {
	config.ClientIP = func(r *http.Request) string { return r.Header.Get("X-Real-IP") }
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	config.Keys = []core.Key{newKey, oldKey} // new cookies use the first, old ones open with either
	return config
}

var _, _ = gettingStarted, deployment

// companies are the fragments of docs/companies.md.
func companies(ctx context.Context, r *gin.Engine, acme, globex *core.Authenticator, me gin.HandlerFunc) error {
	r.Group("/acme", ginmw.Require(acme)).GET("/me", me)
	r.Group("/globex", ginmw.Require(globex)).GET("/me", me)
	{
		gate, err := core.NewCorps(nil, acme, globex) // https://acme.example.com, https://globex.example.com
		r.GET("/me", ginmw.Require(gate), me)
		r.GET("/login", ginmw.Login(gate))
		r.POST("/logout", ginmw.Logout(gate))
		if err != nil {
			return err
		}
	}
	gate, err := core.NewCorps(func(r *http.Request) *core.Authenticator {
		switch c, _ := r.Cookie("company"); {
		case c == nil:
			return nil // 404: show the page with the buttons on a public route
		case c.Value == "acme":
			return acme
		default:
			return globex
		}
	}, acme, globex)
	if err != nil {
		return err
	}
	r.GET("/audit", ginmw.Require(gate, core.AnyOf(
		core.Corp("ww1111111111111111", core.Users("zhangsan")),
		core.Corp("ww2222222222222222", core.DepartmentTree(2)),
	)), me)
	err = gate.Revoke(ctx, "ww1111111111111111", "zhangsan") // nobody in the other company
	return err
}

var _ = companies

func me(w http.ResponseWriter, r *http.Request) {
	id, _ := core.IdentityFrom(r.Context())
	_, _ = w.Write([]byte("hello " + id.UserID))
}

func routes(auth *core.Authenticator) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /me", nethttpmw.Require(auth)(http.HandlerFunc(me)))
	mux.Handle("GET /admin", nethttpmw.Require(auth, core.Departments(2))(http.HandlerFunc(me)))
	return mux
}

func TestHandlerAlone(t *testing.T) {
	r := httptest.NewRequest("GET", "/me", nil)
	r = r.WithContext(core.WithIdentity(r.Context(), core.Identity{UserID: "zhangsan", Name: "张三"}))
	w := httptest.NewRecorder()
	me(w, r) // finds zhangsan with core.IdentityFrom
	if w.Body.String() != "hello zhangsan" {
		t.Errorf("got %q", w.Body)
	}
}

func TestRoutesWithALogin(t *testing.T) {
	fake := wecomtest.New(wecomtest.Config{})
	auth, err := core.New(core.Config{Provider: fake.App(), BaseURL: "https://oa.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	router := routes(auth)
	fake.Serve("https://oa.example.com", router) // your routes, protected with auth

	res, err := fake.Browser("zhangsan").Get("https://oa.example.com/me") // logs in on the way
	if err != nil || res.StatusCode != 200 {
		t.Fatal(res, err)
	}
	res, err = fake.Browser("lisi").Get("https://oa.example.com/admin") // not in department 2: 403
	if err != nil || res.StatusCode != 403 {
		t.Fatal(res, err)
	}
	fake.Fail(wecomtest.Fault{API: "gettoken", Code: 40001})                // every call, until fake.Heal()
	fake.Fail(wecomtest.Fault{API: "auth/getuserinfo", Code: -1, Times: 1}) // one call
	fake.Fail(wecomtest.Fault{API: "gettoken", Delay: time.Minute})         // slower than the timeout
	fake.Heal()
}

func TestTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := wecomtest.New(wecomtest.Config{})
		auth, err := core.New(core.Config{Provider: fake.App(), BaseURL: "https://oa.example.com", Lifetime: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		fake.Serve("https://oa.example.com", routes(auth))
		browser := fake.Browser("zhangsan")
		_, err = browser.Get("https://oa.example.com/me")
		if err != nil || fake.Calls("auth/getuserinfo") != 1 {
			t.Fatal(err)
		}
		time.Sleep(61 * time.Minute)                      // returns at once
		_, err = browser.Get("https://oa.example.com/me") // goes to WeCom again
		if err != nil || fake.Calls("auth/getuserinfo") != 2 {
			t.Fatal(err)
		}
	})
}
