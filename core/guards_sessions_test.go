package core

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"
)

// signedIn is a request with a new session of somebody.
func signedIn(t *testing.T, a *Authenticator, id Identity) *http.Request {
	t.Helper()
	id.LoginAt = time.UnixMilli(time.Now().UnixMilli())
	k, err := a.sessions.login(t.Context(), session{}, id)
	must(t, err)
	r := httptest.NewRequest("GET", "/", nil)
	r.AddCookie(&http.Cookie{Name: a.sessions.name, Value: k.token})
	return r
}

func TestSessionsOfPeopleWhomTheAppNoLongerLetsIn(t *testing.T) {
	for name, tc := range map[string]struct {
		before, after plainApp
		id            Identity
	}{
		"of a company that is not linked any more": {plainApp{linked: []string{"ww2"}}, plainApp{}, Identity{CorpID: "ww2", UserID: "u"}},
		"of no employee": {plainApp{openIDs: true}, plainApp{}, Identity{CorpID: "ww1", OpenID: "o"}},
	} {
		store := memstore.NewWithCleanupInterval(0)
		before := testAuth(t, func(c *Config) { c.Provider, c.Store = tc.before, store })
		after := testAuth(t, func(c *Config) { c.Provider, c.Store = tc.after, store })
		r, own := signedIn(t, before, tc.id), signedIn(t, before, Identity{CorpID: "ww1", UserID: "u"})
		if !before.knows(t, r) || after.knows(t, r) || !after.knows(t, own) {
			t.Errorf("%s: before %t, after %t; an employee %t", name, before.knows(t, r), after.knows(t, r), after.knows(t, own))
		}
	}
}

// callCounter counts the calls of a store.
type callCounter struct {
	scs.Store
	n atomic.Int64
}

func (s *callCounter) Find(t string) ([]byte, bool, error) { s.n.Add(1); return s.Store.Find(t) }
func (s *callCounter) Commit(t string, b []byte, e time.Time) error {
	s.n.Add(1)
	return s.Store.Commit(t, b, e)
}
func (s *callCounter) Delete(t string) error { s.n.Add(1); return s.Store.Delete(t) }

func TestLogoutLooksAtAsManyCookiesAsABrowserHolds(t *testing.T) {
	store := &callCounter{Store: memstore.NewWithCleanupInterval(0)}
	a := testAuth(t, func(c *Config) { c.Store = store })
	post := func(cookies string) Decision {
		r := httptest.NewRequest("POST", "/logout", nil)
		r.Header.Set("Cookie", cookies)
		return a.Logout(http.Header{}, r)
	}
	var flood strings.Builder
	for i := range 1000 {
		_, _ = fmt.Fprintf(&flood, "%s=%043d; ", a.sessions.name, i)
	}
	if d := post(flood.String()); d.Status() != http.StatusNoContent || store.n.Load() > maxSessionCookies {
		t.Errorf("status %d, %d calls of the store", d.Status(), store.n.Load())
	}
	first, second := signedIn(t, a, Identity{CorpID: "ww1", UserID: "u"}), signedIn(t, a, Identity{CorpID: "ww1", UserID: "u"})
	post(first.Header.Get("Cookie") + "; " + second.Header.Get("Cookie"))
	if a.knows(t, first) || a.knows(t, second) {
		t.Error("of two sessions one lives on")
	}
}

func TestAnOlderMarkUndoesNoNewerOne(t *testing.T) {
	store := memstore.NewWithCleanupInterval(0)
	instance := func() *Authenticator { return testAuth(t, func(c *Config) { c.Store = store }) }
	a, b, c := instance(), instance(), instance()
	id := Identity{CorpID: "ww1", UserID: "u"}
	r, now := signedIn(t, c, id), time.Now()
	must(t, a.sessions.revoke(t.Context(), id, now.Add(5*time.Millisecond), nil))
	must(t, b.sessions.revoke(t.Context(), id, now.Add(-2*time.Second), nil)) // its clock is slow, or it asked WeCom two seconds ago
	if c.knows(t, r) {
		t.Error("the session is back")
	}
}

func TestTheShortWayAfterARevocation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := testAuth(t, func(*Config) {})
		before := testLogin(t, a, "zhangsan")
		time.Sleep(time.Second)
		must(t, a.Revoke(t.Context(), "", "lisi"))
		time.Sleep(time.Second)
		after, revoked := testLogin(t, a, "zhangsan"), testLogin(t, a, "lisi")
		if a.sessions.quick(before) != "" || !a.knows(t, before) {
			t.Error("a session from before the mark is not looked at more closely, or not known")
		}
		for _, r := range []*http.Request{after, revoked} {
			if a.sessions.quick(r) == "" {
				t.Error("a session that began later takes the long way")
			}
		}
		must(t, a.RevokeAll(t.Context()))
		for _, r := range []*http.Request{before, after, revoked} {
			if a.sessions.quick(r) != "" || a.knows(t, r) {
				t.Error("a session outlives RevokeAll")
			}
		}
	})
}

// A manager that was not made by scs.New has the zero value as its context key, as
// our own has.
func TestASessionOfTheApplicationIsNotTakenForOurs(t *testing.T) {
	theirs := &scs.SessionManager{
		Store: memstore.NewWithCleanupInterval(0), Codec: scs.GobCodec{}, Lifetime: time.Hour, Cookie: scs.SessionCookie{Name: "mine", Path: "/"},
		ErrorFunc: func(_ http.ResponseWriter, _ *http.Request, err error) { t.Error(err) },
	}
	a := testAuth(t, func(*Config) {})
	theirs.LoadAndSave(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		theirs.Put(r.Context(), "cart", "full")
		if _, err := a.sessions.login(r.Context(), session{}, Identity{CorpID: "ww1", UserID: "u", LoginAt: time.Now()}); err != nil {
			t.Error(err)
		}
		if keys := theirs.Keys(r.Context()); len(keys) != 1 || keys[0] != "cart" {
			t.Errorf("the application's session holds %q", keys)
		}
	})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
}

// Two companies' apps that share the application's manager share one session: it
// is one person's.
func TestOneSessionIsOnePersons(t *testing.T) {
	sm := scs.New()
	sm.Store, sm.Cookie.Secure = memstore.NewWithCleanupInterval(0), true
	app := func(agent string) *Authenticator {
		return testAuth(t, func(c *Config) { c.Provider, c.Sessions = plainApp{agent: agent, linked: []string{"ww2"}}, sm })
	}
	a, b := app("1"), app("2")
	for name, tc := range map[string]struct {
		next Identity
		kept bool
	}{
		"the same person":         {Identity{CorpID: "ww1", UserID: "Wangwu"}, true},
		"somebody else":           {Identity{CorpID: "ww1", UserID: "lisi"}, false},
		"a namesake of a company": {Identity{CorpID: "ww2", UserID: "wangwu"}, false},
	} {
		ctx, err := sm.Load(t.Context(), "")
		must(t, err)
		outer := session{ctx: ctx, outer: true}
		for i, auth := range []*Authenticator{a, b} {
			id := Identity{CorpID: "ww1", UserID: "wangwu", LoginAt: time.Now()}
			if i == 1 {
				id.CorpID, id.UserID = tc.next.CorpID, tc.next.UserID
			}
			_, err := auth.sessions.login(ctx, outer, id)
			must(t, err)
			if i == 0 {
				sm.Put(ctx, "notes", "private")
			}
		}
		if kept := sm.GetString(ctx, "notes") != ""; kept != tc.kept {
			t.Errorf("%s finds what the first one put: %t", name, kept)
		}
	}
}

func TestATouchKeepsNoSessionThatItCannotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memstore.NewWithCleanupInterval(0)
		a := testAuth(t, func(c *Config) { c.Store, c.IdleTimeout = store, time.Hour })
		r := signedIn(t, a, Identity{CorpID: "ww1", UserID: "u"})
		token := a.sessions.token(r)
		blob, _, err := store.Find(token)
		must(t, err)
		must(t, store.Commit(token, append(blob, "damaged"...), time.Now().Add(12*time.Hour)))
		time.Sleep(10 * time.Minute)
		if a.knows(t, r) {
			t.Error("logged in")
		}
		if blob, _, _ := store.Find(token); !strings.HasSuffix(string(blob), "damaged") {
			t.Error("it was written anew")
		}
	})
}
