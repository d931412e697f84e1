package doctest

import (
	"context"
	"expvar"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/labstack/echo/v4"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom"
	"github.com/wecomauth/wecomauth/core/wecomtest"
	"github.com/wecomauth/wecomauth/echomw"
	"github.com/wecomauth/wecomauth/ginmw"
	"github.com/wecomauth/wecomauth/nethttpmw"
)

// The fragments of the documents, compiled: see TestCodeBlocksCompile.

func oneLine(auth *core.Authenticator, r *gin.Engine) {
	me := func(*gin.Context) {}
	r.GET("/me", ginmw.Require(auth), me)                                // Gin
	admin := r.Group("/admin", ginmw.Require(auth, core.Departments(2))) // a group, with a rule
	_ = admin
}

func oneLineEcho(auth *core.Authenticator, e *echo.Echo) {
	me := func(echo.Context) error { return nil }
	e.GET("/me", me, echomw.Require(auth)) // Echo v4; echov5.Require for v5
}

func oneLineNetHTTP(auth *core.Authenticator, mux *http.ServeMux) {
	me := http.NotFoundHandler()
	mux.Handle("GET /me", nethttpmw.Require(auth)(me)) // net/http, chi, gorilla/mux
}

// ways are the fragments of docs/ways-in.md.
func ways(r *gin.Engine, config core.Config, corpID, agentID, secret string, saveMobile func(context.Context, string, string) error) {
	app := wecom.App{CorpID: corpID, AgentID: agentID, Secret: secret}
	app.Page = func(userAgent string) wecom.Page {
		if core.ParseAgent(userAgent) == core.AgentPhone {
			return wecom.Guide
		}
		return wecom.InClient
	}
	app.PrivateInfo = true
	config.OnLogin = func(ctx context.Context, id core.Identity) error {
		if id.Details != nil { // nil if the person did not consent, or came by the QR page
			return saveMobile(ctx, id.UserID, id.Details.Mobile)
		}
		return nil
	}
	config.OnError = func(w http.ResponseWriter, _ *http.Request, err *core.Error) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(err.StatusCode())
		_, _ = fmt.Fprintf(w, "%s (request %s)\n", err.Kind.Code(), err.RequestID)
	}
	config.OnError = func(w http.ResponseWriter, r *http.Request, err *core.Error) {
		switch err.Kind {
		case core.ErrForbidden:
			w.WriteHeader(err.StatusCode())
			_, _ = fmt.Fprintln(w, "ask the owner of this page to let you in")
		default:
			err.Answer(w, r) // the page or JSON of this package
		}
	}
	var (
		logins   expvar.Int
		seconds  atomic.Value
		failures = new(expvar.Map)
	)
	config.Observer = func(_ context.Context, e core.Event) {
		switch e := e.(type) {
		case core.LoginSucceeded:
			logins.Add(1)
			seconds.Store(e.Took.Seconds())
		case core.LoginFailed:
			failures.Add(e.Err.Kind.Code(), 1)
		case core.TokenRefreshed, core.LoginStarted, core.Refused, core.SessionEnded:
		}
	}
	file, err := wecom.VerifyFile("WW_verify_agFRemnEVeHcITzc.txt")
	r.GET("/WW_verify_agFRemnEVeHcITzc.txt", gin.WrapH(file))
	_, _ = config, err
}

func TestThreeLinesAreEnough(t *testing.T) {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	fake := wecomtest.New(wecomtest.Config{})
	auth, err := core.New(core.Config{Provider: fake.App(), BaseURL: "https://oa.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	oneLine(auth, router)
	fake.Serve("https://oa.example.com", router) // router has Require(auth) on its routes
	res, err := fake.Browser("zhangsan").Get("https://oa.example.com/me")
	if err != nil || res.StatusCode != 200 {
		t.Fatal(res, err)
	}
	oneLineEcho(auth, echo.New())
	oneLineNetHTTP(auth, http.NewServeMux())
	if err := singlePageApp(fake.App(), gin.New()); err != nil {
		t.Error(err)
	}
	ways(gin.New(), core.Config{}, "", "", "", nil)
}

// access are the fragments of docs/access.md.
func access(ctx context.Context, r *gin.Engine, auth *core.Authenticator, config core.Config, app wecom.App, corpID string, ownsOrders core.RuleFunc) error {
	page := func(*gin.Context) {}
	r.GET("/payroll", ginmw.Require(auth, core.Departments(2, 3)), page) // direct members
	r.GET("/rd", ginmw.Require(auth, core.DepartmentTree(2)), page)      // and of all departments below
	r.GET("/club", ginmw.Require(auth, core.Tags(7)), page)              // 标签
	r.GET("/ops", ginmw.Require(auth, core.AnyOf(core.Users("zhangsan"), core.Departments(9))), page)
	r.GET("/survey", ginmw.Require(auth, core.Not(core.Departments(4))), page)
	r.GET("/orders", ginmw.Require(auth, core.RuleFunc(ownsOrders)), page) // any function

	app.LinkedCorps = []string{"ww2222222222222222"} // employees of these companies (互联企业, 上下游)
	app.NonMembers = true                            // people whom WeCom knows by an openid only
	r.GET("/us", ginmw.Require(auth, core.Corp(corpID, core.DepartmentTree(1))), page)
	r.GET("/them", ginmw.Require(auth, core.Corp("ww2222222222222222", core.Users("zhangsan"))), page)
	r.GET("/staff", ginmw.Require(auth, core.Employees()), page) // of whichever company

	config.Recheck = 30 * time.Minute
	if err := auth.Revoke(ctx, corpID, "zhangsan"); err != nil { // every session of one person
		return err
	}
	return auth.RevokeAll(ctx) // every session of the app
}

var _ = access
