package main

import (
	"encoding/json"
	"net/http"

	ginsessions "github.com/gin-contrib/sessions"
	"github.com/gin-contrib/sessions/cookie"
	"github.com/gin-gonic/gin"
	"github.com/gorilla/sessions"
	"github.com/markbates/goth"
	"github.com/markbates/goth/gothic"
)

const (
	gorilla          = "gorilla/sessions cookie"
	gorillaUserID    = "gorilla/sessions cookie, UserID alone"
	ginContrib       = "gin-contrib/sessions cookie"
	ginContribUserID = "gin-contrib/sessions cookie, UserID alone"
	gothUser         = "gothic"
)

var cookieKey = []byte("thirty-two bytes for an HMAC key")

// The session in a signed cookie, decoded by gob at each request: the setting of
// the READMEs, one key and no encryption.
func gorillaPeers() []contender {
	return []contender{
		gorillaWith(gorilla, zhangsan("zhangsan"), cookieKey),
		gorillaWith(gorillaUserID, "zhangsan", cookieKey),
		ginContribWith(ginContrib, zhangsan("zhangsan"), cookieKey),
		ginContribWith(ginContribUserID, "zhangsan", cookieKey),
		gothPeer(),
	}
}

// userIDOf reads what the session keeps: a person or the UserID alone.
func userIDOf(value any) string {
	switch v := value.(type) {
	case person:
		return v.UserID
	case string:
		return v
	}
	return ""
}

func gorillaWith(name string, value any, key []byte) contender {
	store := sessions.NewCookieStore(key)
	h := muxWith(func(r *http.Request) string {
		s, _ := store.Get(r, "session") // an error means a new session
		return userIDOf(s.Values["user"])
	}, func(w http.ResponseWriter, r *http.Request) {
		s, _ := store.Get(r, "session")
		s.Values["user"] = value
		_ = s.Save(r, w) // the check of the contender sees it
	}, nil)
	return contender{name: name, router: netHTTP, handler: h, cookie: signedIn(h), minor: name == gorillaUserID}
}

func ginContribWith(name string, value any, key []byte) contender {
	mw := ginsessions.Sessions("session", cookie.NewStore(key))
	h := ginWith(func(c *gin.Context) string { return userIDOf(ginsessions.Default(c).Get("user")) }, mw)
	h.GET(signInPage, mw, func(c *gin.Context) {
		s := ginsessions.Default(c)
		s.Set("user", value)
		_ = s.Save() // the check of the contender sees it
	})
	return contender{name: name, router: onGin, handler: h, cookie: signedIn(h), minor: name == ginContribUserID}
}

// gothPeer keeps the goth.User as JSON by StoreInSession, in gothic's own cookie
// store, and reads it back by GetFromSession: gothic's functions for it. (They
// compress each value.)
func gothPeer() contender {
	gothic.Store = sessions.NewCookieStore(cookieKey)
	h := muxWith(func(r *http.Request) string {
		var u goth.User
		text, err := gothic.GetFromSession("user", r)
		if err != nil || json.Unmarshal([]byte(text), &u) != nil {
			return ""
		}
		return u.UserID
	}, func(w http.ResponseWriter, r *http.Request) {
		text := must(json.Marshal(goth.User{Provider: "wecom", UserID: "zhangsan", Name: "张三"})) //nolint:gosec // no tokens in it
		_ = gothic.StoreInSession("user", string(text), r, w)                                    // the check of the contender sees it
	}, nil)
	return contender{name: gothUser, router: netHTTP, handler: h, cookie: signedIn(h)}
}
