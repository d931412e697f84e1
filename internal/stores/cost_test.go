package stores

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wecomauth/wecomauth/core"
)

type commands = map[string]int

func TestAnAuthenticatedRequestCostsOneGetAndTheMarksOnceInRevokeWithin(t *testing.T) {
	s, here, there := two(t, func(c *core.Config) { c.RevokeWithin = time.Hour })
	session := s.logIn(here, "zhangsan").session()
	hundred := func() {
		for range 100 {
			if !there.in(session) {
				t.Fatal("not logged in")
			}
		}
	}
	s.redis.costs("the first hundred requests of a person on an instance", commands{"get": 102}, hundred)
	s.redis.costs("the next hundred", commands{"get": 100}, hundred)
	second := s.logIn(here, "lisi").session()
	s.redis.costs("a second person's first request", commands{"get": 2}, func() { there.in(second) })
}

func TestAWindowCostsTwoReadsOfMarks(t *testing.T) {
	s, here, there := two(t, nil)
	session := s.logIn(here, "zhangsan").session()
	requests, began := 0, time.Now()
	ran := s.redis.count(func() {
		for time.Since(began) < 2*within+within/2 {
			there.in(session)
			requests++
		}
	})
	windows := 1 + int(time.Since(began)/within)
	marks := ran["get"] - requests
	t.Logf("%d requests in %d windows: %v, so %d reads of marks", requests, windows, ran, marks)
	if len(ran) != 1 || marks > 2*windows || marks < 4 {
		t.Errorf("%d requests in %d windows cost %v", requests, windows, ran)
	}
}

func TestVisitorsWithoutASessionCostNothing(t *testing.T) {
	s, here, there := two(t, nil)
	name, value, _ := strings.Cut(s.logIn(here, "zhangsan").session(), "=")
	mustRevoke(t, here, "zhangsan")
	mark := s.redis.marks()[0]
	s.redis.costs("a hundred anonymous page loads", commands{}, func() {
		for range 100 {
			s.visitor("").do(there, "GET", "/me").want(http.StatusFound, "")
		}
	})
	for what, cookie := range map[string]string{
		"nothing": name + "=", "one letter": name + "=x", "a letter less": name + "=" + value[:42], "a letter more": name + "=" + value + "A",
		"no base64url": name + "=" + value[:42] + "*", "a quoted text": name + `="` + value[:20] + `"`, "an escape": name + "=" + value[:40] + "%00",
		"a mark": name + "=" + mark, "a quoted mark": name + `="` + mark + `"`, "another name": "other=" + value,
		"two sessions": name + "=" + value + "; " + name + "=" + strings.Repeat("A", 43),
	} {
		s.redis.costs("a cookie with "+what, commands{}, func() {
			if rec := there.load("/me", cookie); rec.Code != http.StatusFound {
				t.Errorf("%s: status %d", what, rec.Code)
			}
			if there.in(cookie) {
				t.Errorf("%s: logged in", what)
			}
		})
	}
	s.redis.costs("a token that there is none of", commands{"get": 1}, func() { there.in(name + "=" + strings.Repeat("A", 43)) })
}

func TestWhatLoginsAndTheirEndsCost(t *testing.T) {
	for name, idle := range map[string]time.Duration{"without IdleTimeout": 0, "with IdleTimeout": time.Hour} {
		t.Run(name, func(t *testing.T) {
			s, here, there := two(t, func(c *core.Config) { c.RevokeWithin, c.IdleTimeout = time.Hour, idle })
			v := s.visitor("zhangsan")
			v.do(here, "GET", "/me").follow(here)
			s.redis.costs("a login", commands{"set": 1}, func() { v.follow(here) })
			s.redis.costs("the page after it", commands{"get": 3}, func() { v.follow(here).want(http.StatusOK, "user=zhangsan") })
			v.do(there, "GET", "/login?return_to=/me&fresh=1").follow(there)
			t.Logf("a login in place of another: %v", s.redis.count(func() { v.follow(there) }))
			v.follow(there).want(http.StatusOK, "user=zhangsan")
			t.Logf("a logout: %v", s.redis.count(func() { v.do(here, "POST", "/logout").want(http.StatusSeeOther, "") }))
			s.redis.costs("Revoke", commands{"set": 1}, func() { mustRevoke(t, here, "zhangsan") })
			s.redis.costs("Revoke again", commands{"set": 1}, func() { mustRevoke(t, there, "zhangsan") })
			s.redis.costs("RevokeAll", commands{"set": 1}, func() { mustRevoke(t, there, "") })
		})
	}
}

// mustRevoke revokes a person, or everybody.
func mustRevoke(t *testing.T, i *instance, userID string) {
	t.Helper()
	var err error
	if userID == "" {
		err = i.auth.RevokeAll(t.Context())
	} else {
		err = i.auth.Revoke(t.Context(), "", userID)
	}
	if err != nil {
		t.Fatal(err)
	}
	for at := time.Now().UnixMilli(); time.Now().UnixMilli() == at; { // a login in the mark's own millisecond counts as one before it
		time.Sleep(time.Millisecond / 10) //nolint:forbidigo // until the clock goes on, a bubble's too
	}
}
