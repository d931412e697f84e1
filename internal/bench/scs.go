package main

import (
	"encoding/gob"
	"net/http"
	"net/url"
	"time"

	"github.com/alexedwards/scs/goredisstore"
	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"
)

const (
	scsGob    = "scs gob"
	scsUserID = "scs gob, UserID alone"
	scsRedis  = "scs gob + goredisstore"
)

func init() {
	gob.Register(person{})
	gob.Register(pending{})
}

// scsPeers are the application of scs's own README: default codec, LoadAndSave around the
// whole router, a registered struct in the session.
func scsPeers() []contender {
	return []contender{
		scsStruct(scsGob, memstore.NewWithCleanupInterval(0)),
		scsString(scsUserID, memstore.NewWithCleanupInterval(0)),
	}
}

func newManager(store scs.Store) *scs.SessionManager {
	sm := scs.New()
	sm.Store = store
	sm.Cookie.Secure = true
	return sm
}

func scsStruct(name string, store scs.Store) contender {
	sm := newManager(store)
	h := sm.LoadAndSave(muxWith(func(r *http.Request) string {
		p, _ := sm.Get(r.Context(), "user").(person)
		return p.UserID
	}, func(_ http.ResponseWriter, r *http.Request) {
		sm.Put(r.Context(), "user", zhangsan("zhangsan"))
	}, nil))
	return contender{name: name, router: netHTTP, handler: h, cookie: signedIn(h)}
}

func scsString(name string, store scs.Store) contender {
	sm := newManager(store)
	h := sm.LoadAndSave(muxWith(func(r *http.Request) string {
		return sm.GetString(r.Context(), "user_id")
	}, func(_ http.ResponseWriter, r *http.Request) {
		sm.Put(r.Context(), "user_id", "zhangsan")
	}, nil))
	return contender{name: name, router: netHTTP, handler: h, cookie: signedIn(h), minor: true}
}

func scsOnRedis(s *redisServer) contender {
	return scsStruct(scsRedis, goredisstore.New(s.client))
}

// pending is a login under way, kept on the server as most OAuth code does.
type pending struct {
	State  string
	Target string
	Began  time.Time
}

// scsLogin keeps the state of a login in an scs session in memory.
func scsLogin(name string) contender {
	sm := newManager(memstore.NewWithCleanupInterval(0))
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+page, func(w http.ResponseWriter, r *http.Request) {
		if p, ok := sm.Get(r.Context(), "user").(person); ok {
			answer(w, p.UserID)
			return
		}
		p := newPending(r)
		sm.Put(r.Context(), "login", p)
		beginLogin(w, r, p)
	})
	return contender{
		name: name, router: netHTTP, handler: sm.LoadAndSave(mux), status: http.StatusFound,
		forget: func() { sm.Store = memstore.NewWithCleanupInterval(0) },
	}
}

// authorizeURL is what goth and oauth2 make with url.Values, once per login.
func authorizeURL(redirect, state string) string {
	q := url.Values{
		"appid": {"ww1234567890abcdef"}, "agentid": {"1000002"}, "redirect_uri": {redirect},
		"response_type": {"code"}, "scope": {"snsapi_base"}, "state": {state},
	}
	return "https://open.weixin.qq.com/connect/oauth2/authorize?" + q.Encode() + "#wechat_redirect"
}
