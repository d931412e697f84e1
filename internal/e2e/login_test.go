package e2e

import (
	"strings"
	"testing"
)

func TestFirstVisitInTheClient(t *testing.T) {
	s := newSite(t, nil)
	b := s.tab(agentWeCom, "zh-CN").open(base + "/me?week=3").sees(pick("zhangsan"))
	if href := b.href(); !strings.HasPrefix(href, inClient) || !strings.HasSuffix(href, "#wechat_redirect") {
		t.Fatalf("the sign-in page is at %s", href)
	}
	// The person is greeted at the address they asked for, without code, state or
	// WeCom's fragment.
	b.click(pick("zhangsan")).greeted("zhangsan", base+"/me?week=3")

	// A reload of the callback goes to the page; the code is not sent again.
	b.open(b.loaded("code=")).greeted("zhangsan", base+"/me?week=3")
	if n := s.fake.Calls("auth/getuserinfo"); n != 1 {
		t.Errorf("%d exchanges", n)
	}
	b.noViolations()
}

func TestBackAfterTheLogin(t *testing.T) {
	t.Run("from a public page, Back is that page again", func(t *testing.T) {
		s := newSite(t, nil)
		s.fake.SignIn("zhangsan")
		b := s.tab(agentWeCom, "zh-CN").open(base+"/").sees("#home").click("#me").greeted("zhangsan", base+"/me?week=3")
		b.leave("history.back()")
		b.at(base + "/").sees("#home")
		b.leave("history.forward()")
		b.greeted("zhangsan", base+"/me?week=3")
	})
	t.Run("Back to WeCom's page, which signs in again, ends logged in and not in an error", func(t *testing.T) {
		s := newSite(t, nil)
		b := s.tab(agentWeCom, "zh-CN").open(base+"/me?week=3").sees(pick("zhangsan")).click(pick("zhangsan")).greeted("zhangsan", base+"/me?week=3")
		b.leave("history.back()")
		b.sees(pick("zhangsan")).click(pick("zhangsan")).greeted("zhangsan", base+"/me?week=3")
		if n := s.fake.Calls("auth/getuserinfo"); n != 1 {
			t.Errorf("%d exchanges: the second code was not needed", n)
		}
	})
}

func TestTabsSideBySide(t *testing.T) {
	s := newSite(t, nil)
	one := s.tab(agentWeCom, "zh-CN").open(base + "/me?week=1").sees(pick("zhangsan"))
	two := one.beside(agentWeCom, "zh-CN").open(base + "/me?week=2").sees(pick("zhangsan"))
	one.click(pick("zhangsan")).greeted("zhangsan", base+"/me?week=1")
	two.click(pick("zhangsan")).greeted("zhangsan", base+"/me?week=2")
}
