package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/wecomauth/wecomauth/core"
)

// namer is a WeCom that knows everybody: the code is the UserID. With it a
// million people log in within seconds, by the same way as with the real one, and
// what the default store holds is what it holds in production.
type namer struct{}

const namerCorp = "ww1234567890abcdef"

// Open implements core.Provider.
func (namer) Open(core.Env) (core.Client, error) { return namer{}, nil }

// App implements core.Client.
func (namer) App() core.AppInfo {
	return core.AppInfo{CorpID: namerCorp, AgentID: "1000002", KeyMaterial: cookieKey}
}

// AuthCodeURL implements core.Client.
func (namer) AuthCodeURL(req core.AuthRequest) string {
	return "https://open.weixin.qq.com/?state=" + req.State
}

// Exchange implements core.Client.
func (namer) Exchange(_ context.Context, code string) (core.Identity, error) {
	return core.Identity{CorpID: namerCorp, UserID: code, Name: "张三", Departments: []int{2}}, nil
}

// crowd is many people with a session each.
type crowd struct {
	contender
	cookies []string // nil if nobody wants to know
}

// fill lets people from..to log in with ours, on two cores.
func (c *crowd) fill(from, to int) {
	defer cores(2)()
	var wg sync.WaitGroup
	for worker := range 2 {
		wg.Go(func() {
			w := &sink{header: make(http.Header)}
			for i := from + worker; i < to; i += 2 {
				cookie := logIn(c.handler, w, userID(i))
				if c.cookies != nil {
					c.cookies[i] = cookie
				}
			}
		})
	}
	wg.Wait()
}

func userID(i int) string { return fmt.Sprintf("user%07d", i) }

// logIn opens the page, goes to WeCom and comes back with a code.
func logIn(h http.Handler, w *sink, code string) (cookie string) {
	ctx := context.Background()
	w.reset()
	h.ServeHTTP(w, newRequest(ctx, http.MethodGet, page, ""))
	state, attempt := stateOf(w.header.Get("Location")), cookieHeader(w.header)
	w.reset()
	h.ServeHTTP(w, newRequest(ctx, http.MethodGet, page+"?code="+code+"&state="+state, attempt))
	return sessionOf(w.header)
}

// stateOf returns the state in an authorize address.
func stateOf(address string) string {
	_, state, _ := strings.Cut(address, "state=")
	if end := strings.IndexAny(state, "&#"); end >= 0 {
		state = state[:end]
	}
	return state
}

// sessionOf returns the session's cookie from the answer to a callback, or "".
func sessionOf(h http.Header) string {
	for pair := range strings.SplitSeq(cookieHeader(h), "; ") {
		if _, token, _ := strings.Cut(pair, "="); len(token) == tokenLength {
			return strings.Clone(pair)
		}
	}
	return ""
}
