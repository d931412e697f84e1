package core

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alexedwards/scs/v2"
)

func TestStoreThatTells(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &tellStore{spyStore: newSpy()}
		store := func(c *Config) { c.Store = s }
		here, there := testAuth(t, store), testAuth(t, store)
		r, other := testLogin(t, here, "a"), testLogin(t, here, "b")
		for range 100 {
			if !there.knows(t, r) || !there.knows(t, other) {
				t.Fatal("out")
			}
			time.Sleep(toldWithin/100 - 1)
		}
		if n := s.count(); n != 3 {
			t.Errorf("%d reads of marks in ten minutes, want 3", n)
		}
		must(t, here.Revoke(t.Context(), "", "a"))
		s.fail = true
		if _, err := there.sessions.load(r); err == nil {
			t.Error("no error")
		}
		s.fail = false
		if there.knows(t, r) {
			t.Error("a push is lost if the read that follows fails")
		}
		if !there.knows(t, other) {
			t.Error("another person is out")
		}
		must(t, here.RevokeAll(t.Context()))
		if there.knows(t, other) {
			t.Error("the push about everybody was not heard")
		}
		// "" means: anything may have changed.
		time.Sleep(time.Second)
		r = testLogin(t, here, "c")
		if !there.knows(t, r) {
			t.Fatal("out")
		}
		deaf := s.told
		s.told = nil
		must(t, here.Revoke(t.Context(), "", "c"))
		s.told = deaf
		if !there.knows(t, r) {
			t.Error("it knows without having been told")
		}
		s.tell("")
		if there.knows(t, r) {
			t.Error("\"\" does not make it look")
		}
		// A change during the read is seen at the next request.
		time.Sleep(time.Second)
		r = testLogin(t, here, "d")
		s.during = func() { s.during = nil; must(t, here.Revoke(t.Context(), "", "d")) }
		there.marks().changed(there.sessions.markToken("revoked", "ww1\x00d"))
		_ = there.knows(t, r)
		if s.during = nil; there.knows(t, r) {
			t.Error("a change during the read was not noticed")
		}
	})
}

func (a *Authenticator) marks() *marks { return a.sessions.marks }

func TestMarksOnAnotherInstance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSpy()
		store := func(c *Config) { c.Store = s }
		here, there := testAuth(t, store), testAuth(t, store)
		r := testLogin(t, here, "a")
		must(t, here.Revoke(t.Context(), "", "a"))
		if testAuth(t, store).knows(t, r) {
			t.Error("an instance that has just started does not look")
		}
		time.Sleep(DefaultLifetime - time.Minute)
		if testAuth(t, store).knows(t, r) {
			t.Error("the mark was not kept for the longest session")
		}
		// What is known is never lowered, whatever the store says.
		r = testLogin(t, here, "b")
		must(t, here.Revoke(t.Context(), "", "b"))
		_ = s.Delete(here.sessions.markToken("revoked", "ww1\x00b"))
		time.Sleep(DefaultRevokeWithin)
		if here.knows(t, r) {
			t.Error("a mark that the store has lost is forgotten here")
		}
		// A read that fails closes the door.
		r = testLogin(t, here, "c")
		s.fail = true
		if f, err := there.sessions.load(r); err == nil || f.loggedIn {
			t.Errorf("a failing store lets in: %t, %v", f.loggedIn, err)
		}
		s.fail = false
		// Another app's marks are another app's.
		second := testAuth(t, func(c *Config) { c.Store, c.Provider = s, plainApp{agent: "2"} })
		r = testLogin(t, second, "a")
		must(t, here.Revoke(t.Context(), "", "a"))
		must(t, here.RevokeAll(t.Context()))
		if !second.knows(t, r) {
			t.Error("another app's revocation counts")
		}
		// Simultaneous requests share one read.
		r = testLogin(t, second, "d")
		time.Sleep(DefaultRevokeWithin)
		s.count()
		s.wait = time.Second
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() { second.knows(t, r) })
		}
		wg.Wait()
		if n := s.count(); n != 2 {
			t.Errorf("%d reads of marks, want 2", n)
		}
	})
}

func TestRevocationUnderLoadAndSave(t *testing.T) {
	sm := scs.New()
	sm.Store, sm.Cookie.Secure, sm.IdleTimeout = newSpy(), true, time.Hour
	a := testAuth(t, func(c *Config) { c.Sessions = sm })
	r := testLogin(t, a, "a")
	ask := func(r *http.Request) (in bool) {
		sm.LoadAndSave(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { in = a.knows(t, r) })).ServeHTTP(httptest.NewRecorder(), r)
		return in
	}
	if !ask(r) {
		t.Fatal("out")
	}
	must(t, a.Revoke(t.Context(), "", "a"))
	if ask(r) {
		t.Error("a revoked person is in under LoadAndSave")
	}
	// No cookie names a mark: scs would read it, and write it back with another expiry.
	spy, _ := sm.Store.(*spyStore)
	token := a.sessions.markToken("revoked", "ww1\x00a")
	before, _, _ := spy.Find(token)
	spy.count()
	for _, value := range []string{token, `"` + token + `"`} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Cookie", "session="+value)
		ask(r)
	}
	for _, read := range spy.reads {
		if read == token {
			t.Error("a cookie names a mark")
		}
	}
	if after, _, _ := spy.Find(token); !bytes.Equal(before, after) {
		t.Error("a cookie has a mark written")
	}
}

func TestNoLoginOutlivesItsMark(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSpy()
		a := testAuth(t, func(c *Config) { c.Store = s })
		r := testLogin(t, a, "a")
		b, _, _ := s.Find(r.Cookies()[0].Value)
		deadline, values, err := a.sessions.sm.Codec.Decode(b)
		must(t, err)
		b, err = a.sessions.sm.Codec.Encode(deadline.Add(1000*time.Hour), values) // as by sm.SetDeadline
		must(t, err)
		must(t, s.Commit(r.Cookies()[0].Value, b, deadline.Add(1000*time.Hour)))
		time.Sleep(DefaultLifetime + markSlack)
		if !a.knows(t, r) {
			t.Error("it ends too soon")
		}
		time.Sleep(time.Second)
		if a.knows(t, r) {
			t.Error("a login is older than marks are kept")
		}
		future := Identity{CorpID: "ww1", UserID: "b", LoginAt: time.Now().Add(time.Hour)}
		k, err := a.sessions.login(t.Context(), session{}, future)
		must(t, err)
		r = httptest.NewRequest("GET", "/", nil)
		r.AddCookie(&http.Cookie{Name: a.sessions.sm.Cookie.Name, Value: k.token})
		if a.knows(t, r) {
			t.Error("a login from the future cannot be revoked")
		}
	})
}

func TestMarkTokens(t *testing.T) {
	a := testAuth(t, func(*Config) {})
	for _, token := range []string{a.marks().everybody.token, a.sessions.markToken("checked", "x"), a.sessions.grave("y")} {
		if len(token) > 42 || strings.ToLower(token) != token || !strings.HasPrefix(token, "wecomauth;") || scsToken(token) {
			t.Errorf("token %q", token)
		}
	}
	if markKey == a.sessions.key || !strings.HasPrefix(markKey, keyPrefix) {
		t.Errorf("a mark's key is %q, a login's %q", markKey, a.sessions.key)
	}
}
