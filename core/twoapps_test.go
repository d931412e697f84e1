package core_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"

	"github.com/wecomauth/wecomauth/core"
)

type agent struct {
	*company
	id string
}

func (a *agent) Open(core.Env) (core.Client, error) { return a, nil }
func (a *agent) App() core.AppInfo {
	i := a.company.App()
	i.AgentID = a.id
	return i
}

type hookStore struct {
	*memstore.MemStore
	found func(token string)
}

func (s *hookStore) Find(token string) ([]byte, bool, error) {
	b, ok, err := s.MemStore.Find(token)
	if s.found != nil {
		s.found(token)
	}
	return b, ok, err
}

// two apps in one manager: a logout of one during a touch of the other.
func TestTwoAppsInOneManager(t *testing.T) {
	sm := scs.New()
	synctest.Test(t, func(t *testing.T) {
		s := &hookStore{MemStore: memstore.NewWithCleanupInterval(0)}
		sm.Store, sm.IdleTimeout, sm.Cookie.Secure = s, time.Hour, true
		var apps []*core.Authenticator
		for _, id := range []string{"1", "2"} {
			auth, err := core.New(core.Config{Provider: &agent{newCompany(), id}, BaseURL: base, Sessions: sm, Logger: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			apps = append(apps, auth)
		}
		session := signIn(t, apps[0], "zhangsan")
		// log in to the second app with the same session
		_, h := decide(apps[1], "/me", session)
		_, state, _ := strings.Cut(h.Get("Location"), "state=")
		_, h = decide(apps[1], "/me?code=zhangsan&state="+state, append(cookiesOf(h), session...))
		for _, c := range cookiesOf(h) {
			if strings.HasPrefix(c, "session=") {
				session = []string{c}
			}
		}
		if !in(apps[0], session) || !in(apps[1], session) {
			t.Fatal("not in both")
		}
		time.Sleep(10 * time.Minute)
		once := false
		s.found = func(token string) {
			if !once && strings.HasSuffix(session[0], token) {
				once = true
				post := httptest.NewRequest("POST", base+"/logout", nil)
				post.RequestURI = "/logout"
				post.Header.Set("Cookie", session[0])
				d := apps[1].Logout(http.Header{}, post)
				t.Log("logout", d.Status(), d.Err())
			}
		}
		d, _ := decide(apps[0], "/me", session)
		if !once || d.Action == core.Pass {
			t.Errorf("the request of which the logout came in between: %v", d.Action)
		}
		s.found = nil
		for _, wait := range []time.Duration{0, time.Minute, 10 * time.Minute, 10 * time.Minute} {
			time.Sleep(wait)
			for i, app := range apps {
				if in(app, session) {
					t.Errorf("app %d, %v later: the session that the second app has ended is back", i+1, wait)
				}
			}
		}
	})
}
