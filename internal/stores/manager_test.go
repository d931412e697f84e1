package stores

import (
	"context"
	"encoding/gob"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/wecomauth/wecomauth/core"
)

// shop starts an instance of an application that keeps values of its own in the
// session, under LoadAndSave: /cart shows what is in the cart, and /cart?add=
// adds a book, with a login or without.
func (s *site) shop(sm *scs.SessionManager) *instance {
	gob.Register(cart{})
	i := s.start(func(c *core.Config) { c.Sessions = sm })
	i.mux.HandleFunc("/cart", func(w http.ResponseWriter, r *http.Request) {
		c, _ := sm.Get(r.Context(), "cart").(cart)
		if book := r.FormValue("add"); book != "" {
			c.Books = append(c.Books, book)
			sm.Put(r.Context(), "cart", c)
		}
		_, _ = io.WriteString(w, strings.Join(c.Books, ","))
	})
	i.handler = sm.LoadAndSave(i.mux)
	return i
}

type cart struct{ Books []string }

// marked is a shop with two people who are logged in and have a cart, and a
// mark of each kind.
func marked(t *testing.T) (*site, *scs.SessionManager, *instance) {
	s := newSite(t)
	sm := s.manager()
	sm.IdleTimeout = time.Hour
	i := s.shop(sm)
	for _, userID := range []string{"zhangsan", "lisi"} {
		s.logIn(i, userID).do(i, "GET", "/cart?add="+userID).want(http.StatusOK, userID)
	}
	gone := s.logIn(i, "zhangsan")
	i.handler = i.mux // without LoadAndSave a logout leaves a mark too
	gone.do(i, "POST", "/logout").want(http.StatusSeeOther, "")
	i.handler = sm.LoadAndSave(i.mux)
	mustRevoke(t, i, "wangwu")
	mustRevoke(t, i, "")
	if n := len(s.redis.marks()); n != 3 {
		t.Fatalf("%d marks", n)
	}
	return s, sm, i
}

func TestAnApplicationIteratesOverItsSessionsAmongMarks(t *testing.T) {
	s, sm, _ := marked(t)
	carts, others := map[string]int{}, 0
	err := sm.Iterate(t.Context(), func(ctx context.Context) error {
		if c, ok := sm.Get(ctx, "cart").(cart); ok {
			carts[strings.Join(c.Books, ",")]++
		} else {
			others++
		}
		return nil
	})
	if err != nil || carts["zhangsan"] != 1 || carts["lisi"] != 1 || len(carts) != 2 || others != 3 {
		t.Errorf("carts %v, %d others among %d keys, %v", carts, others, len(s.redis.keys()), err)
	}
}

func TestACookieThatNamesAMarkIsNobody(t *testing.T) {
	s, sm, i := marked(t)
	before := map[string]string{}
	for _, mark := range s.redis.marks() {
		before[mark] = s.redis.admin.Get(t.Context(), keyPrefix+mark).Val()
	}
	for mark := range before {
		for _, cookie := range []string{"session=" + mark, `session="` + mark + `"`, "session=" + strings.ReplaceAll(mark, ";", "%3B")} {
			for what, handler := range map[string]http.Handler{"alone": i.mux, "under LoadAndSave": sm.LoadAndSave(i.mux)} {
				i.handler = handler
				if i.in(cookie) {
					t.Errorf("%q %s: logged in", cookie, what)
				}
			}
			i.handler = sm.LoadAndSave(i.mux)
			if rec := i.load("/cart?add=forged", cookie); rec.Code != http.StatusOK || rec.Body.String() != "forged" {
				t.Errorf("%q: status %d, cart %q", cookie, rec.Code, rec.Body)
			}
			if rec := i.ask("/logout", "Cookie", cookie); rec.Code == http.StatusOK {
				t.Errorf("%q: status %d", cookie, rec.Code)
			}
		}
	}
	for mark, value := range before {
		if now := s.redis.admin.Get(t.Context(), keyPrefix+mark).Val(); now != value {
			t.Errorf("a visitor changed %q from %q to %q", mark, value, now)
		}
	}
}
