package e2e

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"testing/synctest"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/nethttpmw"
)

// TestTwentyTabs: a browser that restores its tabs loads all of them at once,
// without a session.
func TestTwentyTabs(t *testing.T) {
	s := newSite(t, nil)
	s.fake.SignIn("zhangsan")
	tabs := []*tab{s.tab(agentWeCom, "zh-CN")}
	for len(tabs) < 20 {
		tabs = append(tabs, tabs[0].beside(agentWeCom, "zh-CN"))
	}
	page := func(i int) string { return fmt.Sprintf("%s/me?tab=%d", base, i) }
	for i, b := range tabs {
		b.leave("location.href = " + quote(page(i)))
	}
	for i, b := range tabs {
		b.sees("#hello", "hello zhangsan")
		// A tab whose attempt others have pushed out comes back without its query.
		if at := b.href(); at != page(i) && at != base+"/me" && at != base+"/me#" && at != page(i)+"#" {
			t.Errorf("tab %d ended at %s", i, at)
		}
	}
}

// TestDoubleDelivery: some WebViews load the callback twice.
func TestDoubleDelivery(t *testing.T) {
	s := newSite(t, nil)
	one := s.tab(agentWeCom, "zh-CN").open(base + "/me?week=3").sees(pick("zhangsan"))
	two := one.beside(agentWeCom, "zh-CN")
	back := s.callbackOf(one.loaded(inClient))
	for _, b := range []*tab{one, two} {
		b.leave("location.href = " + quote(back))
	}
	for _, b := range []*tab{one, two} {
		b.greeted("zhangsan", base+"/me?week=3")
	}
	if n := s.fake.Calls("auth/getuserinfo"); n != 1 {
		t.Errorf("%d exchanges of one code", n)
	}
}

// callbackOf signs zhangsan in at WeCom, elsewhere, and returns where WeCom sends
// the browser.
func (s *site) callbackOf(login string) string {
	s.t.Helper()
	c := s.fake.Browser("zhangsan")
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := c.Get(login)
	if err != nil {
		s.t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.Header.Get("Location")
}

// TestExpiredAttempt: somebody comes back from WeCom's page long after they went
// there, when the browser has thrown the attempt away. It is no loop: the login
// begins anew, once, and ends where it was to.
func TestExpiredAttempt(t *testing.T) {
	keys := []core.Key{core.Key("32 bytes that two of them share.")}
	s := newSite(t, func(c *core.Config) { c.Keys = keys })
	var state string
	synctest.Test(t, func(t *testing.T) { // whose clock shows the year 2000
		old, err := core.New(core.Config{Provider: s.fake.App(), BaseURL: base, Keys: keys, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodGet, "/me", nil)
		r.Header.Set("Accept", "text/html")
		w := httptest.NewRecorder()
		nethttpmw.Require(old)(http.NotFoundHandler()).ServeHTTP(w, r)
		u, err := url.Parse(w.Header().Get("Location"))
		if err != nil {
			t.Fatal(err)
		}
		state = u.Query().Get("state")
	})
	s.tab(agentWeCom, "zh-CN").open(base+"/me?code=old&state="+state).sees(pick("zhangsan")).click(pick("zhangsan")).greeted("zhangsan", base+"/me")
	if n := s.fake.Calls("auth/getuserinfo"); n != 1 {
		t.Errorf("%d codes were sent, want the new one", n)
	}
}

// TestFormAfterTheSessionEnded: what was typed goes nowhere but to the
// application, and the person finds the way back to the form.
func TestFormAfterTheSessionEnded(t *testing.T) {
	s := newSite(t, nil)
	s.fake.SignIn("zhangsan")
	posted := make(chan string, 1)
	form := func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			posted <- r.FormValue("text")
		}
		writePage(w, `<form method="post"><label>text <input name="text"></label><button id="send">send</button></form>`)
	}
	s.mux.Handle("/form", nethttpmw.Require(s.auth)(http.HandlerFunc(form)))
	b := s.tab(agentWeCom, "zh-CN").open(base + "/form").sees("#send")
	if err := s.auth.Revoke(t.Context(), "", "zhangsan"); err != nil {
		t.Fatal(err)
	}
	b.leave(`document.querySelector("input").value = "typed"; document.querySelector("#send").click()`)
	b.sees("#go", "请先登录", "login_required")
	select {
	case text := <-posted:
		t.Errorf("the handler ran, with %q", text)
	default:
	}
	b.click("#go").sees("#send")
	b.leave(`document.querySelector("input").value = "again"; document.querySelector("#send").click()`)
	select {
	case text := <-posted:
		if text != "again" {
			t.Errorf("posted %q", text)
		}
	case <-b.ctx.Done():
		b.fatal("the form cannot be sent after the login")
	}
	b.noViolations()
}
