package main

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	echo4 "github.com/labstack/echo/v4"
	echo5 "github.com/labstack/echo/v5"
)

// table is the floor: http.Request.Cookie, a map under a lock, and the identity
// in the request's context. It is what one would write in ten lines, and does
// less than a login needs: its sessions never end, and it sets no headers that
// keep shared caches out.
type table struct {
	mu     sync.RWMutex
	people map[string]*person
	byHand bool      // scan the Cookie header instead: as little as sound code can do
	ends   time.Time // of all sessions; for careful
}

// careful is the floor with what it leaves out: sessions end, and shared caches
// are told to keep their hands off. It is there to see what that costs.
func (t *table) careful(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r, ok := t.find(r)
		if !ok || time.Now().After(t.ends) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Vary", "Cookie")
		w.Header().Set("Cache-Control", "private")
		next.ServeHTTP(w, r)
	})
}

// person is the identity that every peer keeps: what ours keeps.
type person struct {
	CorpID      string
	UserID      string
	Name        string
	Departments []int
	LoginAt     int64
}

func zhangsan(userID string) person {
	return person{CorpID: "ww1234567890abcdef", UserID: userID, Name: "张三", Departments: []int{2}, LoginAt: 1767225600}
}

const floorCookie = "sid"

type personKey struct{}

// find returns the request with its person in the context.
func (t *table) find(r *http.Request) (*http.Request, bool) {
	var token string
	if t.byHand {
		token = cookieValue(r.Header, floorCookie)
	} else if c, err := r.Cookie(floorCookie); err == nil {
		token = c.Value
	}
	t.mu.RLock()
	p, ok := t.people[token]
	t.mu.RUnlock()
	if !ok {
		return nil, false
	}
	return r.WithContext(context.WithValue(r.Context(), personKey{}, p)), true
}

func (t *table) add(token string, p person) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.people[token] = &p
}

// cookieValue scans the header without building anything.
func cookieValue(h http.Header, name string) string {
	for _, line := range h["Cookie"] {
		for line != "" {
			var pair string
			pair, line, _ = strings.Cut(line, ";")
			if key, value, _ := strings.Cut(strings.TrimLeft(pair, " \t"), "="); key == name {
				return strings.Trim(value, " \t\"")
			}
		}
	}
	return ""
}

func personOf(ctx context.Context) string {
	if p, ok := ctx.Value(personKey{}).(*person); ok {
		return p.UserID
	}
	return ""
}

func (t *table) netHTTP(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r, ok := t.find(r); ok {
			next.ServeHTTP(w, r)
			return
		}
		w.WriteHeader(http.StatusUnauthorized)
	})
}

func (t *table) gin(c *gin.Context) {
	r, ok := t.find(c.Request)
	if !ok {
		c.AbortWithStatus(http.StatusUnauthorized)
		return
	}
	c.Request = r
	c.Next()
}

func (t *table) echo4(next echo4.HandlerFunc) echo4.HandlerFunc {
	return func(c echo4.Context) error {
		r, ok := t.find(c.Request())
		if !ok {
			return echo4.ErrUnauthorized
		}
		c.SetRequest(r)
		return next(c)
	}
}

func (t *table) echo5(next echo5.HandlerFunc) echo5.HandlerFunc {
	return func(c *echo5.Context) error {
		r, ok := t.find(c.Request())
		if !ok {
			return echo5.ErrUnauthorized
		}
		c.SetRequest(r)
		return next(c)
	}
}

func floor() []contender {
	t := &table{people: make(map[string]*person), ends: time.Now().Add(12 * time.Hour)}
	token := randomToken()
	t.add(token, zhangsan("zhangsan"))
	cookie := floorCookie + "=" + token
	byHand := &table{people: t.people, byHand: true, ends: t.ends}
	return []contender{
		{name: "floor", router: netHTTP, cookie: cookie, handler: t.mux(t.netHTTP)},
		{name: "floor", router: onGin, cookie: cookie,
			handler: ginWith(func(c *gin.Context) string { return personOf(c.Request.Context()) }, t.gin)},
		{name: "floor", router: onEcho4, cookie: cookie,
			handler: echo4With(func(c echo4.Context) string { return personOf(c.Request().Context()) }, t.echo4)},
		{name: "floor", router: onEcho5, cookie: cookie,
			handler: echo5With(func(c *echo5.Context) string { return personOf(c.Request().Context()) }, t.echo5)},
		{name: "floor by hand", router: netHTTP, cookie: cookie, handler: byHand.mux(byHand.netHTTP)},
		{name: "careful floor", router: netHTTP, cookie: cookie, handler: byHand.mux(byHand.careful)},
	}
}

func (t *table) mux(mw func(http.Handler) http.Handler) http.Handler {
	return muxWith(func(r *http.Request) string { return personOf(r.Context()) }, nil, mw)
}
