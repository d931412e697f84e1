package e2e

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// blockCookies is chromium's "block all cookies" in a profile.
const blockCookies = `{"profile":{"default_content_setting_values":{"cookies":2}}}`

func TestCookiesBlocked(t *testing.T) {
	s := newSite(t, nil)
	s.fake.SignIn("zhangsan")
	ctx, stop, err := startBrowser(chromiumPath(t), blockCookies)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	b := newTab(t, ctx, "", agentWeCom, "zh-CN").open(base+"/me?week=3").sees("#go", "登录未能完成", "Cookie", "login_loop")
	if n := s.fake.Calls("authorize"); n != 2 {
		t.Errorf("WeCom was asked %d times, want 2: a redirect, then a page", n)
	}
	if n := s.fake.Calls("auth/getuserinfo"); n != 0 {
		t.Errorf("%d codes were sent to WeCom for a browser without the attempt", n)
	}
	// Trying again changes nothing, and does not loop either: the same page, with
	// another id.
	var id string
	b.run(chromedp.Text("footer", &id, chromedp.ByQuery))
	b.click("#go").until(`document.querySelector("footer")?.innerText.startsWith("login_loop") && document.querySelector("footer").innerText !== ` + quote(id))
	if n := s.fake.Calls("authorize"); n != 4 {
		t.Errorf("WeCom was asked %d times after the second try, want 4", n)
	}
}

// TestCookiesOfRedirectsDropped: some WebViews forget the cookies of a redirect
// to another site. The second round sets them on a page. The query that was asked
// for went with the first cookie.
func TestCookiesOfRedirectsDropped(t *testing.T) {
	s := newSite(t, nil)
	s.fake.SignIn("zhangsan")
	s.serve("oa.example.com", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		s.mux.ServeHTTP(rec, r)
		if to := rec.Header().Get("Location"); to != "" && !strings.HasPrefix(to, base) {
			rec.Header().Del("Set-Cookie")
		}
		copyTo(w, rec)
	}))
	s.tab(agentWeCom, "zh-CN").open(base+"/me?week=3").greeted("zhangsan", base+"/me").noViolations()
	if n := s.fake.Calls("authorize"); n != 2 {
		t.Errorf("WeCom was asked %d times, want 2", n)
	}
}
