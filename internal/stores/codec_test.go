package stores

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/wecomauth/wecomauth/core"
)

// rollout is a shop in the middle of changing its codec: instances of before,
// of the first step and of the second, over one Redis.
type rollout struct {
	*site
	gob, first, second *instance
}

func newRollout(t *testing.T) rollout {
	s := newSite(t)
	with := func(codec scs.Codec) *instance {
		sm := s.manager()
		sm.Codec = codec
		return s.shop(sm)
	}
	return rollout{s, with(scs.GobCodec{}), with(core.Codec{Gob: true}), with(core.Codec{})}
}

// wantCart checks that a person is logged in on an instance, and their cart.
func wantCart(t *testing.T, i *instance, session, want string) {
	t.Helper()
	if !i.in(session) {
		t.Errorf("instance %d: logged out", i.number)
	}
	if rec := i.load("/cart", session); rec.Code != http.StatusOK || rec.Body.String() != want {
		t.Errorf("instance %d: status %d, cart %q, want %q", i.number, rec.Code, rec.Body, want)
	}
}

func TestASessionThatGobWroteIsReadAfterwards(t *testing.T) {
	r := newRollout(t)
	v := r.logIn(r.gob, "zhangsan")
	v.do(r.gob, "GET", "/cart?add=one").want(http.StatusOK, "one")
	for _, i := range r.instances {
		wantCart(t, i, v.session(), "one")
	}
}

func TestTheFirstStepWorksBesideGobAndBesideTheSecond(t *testing.T) {
	r := newRollout(t)
	before := r.logIn(r.gob, "zhangsan")
	before.do(r.gob, "GET", "/cart?add=one").do(r.first, "GET", "/cart?add=two")
	during := r.logIn(r.first, "lisi")
	during.do(r.first, "GET", "/cart?add=three")
	for _, i := range r.instances {
		wantCart(t, i, before.session(), "one,two")
		wantCart(t, i, during.session(), "three")
	}
	// From here on there is no instance of before.
	for _, v := range []*visitor{before, during} {
		v.do(r.second, "GET", "/cart?add=four").do(r.first, "GET", "/cart?add=five").do(r.second, "GET", "/cart?add=six")
	}
	after := r.logIn(r.second, "zhangsan")
	after.do(r.second, "GET", "/cart?add=seven")
	for _, i := range []*instance{r.first, r.second} {
		wantCart(t, i, before.session(), "one,two,four,five,six")
		wantCart(t, i, during.session(), "three,four,five,six")
		wantCart(t, i, after.session(), "seven")
	}
	before.do(r.first, "POST", "/logout").want(http.StatusSeeOther, "")
	during.do(r.second, "POST", "/logout").want(http.StatusSeeOther, "")
	if n := len(r.redis.keys()); n != 1 {
		t.Errorf("%d keys, want one session", n)
	}
}

func TestARevocationIsReadWhicheverStepWroteIt(t *testing.T) {
	for name, pair := range map[string]func(rollout) (from, to *instance){
		"gob, read by the first step":             func(r rollout) (*instance, *instance) { return r.gob, r.first },
		"gob, read by the second step":            func(r rollout) (*instance, *instance) { return r.gob, r.second },
		"the first step, read by gob":             func(r rollout) (*instance, *instance) { return r.first, r.gob },
		"the first step, read by the second step": func(r rollout) (*instance, *instance) { return r.first, r.second },
		"the second step, read by the first step": func(r rollout) (*instance, *instance) { return r.second, r.first },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRollout(t)
			from, to := pair(r)
			session := r.logIn(from, "zhangsan").session()
			mustRevoke(t, from, "zhangsan") // the other has not met the person, so it reads the mark
			if from.in(session) || to.in(session) {
				t.Error("the session lives")
			}
			for at := time.Now().UnixMilli(); time.Now().UnixMilli() == at; { // which tells marks and logins apart
			}
			session = r.logIn(from, "zhangsan").session()
			if !to.in(session) {
				t.Error("the new login does not work")
			}
		})
	}
}

// TestAnUnreadableSessionIsEmptyAndEnds: scs's goredisstore keeps for ever what is
// committed past its deadline, so the empty session must not have one that is over.
func TestAnUnreadableSessionIsEmptyAndEnds(t *testing.T) {
	for name, idle := range map[string]time.Duration{"without IdleTimeout": 0, "with IdleTimeout": 2 * time.Hour} {
		for what, damage := range map[string]func([]byte) []byte{
			"no session":     func([]byte) []byte { return []byte("<html>") },
			"cut short":      func(b []byte) []byte { return b[:len(b)-1] },
			"of a new world": func(b []byte) []byte { return append([]byte{b[0], 9}, b[2:]...) },
		} {
			for codec, c := range map[string]core.Codec{"ours": {}, "gob": {Gob: true}} {
				t.Run(name+", "+what+", "+codec, func(t *testing.T) {
					s := newSite(t)
					sm := s.manager()
					sm.IdleTimeout, sm.Codec = idle, c
					i := s.shop(sm)
					v := s.logIn(i, "zhangsan")
					v.do(i, "GET", "/cart?add=one").want(http.StatusOK, "one")
					session := v.session()
					key := keyPrefix + strings.TrimPrefix(session, "session=")
					blob, _ := s.redis.admin.Get(t.Context(), key).Bytes()
					s.redis.admin.Set(t.Context(), key, damage(blob), time.Hour)
					s.wantIn(false, session, "unreadable")
					v.do(i, "GET", "/cart?add=two").want(http.StatusOK, "two")
					v.do(i, "GET", "/cart?add=three").want(http.StatusOK, "two,three")
					if left := s.redis.admin.PTTL(t.Context(), key).Val(); left <= 0 || left > time.Hour {
						t.Errorf("Redis keeps it for %v", left)
					}
					v.logIn(i, "zhangsan").do(i, "GET", "/cart").want(http.StatusOK, "two,three")
					if v.session() == session || s.redis.keys()[key] != 0 {
						t.Error("the login has no token of its own")
					}
				})
			}
		}
	}
}
