package e2e

import (
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/nethttpmw"
)

// statuses are those of the application's answers.
type statuses struct {
	mu  sync.Mutex
	all []int
}

func (s *statuses) add(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, status)
}

func (s *statuses) list() []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.all)
}

var (
	setsAttempt = regexp.MustCompile(`^__Host-wecomauth-[0-9a-f]{8}-[0-5]=`)
	maxAge      = regexp.MustCompile(`Max-Age=[1-9][0-9]*`)
)

// watch notes the application's answers. If brief, its first attempt is one that
// the browser keeps for a second: ten minutes are too long for a test.
func (s *site) watch(brief bool) *statuses {
	seen, h := &statuses{}, s.hosts["oa.example.com"]
	s.serve("oa.example.com", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		for i, line := range rec.Header()["Set-Cookie"] {
			if brief && setsAttempt.MatchString(line) {
				rec.Header()["Set-Cookie"][i] = maxAge.ReplaceAllString(line, "Max-Age=1")
				brief = false
			}
		}
		seen.add(rec.Code)
		copyTo(w, rec)
	}))
	return seen
}

// TestExpiredAttempt: somebody comes back from WeCom's page long after they went
// there. It is no loop: the login begins anew, once, by a redirect.
func TestExpiredAttempt(t *testing.T) {
	for _, tc := range []struct {
		name  string
		brief bool
	}{
		{"which the browser has thrown away", true},
		{"which the browser, whose clock stands still, keeps and sends", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, clock := newClockedSite(t, nil)
			seen := s.watch(tc.brief)
			b := s.tab(agentWeCom, "zh-CN").open(base + "/me?week=3").sees(pick("zhangsan"))
			for tc.brief {
				if _, attempts := b.cookies(); len(attempts) == 0 {
					break
				}
			}
			clock.pass(11 * time.Minute)
			if _, attempts := b.cookies(); len(attempts) == 1 == tc.brief {
				t.Fatalf("the browser holds %d attempts", len(attempts))
			}
			first := b.href()
			b.click(pick("zhangsan")).until("location.href !== "+quote(first)).sees(pick("zhangsan")).click(pick("zhangsan")).greeted("zhangsan", base+"/me").noViolations()
			if got, want := seen.list(), []int{302, 302, 302, 200}; !slices.Equal(got, want) {
				t.Errorf("the application answered %v, want %v: two logins and the page", got, want)
			}
			if n := s.fake.Calls("authorize"); n != 4 {
				t.Errorf("WeCom's page was asked %d times, want 4: the page and the button on it, twice", n)
			}
			if n := s.fake.Calls("auth/getuserinfo"); n != 1 {
				t.Errorf("%d codes were sent, want the new one", n)
			}
		})
	}
}

// revoke ends zhangsan's sessions while their pages stay open.
func revoke(s *site, c *clock) {
	c.do(func() {
		if err := s.auth.Revoke(context.Background(), "", "zhangsan"); err != nil {
			s.t.Error(err)
		}
	})
	c.pass(time.Second) // it ends logins of the same moment, too
}

// expire ends all sessions.
func expire(_ *site, c *clock) { c.pass(core.DefaultLifetime + time.Second) }

// TestFormAfterTheSessionEnded: what was typed goes nowhere but to the
// application, and the person finds the way back to the form.
func TestFormAfterTheSessionEnded(t *testing.T) {
	for name, end := range map[string]func(*site, *clock){"revoked": revoke, "expired": expire} {
		t.Run(name, func(t *testing.T) {
			s, clock := newClockedSite(t, nil)
			s.fake.SignIn("zhangsan")
			posted := make(chan string, 1)
			form := func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost {
					posted <- r.FormValue("text")
				}
				writePage(w, `<form method="post"><label>text <input name="text"></label><button id="send">send</button></form>`)
			}
			s.mux.Handle("/form", nethttpmw.Require(s.auth)(http.HandlerFunc(form)))
			b := s.tab(agentWeCom, "zh-CN").open(base + "/form").sees("#send")
			end(s, clock)
			b.leave(`document.querySelector("input").value = "typed"; document.querySelector("#send").click()`)
			b.sees("#go", "请先登录", "login_required")
			select {
			case text := <-posted:
				t.Errorf("the handler ran, with %q", text)
			default:
			}
			b.click("#go").sees("#send")
			b.leave(`document.querySelector("input").value = "again"; document.querySelector("#send").click()`)
			select {
			case text := <-posted:
				if text != "again" {
					t.Errorf("posted %q", text)
				}
			case <-b.ctx.Done():
				b.fatal("the form cannot be sent after the login")
			}
			b.noViolations()
		})
	}
}
