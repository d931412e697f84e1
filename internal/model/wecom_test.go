package model

import (
	"context"
	"fmt"
	"net/url"
	"sync"
	"time"

	"github.com/wecomauth/wecomauth/core"
)

// weCom hands out codes and takes each of them once. Its codes never expire,
// which is harder on the code under test than the real ones' five minutes.
type weCom struct {
	mu      sync.Mutex
	codes   map[string]*code
	logins  map[string]*login // by state
	refuses bool              // every code
	down    bool              // answers nothing
	asked   bool              // while it was down
	violate func(format string, args ...any)
}

// code stands for the person who was signed in at WeCom in a browser.
type code struct {
	browser  *browser
	person   string
	accepted bool
	sent     map[string]bool // by instance
}

// login is what the model knows of a state: who began with it, and when.
type login struct {
	browser *browser
	began   time.Time
}

// instance is the provider of one instance.
type instance struct {
	*weCom
	name string
}

const authorize = "https://wecom.example/authorize"

func (i instance) Open(core.Env) (core.Client, error) { return i, nil }

func (i instance) App() core.AppInfo {
	return core.AppInfo{CorpID: "ww1", AgentID: "1", KeyMaterial: make([]byte, 32)}
}

func (i instance) AuthCodeURL(r core.AuthRequest) string {
	return authorize + "?redirect_uri=" + url.QueryEscape(r.RedirectURL) + "&state=" + r.State
}

// signIn is WeCom's page in a browser: it returns the address of the callback.
func (m *weCom) signIn(b *browser, address string) string {
	u, err := url.Parse(address)
	if err != nil {
		m.violate("an address of WeCom's cannot be read: %v", err)
		return ""
	}
	name := fmt.Sprint("code", len(m.codes)+1)
	m.codes[name] = &code{browser: b, person: b.person, sent: map[string]bool{}}
	state := u.Query().Get("state")
	m.logins[state] = &login{b, time.Now()}
	return u.Query().Get("redirect_uri") + "?code=" + name + "&state=" + state
}

// Exchange takes a while, so that duplicates meet.
func (i instance) Exchange(ctx context.Context, name string) (core.Identity, error) {
	time.Sleep(100 * time.Millisecond)
	i.mu.Lock()
	defer i.mu.Unlock()
	v, _ := ctx.Value(visitKey{}).(visit)
	c, began := i.codes[name], i.logins[v.state]
	switch {
	case c == nil:
		i.violate("WeCom was asked for a code that it never gave")
		return core.Identity{}, core.ErrCodeInvalid
	case began == nil || began.browser != v.browser:
		i.violate("a code was sent for %s, whose browser did not begin this login", v.browser.name)
	case v.browser.honest && c.browser != v.browser:
		i.violate("%s's code was sent for a visit of %s", c.browser.name, v.browser.name)
	case time.Since(began.began) > 10*time.Minute+time.Second:
		i.violate("a login of %v ago was finished", time.Since(began.began))
	case c.sent[i.name]:
		i.violate("%s sent a code twice", i.name)
	}
	c.sent[i.name] = true
	if i.down {
		i.asked = true
		return core.Identity{}, core.ErrUnavailable
	}
	if c.accepted || i.refuses {
		return core.Identity{}, core.ErrCodeInvalid
	}
	c.accepted = true
	return core.Identity{CorpID: "ww1", UserID: c.person}, nil
}
