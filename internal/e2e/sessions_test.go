package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// TestTwentyTabs: a browser that restores its tabs loads all of them at once,
// without a session.
func TestTwentyTabs(t *testing.T) {
	for _, tc := range []struct {
		name    string
		inTurns bool // or all begin at once, and may be given the same slots
	}{
		{"that begin at once", false},
		{"that begin in turns", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newSite(t, nil)
			s.fake.SignIn("zhangsan")
			there := s.gatherAtWeCom(20)
			tabs := []*tab{s.tab(agentWeCom, "zh-CN")}
			for len(tabs) < 20 {
				tabs = append(tabs, tabs[0].beside(agentWeCom, "zh-CN"))
			}
			page := func(i int) string { return fmt.Sprintf("%s/me?tab=%d", base, i) }
			for i, b := range tabs {
				b.leave("location.href = " + quote(page(i)))
				if tc.inTurns {
					<-there
				}
			}
			own := 0
			for i, b := range tabs {
				b.sees("#hello", "hello zhangsan")
				// A tab whose attempt others have pushed out comes back without its query.
				switch at := strings.TrimSuffix(b.href(), "#"); at {
				case page(i):
					own++
				case base + "/me":
				default:
					t.Errorf("tab %d ended at %s", i, at)
				}
			}
			if own < 6 && tc.inTurns {
				t.Errorf("%d tabs ended at their own address, want one for each of six slots", own)
			}
		})
	}
}

// gatherAtWeCom lets no login go on until n have come to WeCom, which it tells of
// each.
func (s *site) gatherAtWeCom(n int) <-chan struct{} {
	var came atomic.Int32
	there, all := make(chan struct{}, n), make(chan struct{})
	s.serve("open.weixin.qq.com", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if i := int(came.Add(1)); i <= n {
			there <- struct{}{}
			if i == n {
				close(all)
			}
		}
		select {
		case <-all:
			s.fake.ServeHTTP(w, r)
		case <-r.Context().Done():
		}
	}))
	return there
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
