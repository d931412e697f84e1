package events_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"
	"github.com/gin-gonic/gin"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom/events"
	"github.com/wecomauth/wecomauth/core/wecomtest"
	"github.com/wecomauth/wecomauth/ginmw"
	"github.com/wecomauth/wecomauth/nethttpmw"
)

const oa, other = "https://oa.example.com", "https://other.example.com"

var callback = wecomtest.Callback{URL: oa + "/wecom/events", Token: token, EncodingAESKey: aesKey}

// adapters mount the receiver and a protected page.
var adapters = map[string]func(*core.Authenticator, http.Handler) http.Handler{
	"net/http": func(auth *core.Authenticator, receiver http.Handler) http.Handler {
		mux := http.NewServeMux()
		mux.Handle("/wecom/events", receiver)
		mux.Handle("GET /me", nethttpmw.Require(auth)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
		return mux
	},
	"Gin": func(auth *core.Authenticator, receiver http.Handler) http.Handler {
		gin.SetMode(gin.ReleaseMode)
		r := gin.New()
		r.Match([]string{"GET", "POST"}, "/wecom/events", gin.WrapH(receiver))
		r.GET("/me", ginmw.Require(auth), func(*gin.Context) {})
		return r
	},
}

// office is a fake WeCom and an app that receives its events.
type office struct {
	*wecomtest.Fake
	t *testing.T
}

func newOffice(t *testing.T, mount func(*core.Authenticator, http.Handler) http.Handler) office {
	o := office{wecomtest.New(wecomtest.Config{}), t}
	o.instance(oa, mount, nil)
	return o
}

// instance serves one process of the app at a host of its own.
func (o office) instance(host string, mount func(*core.Authenticator, http.Handler) http.Handler, store scs.Store) {
	o.t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	auth, err := core.New(core.Config{Provider: o.App(), BaseURL: oa, Store: store, Logger: quiet})
	if err != nil {
		o.t.Fatal(err)
	}
	rc := receiver(o.t, new(inbox), func(c *events.Config) { c.ReceiveID, c.Handle = o.App().CorpID, events.Revoke(auth) })
	o.Serve(host, mount(auth, rc))
}

// loggedIn reports whether a browser gets the page without a login.
func (o office) loggedIn(browser *http.Client, host string) bool {
	o.t.Helper()
	req, _ := http.NewRequestWithContext(o.t.Context(), "GET", host+"/me", nil)
	req.Header = http.Header{"Accept": {"application/json"}, "Sec-Fetch-Mode": {"cors"}, "Sec-Fetch-Dest": {"empty"}}
	res, err := browser.Do(req)
	if err != nil || res.StatusCode != 200 && res.StatusCode != 401 {
		o.t.Fatal(res, err)
	}
	return res.StatusCode == 200
}

func (o office) signIn(userID string) *http.Client {
	o.t.Helper()
	browser := o.Browser(userID)
	if res, err := browser.Get(oa + "/me"); err != nil || res.StatusCode != 200 {
		o.t.Fatal(res, err)
	}
	return browser
}

func (o office) send(c wecomtest.Callback, m wecomtest.Message) {
	o.t.Helper()
	if err := o.Send(o.t.Context(), c, m); err != nil {
		o.t.Error(err)
	}
}

func TestWhoLeavesIsLoggedOut(t *testing.T) {
	for name, mount := range adapters {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOffice(t, mount)
				if err := o.CheckCallback(t.Context(), callback); err != nil {
					t.Fatal(err)
				}
				zhangsan, lisi, wangwu := o.signIn("zhangsan"), o.signIn("lisi"), o.signIn("wangwu")
				time.Sleep(time.Second)
				o.Remove("zhangsan")
				o.send(callback, wecomtest.DeletedUser("ZhangSan"))
				o.send(callback, wecomtest.RenamedUser("lisi", "li.si"))
				if o.loggedIn(zhangsan, oa) || o.loggedIn(lisi, oa) || !o.loggedIn(wangwu, oa) {
					t.Error("not exactly wangwu is logged in")
				}
				o.signIn("lisi") // may log in again, since WeCom lets them
			})
		})
	}
}

func TestWhoLeavesALinkedCompanyIsLoggedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := office{wecomtest.New(wecomtest.Config{Employees: []wecomtest.Employee{{UserID: "lisi"}, {Corp: otherCorp, UserID: "lisi"}}}), t}
		app := o.App()
		app.LinkedCorps = []string{otherCorp}
		auth, err := core.New(core.Config{Provider: app, BaseURL: oa, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		rc := receiver(t, new(inbox), func(c *events.Config) { c.ReceiveID, c.Handle = app.CorpID, events.Revoke(auth) })
		o.Serve(oa, adapters["Gin"](auth, rc))
		ours, theirs := o.signIn("lisi"), o.signIn(otherCorp+"/lisi")
		time.Sleep(time.Second)
		o.send(callback, wecomtest.Message{"Event": "unsubscribe", "FromUserName": otherCorp + "/lisi", "AgentID": app.AgentID})
		if !o.loggedIn(ours, oa) || o.loggedIn(theirs, oa) {
			t.Error("not exactly our lisi is logged in")
		}
	})
}

func TestAnEventTwiceEndsNothingTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, adapters["net/http"])
		lisi, zhangsan := o.signIn("lisi"), o.signIn("zhangsan")
		time.Sleep(time.Second)
		for range 3 {
			o.send(callback, wecomtest.DeletedUser("zhangsan"))
			if o.loggedIn(zhangsan, oa) || !o.loggedIn(lisi, oa) {
				t.Error("not exactly lisi is logged in")
			}
		}
	})
}

// Both instances are of one site; the second has a host of its own in the fake's
// network only.
func TestAnEventReachesOtherInstances(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memstore.NewWithCleanupInterval(0)
		o := office{wecomtest.New(wecomtest.Config{}), t}
		o.instance(oa, adapters["Gin"], store)
		browser := o.signIn("zhangsan")
		o.instance(oa, adapters["net/http"], store) // takes over the host
		if !o.loggedIn(browser, oa) {
			t.Fatal("the second instance does not know the session")
		}
		time.Sleep(time.Second)
		first := receiverOf(o, store)
		o.Serve(other, first)
		o.send(wecomtest.Callback{URL: other, Token: token, EncodingAESKey: aesKey}, wecomtest.DeletedUser("zhangsan"))
		time.Sleep(core.DefaultRevokeWithin + time.Second)
		if o.loggedIn(browser, oa) {
			t.Error("the second instance still knows the session")
		}
	})
}

// receiverOf is the receiver of one more instance.
func receiverOf(o office, store scs.Store) http.Handler {
	auth, err := core.New(core.Config{Provider: o.App(), BaseURL: oa, Store: store, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		o.t.Fatal(err)
	}
	return receiver(o.t, new(inbox), func(c *events.Config) { c.ReceiveID, c.Handle = o.App().CorpID, events.Revoke(auth) })
}

func TestAnotherCompanysEventEndsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, adapters["net/http"])
		zhangsan := o.signIn("zhangsan")
		time.Sleep(time.Second)
		theirs := callback
		theirs.ReceiveID = otherCorp
		mixed := wecomtest.DeletedUser("zhangsan")
		mixed["ToUserName"] = otherCorp
		if o.Send(t.Context(), theirs, wecomtest.DeletedUser("zhangsan")) == nil || o.Send(t.Context(), callback, mixed) == nil {
			t.Error("the event was taken")
		}
		if !o.loggedIn(zhangsan, oa) {
			t.Error("zhangsan was logged out")
		}
	})
}

func TestAnAppThatFailsIsToldThreeTimes(t *testing.T) {
	fake, in := wecomtest.New(wecomtest.Config{}), &inbox{err: errors.New("not now")}
	fake.Serve(oa, receiver(t, in, func(c *events.Config) { c.ReceiveID = fake.App().CorpID }))
	if err := fake.Send(context.Background(), callback, wecomtest.DeletedUser("zhangsan")); err == nil || len(in.got) != 3 {
		t.Errorf("told %d times: %v", len(in.got), err)
	}
	in.err = nil
	if err := fake.Send(context.Background(), callback, wecomtest.DeletedUser("zhangsan")); err != nil || len(in.got) != 4 {
		t.Errorf("told %d times: %v", len(in.got), err)
	}
}

func TestASuiteGetsItsTicket(t *testing.T) {
	fake, in := wecomtest.New(wecomtest.Config{}), new(inbox)
	fake.Serve(oa, receiver(t, in, func(c *events.Config) { c.ReceiveID = suiteID }))
	c := callback
	c.ReceiveID = suiteID
	err := fake.Send(context.Background(), c, wecomtest.SuiteTicket(ticket))
	if err != nil || len(in.got) != 1 || in.got[0].Type != events.TypeSuiteTicket || in.got[0].Ticket != ticket || in.got[0].SuiteID != suiteID || in.got[0].CorpID != "" {
		t.Errorf("%v: %v", err, in.got)
	}
}
