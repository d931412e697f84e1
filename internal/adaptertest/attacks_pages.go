package adaptertest

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
)

const (
	markup = `"'><script>alert(1)</script><img src=x onerror=alert(1)>{{.}}`
	marked = "/any/" + markup + "?q=" + markup
)

// hostileHeaders hold markup wherever a page might repeat them.
var hostileHeaders = []string{
	"User-Agent", "wxwork/4.1.22 " + markup, "Accept-Language", "en" + markup, "Referer", base + "/" + markup,
	"Origin", "https://" + markup, "X-Request-Id", markup, "X-Requested-With", markup,
}

// pageWorld is an application whose parts can be made to fail.
type pageWorld struct {
	*world
	mount   Mount
	store   *store
	onLogin func() error
}

func newPageWorld(t *testing.T, mount Mount) *pageWorld {
	p := &pageWorld{mount: mount, store: &store{items: map[string][]byte{}}, onLogin: func() error { return nil }}
	fake := wecomtest.New(wecomtest.Config{Employees: []wecomtest.Employee{{UserID: "zhangsan", Name: markup, Departments: []int{3}}}})
	p.world = newWorldAt(t, mount, fake, func(c *core.Config) {
		c.CallbackPath, c.Store = "/login", p.store
		c.OnLogin = func(context.Context, core.Identity) error { return p.onLogin() }
	})
	return p
}

// send adds the headers that hold markup.
func (p *pageWorld) send(method, target string, header ...string) *httptest.ResponseRecorder {
	return p.raw(method, target, append(slices.Clone(hostileHeaders), header...)...)
}

// back begins a login at the page with markup in its address, or goes on from a
// page of the second round, and returns the callback's target and the cookies.
func (p *pageWorld) back(rec *httptest.ResponseRecorder) (target, cookies string) {
	p.t.Helper()
	if rec == nil {
		rec = p.send("GET", marked)
	}
	address := rec.Header().Get("Location")
	if m := refresh.FindStringSubmatch(rec.Body.String()); m != nil {
		address = strings.ReplaceAll(m[1], "&amp;", "&")
	}
	for _, c := range rec.Result().Cookies() {
		cookies += c.Name + "=" + c.Value + "; "
	}
	v := p.visitor("zhangsan").still().open(address).want(302)
	return strings.TrimPrefix(v.location(), base), cookies
}

// finish brings a login back while something is wrong.
func (p *pageWorld) finish(fault wecomtest.Fault) *httptest.ResponseRecorder {
	p.t.Helper()
	fault.Msg = markup
	if fault.API != "" {
		p.fake.Fail(fault)
	}
	target, cookies := p.back(nil)
	return p.send("GET", target, "Cookie", cookies)
}

// pages makes every page that the package can show, by the word in its footer,
// which is its Kind's (a test of this package wants all of them), or by what it does.
var pages = map[string]func(p *pageWorld) *httptest.ResponseRecorder{
	"login_required": func(p *pageWorld) *httptest.ResponseRecorder { return p.send("POST", marked, "Origin", base) },
	"cross_origin":   func(p *pageWorld) *httptest.ResponseRecorder { return p.send("POST", marked) },
	"login_in_frame": func(p *pageWorld) *httptest.ResponseRecorder {
		return p.send("GET", marked, "Sec-Fetch-Dest", "iframe")
	},
	"method_not_allowed": func(p *pageWorld) *httptest.ResponseRecorder { return p.send("POST", "/login?return_to="+marked) },
	"Sign out?":          func(p *pageWorld) *httptest.ResponseRecorder { return p.send("GET", "/logout?"+markup) },
	"open_in_wecom": func(p *pageWorld) *httptest.ResponseRecorder {
		return p.send("GET", marked, "User-Agent", "iPhone "+markup)
	},
	"forbidden": func(p *pageWorld) *httptest.ResponseRecorder {
		return p.send("GET", "/admin?"+markup, "Cookie", p.visitor("zhangsan").open("/me").cookies())
	},
	"login_refused": func(p *pageWorld) *httptest.ResponseRecorder {
		p.onLogin = func() error { return errors.New(markup) }
		return p.finish(wecomtest.Fault{})
	},
	"internal": func(p *pageWorld) *httptest.ResponseRecorder {
		p.onLogin = func() error { panic(markup) }
		return p.finish(wecomtest.Fault{})
	},
	"store_unavailable": func(p *pageWorld) *httptest.ResponseRecorder {
		p.store.fail = map[string]bool{"commit": true}
		return p.finish(wecomtest.Fault{})
	},
	"not_member": func(p *pageWorld) *httptest.ResponseRecorder {
		return p.finish(wecomtest.Fault{API: "auth/getuserinfo", Body: `{"errcode":0,"openid":"o1"}`})
	},
	"other_corp": func(p *pageWorld) *httptest.ResponseRecorder {
		return p.finish(wecomtest.Fault{API: "auth/getuserinfo", Body: `{"errcode":0,"userid":"ww2/zhangsan"}`})
	},
	"no_such_company": func(p *pageWorld) *httptest.ResponseRecorder {
		gate, err := core.NewCorps(func(*http.Request) *core.Authenticator { return nil }, p.auth)
		if err != nil {
			p.t.Fatal(err)
		}
		p.app = p.mount(gate, p.routes())
		return p.send("GET", marked, "Host", markup)
	},
	"not_visible": func(p *pageWorld) *httptest.ResponseRecorder {
		return p.finish(wecomtest.Fault{API: "auth/getuserinfo", Code: 50002})
	},
	"misconfigured": func(p *pageWorld) *httptest.ResponseRecorder {
		return p.finish(wecomtest.Fault{API: "gettoken", Code: 40013})
	},
	"wecom_unavailable": func(p *pageWorld) *httptest.ResponseRecorder {
		return p.finish(wecomtest.Fault{API: "auth/getuserinfo", Code: 45033})
	},
	"wecom_bad_answer": func(p *pageWorld) *httptest.ResponseRecorder {
		return p.finish(wecomtest.Fault{API: "auth/getuserinfo", Body: markup})
	},
	"login_cancelled": func(p *pageWorld) *httptest.ResponseRecorder {
		p.fake.Refuse()
		return p.finish(wecomtest.Fault{})
	},
	"bad_callback": func(p *pageWorld) *httptest.ResponseRecorder {
		target, cookies := p.back(nil)
		return p.send("GET", target+"&code="+markup, "Cookie", cookies)
	},
	"code_invalid": func(p *pageWorld) *httptest.ResponseRecorder {
		target, cookies := p.back(p.finish(wecomtest.Fault{API: "auth/getuserinfo", Code: 40029}))
		return p.send("GET", target, "Cookie", cookies)
	},
	"login_loop": func(p *pageWorld) *httptest.ResponseRecorder {
		target, _ := p.back(nil)
		target, _ = p.back(p.send("GET", target))
		return p.send("GET", target)
	},
	"the second round": func(p *pageWorld) *httptest.ResponseRecorder {
		target, _ := p.back(nil)
		return p.send("GET", target+"&q="+markup)
	},
	"the end of a second round": func(p *pageWorld) *httptest.ResponseRecorder {
		target, cookies := p.back(p.finish(wecomtest.Fault{API: "auth/getuserinfo", Code: 40029, Times: 1}))
		return p.send("GET", target, "Cookie", cookies)
	},
	"waiting for another tab": func(p *pageWorld) *httptest.ResponseRecorder {
		_, cookies := p.back(nil)
		target, _ := p.back(nil)
		return p.send("GET", target+"&q="+markup, "Cookie", cookies)
	},
}

func testPages(t *testing.T, mount Mount) {
	t.Run("XSS and clickjacking: every page shows markup as text, runs one script at most, and is in nobody's frame", func(t *testing.T) {
		for name, open := range pages {
			rec := open(newPageWorld(t, mount))
			if waits := strings.Contains(name, " "); rec.Code < 400 != waits && name != "Sign out?" || !waits && !strings.Contains(rec.Body.String(), "<footer>"+name) {
				t.Errorf("%s: another page: status %d, %.1500s", name, rec.Code, rec.Body)
			}
			inspect(t, name, rec, name == "login_in_frame")
		}
	})
	t.Run("XSS: the page that asks for the fragment", func(t *testing.T) {
		w := newWorld(t, mount, func(c *core.Config) { c.KeepFragment = true })
		rec := w.raw("GET", marked, hostileHeaders...)
		if !strings.Contains(rec.Body.String(), "<script>") {
			t.Errorf("another page: status %d", rec.Code)
		}
		inspect(t, "the fragment's page", rec, false)
	})
}

var (
	element    = regexp.MustCompile(`<[^>]*>`)
	valueOf    = regexp.MustCompile(`([^\s="]+)="[^"]*"`)
	scriptOf   = regexp.MustCompile(`(?s)<script>(.*?)</script>`)
	styleOf    = regexp.MustCompile(`(?s)<style>.*?</style>`)
	elements   = strings.Fields("!DOCTYPE html head meta title style body main h1 p a svg rect path form button footer noscript script")
	attributes = strings.Fields("html lang charset name content http-equiv class id href target method formaction viewBox role aria-label width height fill d")
)

// inspect checks that a page is made of nothing but what our template has.
func inspect(t *testing.T, name string, rec *httptest.ResponseRecorder, framed bool) {
	t.Helper()
	body, policy := rec.Body.String(), rec.Header().Get("Content-Security-Policy")
	for _, m := range scriptOf.FindAllStringSubmatch(body, -1) {
		sum := sha256.Sum256([]byte(m[1]))
		if !strings.Contains(policy, "script-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") {
			t.Errorf("%s: a script that is not ours: %s", name, m[1])
		}
	}
	for _, tag := range element.FindAllString(styleOf.ReplaceAllString(scriptOf.ReplaceAllString(body, ""), ""), -1) {
		inner := strings.Trim(tag, "</>")
		kind, _, _ := strings.Cut(inner, " ")
		for _, a := range valueOf.FindAllStringSubmatch(inner, -1) {
			if !slices.Contains(attributes, a[1]) {
				t.Errorf("%s: attribute %q in %s", name, a[1], tag)
			}
		}
		if bare := strings.Fields(valueOf.ReplaceAllString(strings.TrimPrefix(inner, kind), "")); len(bare) > 1 || len(bare) == 1 && bare[0] != "html" || !slices.Contains(elements, kind) {
			t.Errorf("%s: %s", name, tag)
		}
	}
	h := rec.Header()
	if to := Site(base).Foreign(h, body); to != "" {
		t.Errorf("%s: leads to %s", name, to)
	}
	if !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "frame-ancestors 'self'") == framed ||
		h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("%s: %v", name, h)
	}
}
