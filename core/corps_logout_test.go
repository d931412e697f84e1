package core

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

// A person of one company has a session in each of its apps.
func TestEverywhereMeansEveryAppOfTheGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		app := func(agent string) *Authenticator {
			return testAuth(t, func(c *Config) { c.Provider = plainApp{agent: agent} })
		}
		a, b := app("1"), app("2")
		group, err := NewCorps(func(*http.Request) *Authenticator { return a }, a, b)
		must(t, err)
		here, there, other := testLogin(t, a, "zhangsan"), testLogin(t, b, "zhangsan"), testLogin(t, b, "lisi")
		time.Sleep(time.Second)
		post := func(target string) int {
			r := httptest.NewRequest("POST", target, nil)
			r.Header.Set("Cookie", here.Header.Get("Cookie"))
			return group.Logout(http.Header{}, r).Status()
		}
		if status := post("/logout?everywhere=1"); status != http.StatusNoContent {
			t.Errorf("status %d", status)
		}
		if a.knows(t, here) || b.knows(t, there) || !b.knows(t, other) {
			t.Errorf("here %t, there %t, somebody else %t", a.knows(t, here), b.knows(t, there), b.knows(t, other))
		}
		time.Sleep(time.Second)
		here, there = testLogin(t, a, "zhangsan"), testLogin(t, b, "zhangsan")
		post("/logout")
		if a.knows(t, here) || !b.knows(t, there) {
			t.Error("a logout here ends what is there")
		}
	})
}
