package core

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alexedwards/scs/v2/memstore"
)

// vague names departments only when told to.
type vague struct {
	plainApp
	knows bool
}

func (v *vague) Open(Env) (Client, error) { return v, nil }
func (v *vague) AuthCodeURL(req AuthRequest) string {
	return "https://wecom.example/?state=" + req.State
}
func (v *vague) Exchange(context.Context, string) (Identity, error) {
	id := Identity{CorpID: "ww1", UserID: "zhangsan"}
	if v.knows {
		id.Departments = []int{2}
	}
	return id, nil
}

func TestWhoseDepartmentsAreUnknownLogsInOnceMore(t *testing.T) {
	rules := map[string]Rule{"a department": Departments(2), "one of several": AnyOf(Users("lisi"), Departments(2)), "not another": Not(Departments(3))}
	for name, rule := range rules {
		synctest.Test(t, func(t *testing.T) {
			wecom := &vague{}
			a := testAuth(t, func(c *Config) { c.Provider = wecom })
			guard := a.Guard(rule)
			r := signedIn(t, a, Identity{CorpID: "ww1", UserID: "zhangsan"})
			session := r.Header.Get("Cookie")
			open := func(target, mode, cookies string) (Decision, http.Header) {
				r := httptest.NewRequest("GET", "https://x.example"+target, nil)
				r.RequestURI = target
				r.Header.Set("Cookie", cookies)
				r.Header.Set("Sec-Fetch-Mode", mode)
				h := http.Header{}
				return guard(h, r), h
			}
			if d, _ := open("/admin", "navigate", session); d.Status() != 403 {
				t.Errorf("%s: at once: %d", name, d.Status())
			}
			time.Sleep(2 * time.Minute)
			if d, _ := open("/admin", "cors", session); d.Status() != 403 {
				t.Errorf("%s: by a script: %d", name, d.Status())
			}
			for _, wecom.knows = range []bool{false, true} {
				d, h := open("/admin?x=1", "navigate", session)
				_, state, ok := strings.Cut(h.Get("Location"), "state=")
				if d.Status() != 302 || !ok {
					t.Fatalf("%s: %d, %q", name, d.Status(), h)
				}
				attempt, _, _ := strings.Cut(h.Get("Set-Cookie"), ";")
				_, h = open("/admin?code=c"+fmt.Sprint(wecom.knows)+"&state="+state, "navigate", session+"; "+attempt)
				if to := h.Get("Location"); to != "https://x.example/admin?x=1#" {
					t.Fatalf("%s: back to %q", name, to)
				}
				for _, line := range h["Set-Cookie"] {
					if c, _, _ := strings.Cut(line, ";"); strings.HasPrefix(c, a.sessions.name+"=") {
						session = c
					}
				}
				if d, _ := open("/admin?x=1", "navigate", session); (d.Action == Pass) != wecom.knows || !wecom.knows && d.Status() != 403 {
					t.Errorf("%s: departments known: %t; action %v, status %d", name, wecom.knows, d.Action, d.Status())
				}
				time.Sleep(2 * time.Minute)
			}
		})
	}
}

func TestDepartmentsThatNobodyReadsAreAMistake(t *testing.T) {
	a := testAuth(t, func(c *Config) { c.Provider = plainApp{bare: true} })
	defer func() {
		if p := fmt.Sprint(recover()); !strings.Contains(p, "NoProfile") {
			t.Errorf("Guard: %v", p)
		}
	}()
	a.Guard(Departments(2))
}

func TestACheckInTheFutureIsNotBelieved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memstore.NewWithCleanupInterval(0)
		o := &counted{}
		a := testAuth(t, func(c *Config) { c.Provider, c.Store, c.Recheck = o, store, time.Hour })
		r := signedIn(t, a, Identity{CorpID: "ww1", UserID: "u"})
		token := a.sessions.markToken("checked", "ww1\x00u")
		must(t, a.sessions.putMark(t.Context(), token, time.Now().Add(300*24*time.Hour).UnixMilli(), time.Now().Add(24*time.Hour)))
		if !a.knows(t, r) {
			t.Fatal("not logged in")
		}
		time.Sleep(time.Hour)
		if o.asked.Load() == 0 {
			t.Error("nobody was asked: another instance's clock is ahead")
		}
		time.Sleep(24 * time.Hour)
	})
}

// counted counts the people who are looked up.
type counted struct {
	plainApp
	asked atomic.Int64
}

func (c *counted) Open(Env) (Client, error) { return c, nil }
func (c *counted) Member(_ context.Context, corpID, userID string) (Identity, error) {
	c.asked.Add(1)
	return Identity{CorpID: corpID, UserID: userID}, nil
}
func (*counted) DepartmentParents(context.Context, string) (map[int]int, error) { return nil, nil }
func (*counted) TagMembers(context.Context, string, int) (TagMembers, error) {
	return TagMembers{}, nil
}
