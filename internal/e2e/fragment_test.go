package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/wecomauth/wecomauth/core"
)

func keepFragment(c *core.Config) { c.KeepFragment = true }

func TestKeepFragment(t *testing.T) {
	for _, tc := range []struct{ name, asked, want string }{
		{"a hash route", "/app#/orders/7", "/app#/orders/7"},
		{"with a query in front and one behind", "/app?week=3#/orders?a=1&b=2%20c", "/app?week=3#/orders?a=1&b=2%20c"},
		{"with Chinese characters", "/app#/订单", "/app#/%E8%AE%A2%E5%8D%95"},
		{"none", "/app?week=3", "/app?week=3"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newSite(t, keepFragment).tab(agentWeCom, "zh-CN").open(base + tc.asked)
			b.sees(pick("zhangsan")).click(pick("zhangsan")).greeted("zhangsan", base+tc.want)
			b.noViolations() // the policy allows exactly the script of that page
		})
	}
	t.Run("with a session there is no page in between", func(t *testing.T) {
		s := newSite(t, keepFragment)
		s.fake.SignIn("zhangsan")
		b := s.tab(agentWeCom, "zh-CN").open(base+"/app").greeted("zhangsan", base+"/app")
		b.open(base+"/app?again#/orders/7").greeted("zhangsan", base+"/app?again#/orders/7")
	})
	t.Run("without JavaScript the login works and the fragment is lost", func(t *testing.T) {
		b := newSite(t, keepFragment).tab(agentWeCom, "zh-CN")
		b.run(emulation.SetScriptExecutionDisabled(true))
		b.open(base + "/app?week=3#/orders/7").click(pick("zhangsan"))
		b.run(chromedp.WaitVisible("#hello", chromedp.ByQuery)) // no script can wait in such a page
		if href := strings.TrimSuffix(b.href(), "#"); href != base+"/app?week=3" {
			t.Errorf("the login ended at %s", href)
		}
	})
}
