package core

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alexedwards/scs/v2"
)

// unreadableSessions are sessions as the application's LoadAndSave may meet them.
func unreadableSessions(t *testing.T) map[string][]byte {
	t.Helper()
	register()
	values := map[string]any{ourKey: userRecord("zhangsan"), "n": 1}
	ours, gobs := encodeAll(t, Codec{}, values), encodeAll(t, scs.GobCodec{}, values)
	type forgotten string
	gob.RegisterName("before", forgotten(""))
	unknown := func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("before"), []byte("behind")) }
	return map[string][]byte{
		"nothing":                          {},
		"no session":                       []byte("<html>"),
		"ours, cut short":                  ours[:20],
		"ours, its rest cut short":         ours[:len(ours)-1],
		"ours, of a later version":         append([]byte{codecMagic, codecVersion + 1}, ours[2:]...),
		"ours, of a type that is unknown":  unknown(encodeAll(t, Codec{}, map[string]any{"v": forgotten("x")})),
		"ours, whose GobDecode panics":     encodeAll(t, Codec{}, map[string]any{"p": codecPanics{}}),
		"gob's, cut short":                 gobs[:len(gobs)-1],
		"gob's, of a type that is unknown": unknown(encodeAll(t, scs.GobCodec{}, map[string]any{"v": forgotten("x")})),
		"gob's, whose GobDecode panics":    encodeAll(t, scs.GobCodec{}, map[string]any{"p": codecPanics{}}),
	}
}

// cartStore notes until when what is in it was committed.
type cartStore struct {
	items  map[string][]byte
	expiry map[string]time.Time
}

func (s *cartStore) Find(token string) ([]byte, bool, error) {
	b, ok := s.items[token]
	return b, ok && (s.expiry[token].IsZero() || time.Now().Before(s.expiry[token])), nil
}
func (s *cartStore) Delete(token string) error { delete(s.items, token); return nil }
func (s *cartStore) Commit(token string, b []byte, expiry time.Time) error {
	s.items[token], s.expiry[token] = b, expiry
	return nil
}

// managerOver is an application's manager; scs.New starts a goroutine.
func managerOver(s scs.Store, codec scs.Codec) *scs.SessionManager {
	return &scs.SessionManager{Store: s, Codec: codec, Lifetime: 12 * time.Hour, Cookie: scs.SessionCookie{
		Name: "session", Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode,
	}}
}

// TestUnreadableSessionsUnderLoadAndSave: the application answers, to somebody
// who is logged out, and what it keeps in that session ends within an hour.
func TestUnreadableSessionsUnderLoadAndSave(t *testing.T) {
	for name, blob := range unreadableSessions(t) {
		for _, codec := range []Codec{{}, {Gob: true}} {
			for _, idle := range []time.Duration{0, 40 * time.Minute} {
				t.Run(fmt.Sprintf("%s, %+v, IdleTimeout %v", name, codec, idle), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { testUnreadable(t, blob, codec, idle) })
				})
			}
		}
	}
}

func testUnreadable(t *testing.T, blob []byte, codec Codec, idle time.Duration) {
	token := strings.Repeat("A", 43)
	s := &cartStore{items: map[string][]byte{token: blob}, expiry: map[string]time.Time{}}
	sm := managerOver(s, codec)
	sm.IdleTimeout = idle
	sm.ErrorFunc = func(http.ResponseWriter, *http.Request, error) { t.Error("scs's ErrorFunc is called") }
	a := testAuth(t, func(c *Config) { c.Sessions = sm })
	ask := func(add bool) (cart int) {
		r := httptest.NewRequest("GET", "/", nil)
		r.AddCookie(&http.Cookie{Name: "session", Value: token})
		sm.LoadAndSave(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if a.knows(t, r) {
				t.Error("logged in")
			}
			if cart = sm.GetInt(r.Context(), "n"); add {
				sm.Put(r.Context(), "n", cart+1)
			}
		})).ServeHTTP(httptest.NewRecorder(), r)
		return cart
	}
	for range 2 { // being asked makes no session of it
		if n := ask(false); n != 0 {
			t.Errorf("%d in the cart", n)
		}
	}
	ask(true)
	began := time.Now()
	for want := 1; ; want++ {
		if left := time.Until(s.expiry[token]); left <= 0 || left > unreadableLasts {
			t.Fatalf("the store is to keep it for %v", left)
		}
		time.Sleep(15 * time.Minute)
		if n := ask(true); n == want {
			continue
		} else if n != 0 {
			t.Errorf("%d in the cart, want %d", n, want)
		}
		break
	}
	if lasted := time.Since(began); lasted > unreadableLasts || lasted < unreadableLasts-15*time.Minute {
		t.Errorf("what is kept in it lasts for %v", lasted)
	}
}

// TestALoginOverAnUnreadableSessionLasts: it has a token and a deadline of its own.
func TestALoginOverAnUnreadableSessionLasts(t *testing.T) {
	for name, blob := range unreadableSessions(t) {
		synctest.Test(t, func(t *testing.T) {
			s := newSpy()
			sm := managerOver(s, Codec{})
			a := testAuth(t, func(c *Config) { c.Sessions = sm })
			old := strings.Repeat("A", 43)
			must(t, s.Commit(old, blob, time.Now().Add(time.Hour)))
			ctx, err := sm.Load(t.Context(), old)
			must(t, err)
			k, err := a.sessions.login(t.Context(), session{ctx: ctx}, Identity{CorpID: "ww1", UserID: "a", LoginAt: time.Now()})
			must(t, err)
			if _, found, _ := s.Find(old); found || k.token == old || time.Until(k.expiry) < sm.Lifetime-time.Minute {
				t.Errorf("%s: found %t, the same token %t, expires in %v", name, found, k.token == old, time.Until(k.expiry))
			}
		})
	}
}

// TestAnUnreadableMarkIsNotRead: an empty session is no answer to whether
// somebody was revoked.
func TestAnUnreadableMarkIsNotRead(t *testing.T) {
	for name, blob := range unreadableSessions(t) {
		s := newSpy()
		sm := managerOver(s, Codec{})
		a := testAuth(t, func(c *Config) { c.Sessions = sm })
		r := testLogin(t, a, "a")
		must(t, s.Commit(a.sessions.markToken("revoked", "ww1\x00a"), blob, time.Now().Add(time.Hour)))
		if f, err := a.sessions.load(r); err == nil || f.loggedIn {
			t.Errorf("%s: logged in %t, %v", name, f.loggedIn, err)
		}
	}
}
