package core_test

import (
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
	"github.com/wecomauth/wecomauth/nethttpmw"
)

// TestDays: four days with logins, idle and expired sessions, renewed tokens,
// re-checks and a WeCom that fails for an hour each noon. Every day is like the
// first: the same people get in, as often as they should, and nothing piles up.
// There is nothing to close: when the test is over no goroutine is left, which
// synctest checks.
func TestDays(t *testing.T) {
	const people = 120
	var staff []wecomtest.Employee
	for i := range people {
		staff = append(staff, wecomtest.Employee{UserID: fmt.Sprint("u", i), Name: fmt.Sprint("员工", i), Departments: []int{2}})
	}
	synctest.Test(t, func(t *testing.T) {
		fake := wecomtest.New(wecomtest.Config{Employees: staff})
		auth, err := core.New(core.Config{
			Provider: fake.App(), BaseURL: base, Lifetime: 10 * time.Hour, IdleTimeout: 2 * time.Hour, Recheck: time.Hour,
			Logger: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		fake.Serve(base, nethttpmw.Require(auth)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			id, _ := core.IdentityFrom(r.Context())
			_, _ = io.WriteString(w, id.UserID)
		})))
		fill(fake)
		var first, last night
		for day := range 4 {
			before := counts(fake)
			browsers := workday(t, fake, people)
			last = asleep(before, counts(fake))
			t.Logf("day %d: %+v", day+1, last)
			if day == 1 { // what grows once, such as maps and pools, has grown
				first = last
			}
			runtime.KeepAlive(browsers)
		}
		if last.tokens > 12*4 { // each lives two hours, and is the same one in its last minutes
			t.Errorf("%d calls of gettoken in a day", last.tokens)
		}
		if last.goroutines != first.goroutines || last.heap > first.heap+48<<10 {
			t.Errorf("after two more days %d goroutines and %d KiB, from %d and %d", last.goroutines, last.heap>>10, first.goroutines, first.heap>>10)
		}
		if last.rechecks < people || last.logins < people || last.logins > first.logins*11/10 {
			t.Errorf("the last day is unlike the second: %+v, %+v", last, first)
		}
	})
}

// fill makes the fake issue as many codes as it remembers, so that what grows
// later is not its own.
func fill(fake *wecomtest.Fake) {
	for range 10_000 {
		r := httptest.NewRequest(http.MethodGet, "https://open.weixin.qq.com/connect/oauth2/authorize?appid=ww1234567890abcdef&redirect_uri="+
			base+"/me&response_type=code&scope=snsapi_base&state=s&agentid=1000002", nil)
		fake.SignIn("u0")
		fake.ServeHTTP(httptest.NewRecorder(), r)
	}
	fake.SignIn("")
}

// night is what a day has cost and left.
type night struct {
	tokens, logins, rechecks int
	goroutines               int
	heap                     uint64
}

func counts(f *wecomtest.Fake) night {
	return night{tokens: f.Calls("gettoken"), logins: f.Calls("auth/getuserinfo"), rechecks: f.Calls("user/get")}
}

func asleep(before, after night) night {
	synctest.Wait()
	for range 2 { // pools are emptied by the second
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return night{after.tokens - before.tokens, after.logins - before.logins, after.rechecks - before.rechecks, runtime.NumGoroutine(), m.HeapAlloc}
}

// workday lets everybody come between 8 and 10 and look at the page now and then
// until 20, and ends at midnight.
func workday(t *testing.T, fake *wecomtest.Fake, people int) []*http.Client {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	midnight := time.Now()
	browsers := make([]*http.Client, people)
	for i := range browsers {
		browsers[i] = fake.Browser(fmt.Sprint("u", i))
	}
	for minute := 8 * 60; minute < 20*60; minute++ {
		time.Sleep(time.Until(midnight.Add(time.Duration(minute) * time.Minute)))
		switch minute {
		case 12 * 60:
			fake.Fail(wecomtest.Fault{API: "auth/getuserinfo", Drop: true})
			fake.Fail(wecomtest.Fault{API: "user/get", Delay: time.Minute})
		case 13*60 - 2: // the breaker probes within half a minute
			fake.Heal()
		}
		for range people / 60 { // everybody once an hour
			i := random.IntN(people)
			if minute < 10*60 && i*120 > people*(minute-8*60) {
				continue
			}
			look(t, browsers[i], fmt.Sprint("u", i), minute/60 == 12)
		}
	}
	time.Sleep(time.Until(midnight.Add(24 * time.Hour)))
	return browsers
}

// look opens the page. It shows the person, unless WeCom is down for a login.
func look(t *testing.T, browser *http.Client, userID string, down bool) {
	t.Helper()
	res, err := browser.Get(base + "/me")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if string(body) != userID && (!down || res.StatusCode != http.StatusServiceUnavailable) {
		t.Fatalf("%s gets %s: %.200s", userID, res.Status, body)
	}
}
