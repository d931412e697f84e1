package e2e

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"github.com/wecomauth/wecomauth/core/wecomtest"
)

const (
	agentWeCom   = wecomtest.UserAgentWeCom
	agentDesktop = wecomtest.UserAgentDesktop
	agentPhone   = wecomtest.UserAgentPhone
)

// patience is for machines that are very slow: nothing waits for it to pass.
const patience = 20 * time.Second

// pick is the button of an employee on the fake's sign-in pages.
func pick(userID string) string { return `button[name="userid"][value="` + userID + `"]` }

// tab is one tab of a browser, with what happened in it.
type tab struct {
	t       *testing.T
	life    context.Context
	ctx     context.Context // life, as long as a test has patience
	browser context.Context
	jar     cdp.BrowserContextID

	mu      sync.Mutex
	loads   []string // addresses of page loads, redirects included
	console []string // what the browser complained of
}

// tab opens a tab with a cookie jar of its own, in the browser of all tests.
func (s *site) tab(agent, lang string) *tab {
	s.t.Helper()
	browser := sharedBrowser(s.t)
	control := cdp.WithExecutor(browser, chromedp.FromContext(browser).Browser)
	jar, err := target.CreateBrowserContext().Do(control)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = target.DisposeBrowserContext(jar).Do(control) })
	return newTab(s.t, browser, jar, agent, lang)
}

// beside opens another tab that shares this one's cookies.
func (b *tab) beside(agent, lang string) *tab {
	b.t.Helper()
	return newTab(b.t, b.browser, b.jar, agent, lang)
}

// newTab opens a tab in a window of its own: a cookie jar without a window has
// no room for a tab.
func newTab(t *testing.T, browser context.Context, jar cdp.BrowserContextID, agent, lang string) *tab {
	t.Helper()
	id, err := target.CreateTarget("about:blank").WithBrowserContextID(jar).WithNewWindow(true).
		Do(cdp.WithExecutor(browser, chromedp.FromContext(browser).Browser))
	if err != nil {
		t.Fatal(err)
	}
	life, end := chromedp.NewContext(browser, chromedp.WithTargetID(id))
	t.Cleanup(end)
	if err := chromedp.Run(life); err != nil { // the tab lives as long as this context
		t.Fatal(err)
	}
	ctx, endTimeout := context.WithTimeout(life, patience)
	t.Cleanup(endTimeout)
	b := &tab{t: t, life: life, ctx: ctx, browser: browser, jar: jar}
	chromedp.ListenTarget(ctx, b.listen)
	b.run(network.Enable(), emulation.SetUserAgentOverride(agent).WithAcceptLanguage(lang))
	return b
}

func (b *tab) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if e.Type == network.ResourceTypeDocument {
			b.loads = append(b.loads, e.Request.URL+e.Request.URLFragment)
		}
	case *cdplog.EventEntryAdded:
		b.console = append(b.console, string(e.Entry.Source)+": "+e.Entry.Text+" "+e.Entry.URL)
	case *runtime.EventExceptionThrown:
		b.console = append(b.console, "exception: "+e.ExceptionDetails.Error())
	}
}

// loaded returns the last page load whose address holds a text.
func (b *tab) loaded(text string) string {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := len(b.loads) - 1; i >= 0; i-- {
		if strings.Contains(b.loads[i], text) {
			return b.loads[i]
		}
	}
	b.t.Fatalf("no page load with %q in %q", text, b.loads)
	return ""
}

// noViolations checks that no page did what its policy forbids.
func (b *tab) noViolations() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, line := range b.console {
		if strings.Contains(line, "Content Security Policy") || strings.HasPrefix(line, "exception: ") {
			b.t.Errorf("the browser complained: %s", line)
		}
	}
}

func (b *tab) run(actions ...chromedp.Action) {
	b.t.Helper()
	if err := chromedp.Run(b.ctx, actions...); err != nil {
		b.fatal(err.Error())
	}
}

// fatal says where the browser is. The test's patience may be over.
func (b *tab) fatal(why string) {
	b.t.Helper()
	ctx, end := context.WithTimeout(b.life, 5*time.Second)
	defer end()
	var where string
	_ = chromedp.Run(ctx, chromedp.Evaluate(`location.href + "\n" + document.body.innerText.slice(0, 600)`, &where))
	b.mu.Lock()
	defer b.mu.Unlock()
	b.t.Fatalf("%s\nat %s\nloads:\n%s\nconsole:\n%s", why, where, strings.Join(b.loads, "\n"), strings.Join(b.console, "\n"))
}

// open loads an address and what it redirects to.
func (b *tab) open(address string) *tab {
	b.t.Helper()
	b.run(chromedp.Navigate(address))
	return b
}

// until waits until a condition holds, over any number of page loads, each of
// which ends a poll.
func (b *tab) until(condition string) *tab {
	b.t.Helper()
	for {
		err := chromedp.Run(b.ctx, chromedp.Poll(condition, nil, chromedp.WithPollingInterval(10*time.Millisecond), chromedp.WithPollingTimeout(0)))
		if err == nil {
			return b
		}
		if b.ctx.Err() != nil {
			b.fatal("waited in vain for " + condition)
		}
	}
}

// sees waits until the page holds an element, and each text.
func (b *tab) sees(selector string, texts ...string) *tab {
	b.t.Helper()
	condition := "document.readyState === 'complete' && !!document.querySelector(" + quote(selector) + ")"
	for _, text := range texts {
		condition += " && document.body.innerText.includes(" + quote(text) + ")"
	}
	return b.until(condition)
}

// at waits until the address is this one, but for an empty fragment.
func (b *tab) at(address string) *tab {
	b.t.Helper()
	return b.until("document.readyState === 'complete' && location.href.replace(/#$/, '') === " + quote(address))
}

// leave runs a script that leaves the page, once its own answer is on the way: a
// page that goes takes the answer with it.
func (b *tab) leave(script string) {
	b.t.Helper()
	b.run(chromedp.Evaluate("setTimeout(() => { "+script+" }, 0); 0", nil))
}

func (b *tab) click(selector string) *tab {
	b.t.Helper()
	b.run(chromedp.Click(selector, chromedp.ByQuery))
	return b
}

// cookies returns those that the browser keeps for the application.
func (b *tab) cookies() (session *network.Cookie, attempts []*network.Cookie) {
	b.t.Helper()
	var all []*network.Cookie
	b.run(chromedp.ActionFunc(func(ctx context.Context) (err error) {
		all, err = network.GetCookies().WithURLs([]string{base}).Do(ctx)
		return err
	}))
	for _, c := range all {
		if anAttempt.MatchString(c.Name) {
			attempts = append(attempts, c)
		} else {
			session = c
		}
	}
	return session, attempts
}

var anAttempt = regexp.MustCompile(`^__Host-wecomauth-[0-9a-f]{8}-[0-5]$`)

func (b *tab) href() string {
	b.t.Helper()
	var href string
	b.run(chromedp.Location(&href))
	return href
}

// greeted waits for the application's page, at an address without leftovers.
func (b *tab) greeted(userID, address string) *tab {
	b.t.Helper()
	b.at(address).sees("#hello", "hello "+userID)
	return b
}

func quote(s string) string {
	b, _ := json.Marshal(s) // a string does not fail
	return string(b)
}
