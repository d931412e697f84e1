package model

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// browser is one person's: cookies, and a session at WeCom.
type browser struct {
	name    string
	person  string // who is signed in at WeCom in it
	honest  bool
	blocks  bool // takes no cookies
	loses   bool // takes no sessions
	jar     []*http.Cookie
	planted []*http.Cookie // by a sibling subdomain: in front of the others
	behind  []*http.Cookie
	tabs    [2]tab
}

// tab is where one of its tabs has come to.
type tab struct {
	pending string // the callback that WeCom has sent it to, not yet loaded
	used    string // the callback that it has loaded last
}

// ending is where following a page load has led to.
type ending uint8

const (
	onPage  ending = iota // the handler ran
	atWeCom               // and WeCom has given the tab a callback
	refused               // a page that says why
	endless
)

// maxHops is how many answers a page load may take to get anywhere. A tab that
// waits for another's login asks every two seconds, for twenty at most.
const maxHops = 20

var (
	refresh = regexp.MustCompile(`http-equiv="refresh" content="0; url=([^"]+)"`)
	later   = regexp.MustCompile(`http-equiv="refresh" content="2; url=([^"]+)"`)
)

// take keeps an answer's cookies, as browsers do.
func (b *browser) take(res *http.Response) {
	for _, c := range res.Cookies() {
		if b.blocks || b.loses && isSession(c) {
			continue
		}
		b.drop(c.Name)
		if c.MaxAge > 0 {
			c.Expires = time.Now().Add(time.Duration(c.MaxAge) * time.Second)
			b.jar = append(b.jar, c)
		}
	}
}

func (b *browser) drop(name string) {
	kept := make([]*http.Cookie, 0, len(b.jar)+1) // snapshots may share the old one
	for _, c := range b.jar {
		if c.Name != name {
			kept = append(kept, c)
		}
	}
	b.jar = kept
}

// cookies is the Cookie header. An attacker's browser forgets nothing.
func (b *browser) cookies() string {
	var all []string
	for _, list := range [][]*http.Cookie{b.planted, b.jar, b.behind} {
		for _, c := range list {
			if !b.honest || time.Now().Before(c.Expires) {
				all = append(all, c.Name+"="+c.Value)
			}
		}
	}
	return strings.Join(all, "; ")
}

// session is the token in the browser's own cookies, or "".
func (b *browser) session() string {
	for _, c := range b.jar {
		if isSession(c) && time.Now().Before(c.Expires) {
			return c.Value
		}
	}
	return ""
}

func isSession(c *http.Cookie) bool { return len(c.Value) == 43 }

// attempts returns the browser's attempt cookies.
func (b *browser) attempts() []*http.Cookie {
	var all []*http.Cookie
	for _, c := range b.jar {
		if !isSession(c) {
			all = append(all, c)
		}
	}
	return all
}

// open loads an address in a tab and follows where it leads, up to WeCom.
func (w *world) open(b *browser, t *tab, address string) ending {
	if strings.Contains(address, "code=") {
		t.pending, t.used = "", address
	}
	for hop := 1; hop <= maxHops; hop++ {
		w.hops = max(w.hops, hop)
		rec := w.load(b, address)
		body := rec.Body.String()
		next := rec.Header().Get("Location")
		if m := refresh.FindStringSubmatch(body); m != nil {
			next = html.UnescapeString(m[1])
		}
		switch {
		case strings.HasPrefix(next, authorize):
			t.pending = w.weCom.signIn(b, next)
			return atWeCom
		case next != "":
			address = next
		case later.MatchString(body):
			address = html.UnescapeString(later.FindStringSubmatch(body)[1])
			time.Sleep(2 * time.Second)
		case body == greeting:
			return onPage
		default:
			return refused
		}
	}
	w.violate("%s: a page load leads nowhere after %d answers", b.name, maxHops)
	return endless
}

// browse is open that goes on through WeCom.
func (w *world) browse(b *browser, t *tab) ending {
	address := w.site + "/me"
	for range maxHops {
		if end := w.open(b, t, address); end != atWeCom {
			return end
		}
		address = t.pending
	}
	w.violate("%s: a login goes round for ever", b.name)
	return endless
}

// load is one page load.
func (w *world) load(b *browser, address string) answer {
	rec := w.send(b, w.balancer, b.request(http.MethodGet, address, "navigate"))
	w.receive(b, rec)
	return rec
}

// request is what the browser sends; mode is that of the Fetch standard.
func (b *browser) request(method, address, mode string) *http.Request {
	u, err := url.Parse(address)
	if err != nil {
		u = &url.URL{Path: "/"}
	}
	u.Fragment = ""
	h := http.Header{"Sec-Fetch-Mode": {mode}, "Sec-Fetch-Site": {"same-origin"}, "Accept": {"text/html"}}
	if c := b.cookies(); c != "" {
		h["Cookie"] = []string{c}
	}
	return &http.Request{Method: method, URL: u, Host: u.Host, RequestURI: u.RequestURI(), Header: h, RemoteAddr: "10.0.0.1:1", Body: http.NoBody}
}
