package core_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/internal/adaptertest"
)

// FuzzCallback: requests made of what a browser really holds, in any order and
// number: STATE and ATTEMPT of a login under way, the CODE that WeCom has sent for it,
// STOLEN, the state of another browser's login, and SESSION, of lisi. Whatever comes of
// it, nobody passes without the session, and then as lisi; a new session is that of
// the person whose code it was, and is made for nobody but who holds state, attempt
// and code, unspoiled; no answer leads elsewhere; no answer and no log holds the code.
func FuzzCallback(f *testing.F) {
	const navigate = "Sec-Fetch-Mode: navigate\nSec-Fetch-Dest: document"
	for i, seed := range [][3]string{ // the target, the cookies, other headers
		{"/me?code=CODE&state=STATE", "ATTEMPT", navigate},
		{"/me?week=3&code=CODE&state=STATE&x=1", "a=b; ATTEMPT; SESSION", navigate},
		{"/me?code=CODE&state=STATE", "", navigate},
		{"/me?code=CODE&state=STOLEN", "ATTEMPT", navigate},
		{"/me?code=CODE&state=STATE", "SESSION", "Sec-Fetch-Mode: cors\nSec-Fetch-Dest: empty"},
		{"/me?code=CODE&state=STATE", "ATTEMPT", "Sec-Fetch-Dest: iframe"},
		{"/me?state=STATE", "ATTEMPT", navigate},
		{"/me?code=CODE&code=CODE&state=STATE", "ATTEMPT", navigate},
		{"/me?code=CODE&state=STATE&state=STOLEN", "ATTEMPT", navigate},
		{"/login?return_to=//evil.example&code=CODE&state=STATE", "ATTEMPT", navigate},
		{"/login?fresh=1&return_to=/me", "SESSION; ATTEMPT", navigate},
		{"//evil.example/%2e%2e?code=CODE&state=STATE", "ATTEMPT; ATTEMPT", navigate},
		{"/me?code=invented&state=STATE", "ATTEMPT", navigate + "\nHost: b.example.com"},
		{"/me", "SESSION", navigate + "\nHost: nobody.example"},
		{"/me?wecomauth_fragment=%2Fx&code=CODE&state=STATE", "ATTEMPT", navigate},
		{"http://oa.example.com/app/me?code=CODE&state=STATE", "ATTEMPT", "Purpose: prefetch\nAccept: text/html"},
	} {
		for way := range uint8(len(callbackWays)) {
			f.Add(way, "GET", seed[0], seed[1], seed[2], uint16(0))
		}
		f.Add(uint8(i), []string{"HEAD", "POST"}[i%2], seed[0], seed[1], seed[2], uint16(i))
		f.Add(uint8(i), "GET", seed[0], seed[1], seed[2], uint16(7*i+1))
	}
	var worlds [len(callbackWays)]*callbackWorld
	f.Fuzz(func(t *testing.T, way uint8, method, target, cookie, headers string, spoil uint16) {
		n := int(way) % len(worlds)
		if w := worlds[n]; w == nil || w.used == 100 { // before failing codes have used the ration up
			worlds[n] = newCallbackWorld(t, callbackWays[n])
		}
		worlds[n].play(t, method, target, cookie, headers, spoil)
	})
}

const callbackBase = "https://oa.example.com/app"

// realPages is a firm whose login page is WeCom's.
type realPages struct{ firm }

func (p realPages) Open(core.Env) (core.Client, error) { return p, nil }
func (p realPages) AuthCodeURL(r core.AuthRequest) string {
	return "https://open.weixin.qq.com/connect/oauth2/authorize?redirect_uri=" + url.QueryEscape(r.RedirectURL) + "&state=" + r.State
}

// callbackWays are what a request may be asked of.
var callbackWays = [...]func(*core.Config){
	func(*core.Config) {},
	func(c *core.Config) { c.CallbackPath = "/login" },
	func(c *core.Config) { c.KeepFragment, c.Aliases = true, []string{"www.oa.example.com"} },
	nil, // the first of two companies
}

// callbackWorld is a site with a WeCom that has codes for zhangsan.
type callbackWorld struct {
	auth    *core.Authenticator
	gate    core.Gate
	codes   map[string]bool // good once
	session string          // of lisi
	log     bytes.Buffer
	used    int
}

func newCallbackWorld(t *testing.T, change func(*core.Config)) *callbackWorld {
	w := &callbackWorld{codes: map[string]bool{"lisi": true}}
	p := realPages{newFirm("wwa", "")}
	p.exchange = func(_ context.Context, code string) (core.Identity, error) {
		if !w.codes[code] {
			return core.Identity{}, core.ErrCodeInvalid
		}
		delete(w.codes, code)
		if code != "lisi" {
			code = "zhangsan"
		}
		return core.Identity{CorpID: "wwa", UserID: code}, nil
	}
	open := func(p core.Provider) *core.Authenticator {
		c := core.Config{Provider: p, BaseURL: callbackBase, Logger: slog.New(slog.NewTextHandler(&w.log, nil)), Keys: []core.Key{bytes.Repeat([]byte{7}, 32)}}
		if change != nil {
			change(&c)
		}
		auth, err := core.New(c)
		if err != nil {
			t.Fatal(err)
		}
		return auth
	}
	w.auth = open(p)
	w.gate = w.auth
	if change == nil {
		other := open(realPages{newFirm("wwb", "")})
		gate, err := core.NewCorps(func(r *http.Request) *core.Authenticator {
			return map[byte]*core.Authenticator{'b': other, 'n': nil}[(r.Host + "a")[0]]
		}, w.auth, other)
		if err != nil {
			t.Fatal(err)
		}
		w.gate = gate
	}
	state, attempt := w.begin(t)
	_, h := decide(w.auth, "/me?code=lisi&state="+state, []string{attempt})
	for _, c := range cookiesOf(h) {
		if _, value, _ := strings.Cut(c, "="); len(value) == 43 {
			w.session = c
		}
	}
	if w.session == "" {
		t.Fatal("lisi is not logged in")
	}
	return w
}

// begin starts a login and returns its state and its attempt's cookie.
func (w *callbackWorld) begin(t *testing.T) (state, attempt string) {
	_, h := decide(w.auth, "/me?week=3&wecomauth_fragment=", nil)
	_, state, _ = strings.Cut(h.Get("Location"), "state=")
	cookies := cookiesOf(h)
	if len(state) != 48 || len(cookies) != 1 {
		t.Fatalf("no login: %v", h)
	}
	return state, cookies[0]
}

// spoilt is text with one byte changed, but not among the last, of which base64 may
// overlook some bits.
func spoilt(text string, at int) string {
	b := []byte(text)
	i := len(b) - 10 - at%30
	b[i] = map[bool]byte{true: 'b', false: 'a'}[b[i] == 'a']
	return string(b)
}

func (w *callbackWorld) play(t *testing.T, method, target, cookie, headers string, spoil uint16) {
	w.used++
	w.log.Reset()
	code := fmt.Sprintf("c0de-of-zhangsan-%d", w.used)
	w.codes[code] = true
	state, attempt := w.begin(t)
	stolen, _ := w.begin(t)
	sentState, sentAttempt := state, attempt
	switch spoil % 3 {
	case 1:
		sentState = spoilt(state, int(spoil))
	case 2:
		sentAttempt = spoilt(attempt, int(spoil))
	}
	fill := strings.NewReplacer("CODE", code, "STATE", sentState, "STOLEN", stolen, "ATTEMPT", sentAttempt, "SESSION", w.session).Replace
	r := httptest.NewRequest(http.MethodGet, callbackBase, nil)
	r.Method, r.RequestURI = method, fill(target)
	if u, err := url.ParseRequestURI(r.RequestURI); err == nil {
		r.URL = u
	}
	r.Header = http.Header{"Cookie": {fill(cookie)}}
	for line := range strings.Lines(headers) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		if r.Header.Add(name, value); name == "Host" {
			r.Host = value
		}
	}
	c := checks{
		world: w, request: r, code: code,
		session: strings.Contains(cookie, "SESSION") && (w.gate == core.Gate(w.auth) || !strings.ContainsAny(r.Host[:min(1, len(r.Host))], "bn")),
		whole:   spoil%3 == 0 && method == http.MethodGet && strings.Contains(target, "STATE") && strings.Contains(target, "CODE") && strings.Contains(cookie, "ATTEMPT"),
		private: codeIsPrivate(target, cookie+headers, spoil%3 != 1),
	}
	for _, decide := range []func(http.Header, *http.Request) core.Decision{w.gate.Guard(), w.gate.Login, w.gate.Guard(), w.gate.Optional, w.gate.Logout} {
		rec := httptest.NewRecorder()
		c.check(t, decide(rec.Header(), r), rec)
		if t.Failed() {
			t.Fatalf("%s %q, cookies %q", method, target, cookie)
		}
	}
}

// codeIsPrivate reports a callback of ours that holds the code where WeCom puts it,
// and nowhere else: what a visitor writes elsewhere is theirs.
func codeIsPrivate(target, rest string, authentic bool) bool {
	path, query, _ := strings.Cut(target, "?")
	pairs := strings.Split(query, "&")
	return authentic && strings.HasPrefix(path, "/") && !strings.Contains(path+rest, "CODE") && len(query) < 4<<10 && slices.Contains(pairs, "state=STATE") &&
		!slices.ContainsFunc(pairs, func(p string) bool { return strings.Contains(p, "CODE") && !strings.HasPrefix(p, "code=") })
}

// checks are what must be true of each answer to a request.
type checks struct {
	world                   *callbackWorld
	request                 *http.Request
	code                    string
	session, whole, private bool // it has a session where that counts; all that a login needs; the code in its place only
}

func (c checks) check(t *testing.T, d core.Decision, rec *httptest.ResponseRecorder) {
	if d.Action == core.Pass {
		id, ok := core.IdentityFrom(d.Context())
		if ok && (!c.session || id.CorpID != "wwa" || id.UserID != "lisi") {
			t.Errorf("a request passes as %s/%s", id.CorpID, id.UserID)
		}
		return
	}
	d.Answer(rec, c.request)
	if d.Status() < 200 || d.Status() > 599 {
		t.Errorf("status %d", d.Status())
	}
	if to := adaptertest.Site(callbackBase).Foreign(rec.Header(), rec.Body.String()); to != "" {
		t.Errorf("status %d leads to %s", d.Status(), to)
	}
	if text := rec.Body.String() + fmt.Sprint(rec.Header()) + c.world.log.String(); c.private && strings.Contains(text, c.code) {
		t.Errorf("the code is in an answer or in the log: %s", text)
	}
	for _, set := range rec.Result().Cookies() {
		if len(set.Value) != 43 {
			continue
		}
		if !c.whole {
			t.Error("a session was made, and something was missing")
		}
		d, _ := decide(c.world.auth, "/me", []string{set.Name + "=" + set.Value})
		if id, _ := core.IdentityFrom(contextOf(d)); d.Action != core.Pass || id.UserID != "zhangsan" {
			t.Errorf("the new session is that of %q", id.UserID)
		}
	}
}
