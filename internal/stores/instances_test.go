package stores

import (
	"context"
	"net/http"
	"testing"
	"time"
)

func TestALoginBegunOnOneInstanceFinishesOnAnother(t *testing.T) {
	s, here, there := two(t, nil)
	v := s.visitor("zhangsan")
	v.do(here, "GET", "/me?week=3").follow(here) // now at WeCom, which sends back
	v.follow(there).follow(there).want(http.StatusOK, "user=zhangsan path=/me?week=3")
	if n := s.fake.Calls("auth/getuserinfo"); n != 1 {
		t.Errorf("%d exchanges", n)
	}
	s.wantIn(true, v.session(), "after the login")
}

func TestALogoutOnOneInstanceEndsTheSessionOnAnotherAtOnce(t *testing.T) {
	s, here, there := two(t, nil)
	v, other := s.logIn(there, "zhangsan"), s.logIn(there, "zhangsan")
	session := v.session()
	s.wantIn(true, session, "before the logout")
	v.do(here, "POST", "/logout").want(http.StatusSeeOther, "")
	s.wantIn(false, session, "after the logout")
	s.wantIn(true, other.session(), "another browser")
}

func TestARevocationReachesAnotherInstanceWithinRevokeWithin(t *testing.T) {
	for _, tc := range []struct {
		name      string
		everybody bool
		revoke    func(context.Context, *instance) error
	}{
		{"of one person", false, func(ctx context.Context, i *instance) error { return i.auth.Revoke(ctx, "", "ZhangSan") }},
		{"of everybody", true, func(ctx context.Context, i *instance) error { return i.auth.RevokeAll(ctx) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, here, there := two(t, nil)
			phone, desk := s.logIn(here, "zhangsan").session(), s.logIn(there, "zhangsan").session()
			other := s.logIn(there, "lisi").session()
			for _, session := range []string{phone, desk, other} { // what is known of the marks is as fresh as can be
				s.wantIn(true, session, "before")
			}
			if err := tc.revoke(t.Context(), here); err != nil {
				t.Fatal(err)
			}
			revoked := time.Now()
			for _, session := range []string{phone, desk} {
				if here.in(session) {
					t.Error("the session lives on the instance that ended it")
				}
				endsWithin(t, there, session, revoked)
			}
			if here.in(other) == tc.everybody {
				t.Errorf("lisi is logged in where it was done: %t", !tc.everybody)
			}
			if tc.everybody {
				endsWithin(t, there, other, revoked)
			}
			again := s.logIn(here, "zhangsan").session()
			for end := time.Now().Add(within + within/2); time.Now().Before(end); { // until the marks have been read again
				s.wantIn(true, again, "a new login")
				s.wantIn(false, phone, "the old one")
				s.wantIn(!tc.everybody, other, "lisi")
			}
		})
	}
}

// endsWithin waits until the instance refuses a session that was revoked, and
// checks that the last request to pass began in time.
func endsWithin(t *testing.T, i *instance, session string, revoked time.Time) {
	t.Helper()
	passed, last := 0, time.Duration(0)
	for {
		at := time.Since(revoked)
		if !i.in(session) {
			break
		}
		if passed++; at > within+margin {
			t.Errorf("a request passes %v after the revocation, promised is %v", at, within)
			return
		}
		last = at
	}
	t.Logf("%d requests passed after the revocation, the last began %v later", passed, last)
}
