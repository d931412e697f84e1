package e2e

import (
	"fmt"
	"net/http"
	"testing"
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
