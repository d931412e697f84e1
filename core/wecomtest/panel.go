package wecomtest

import (
	"net/http"
	"strings"
	"time"
)

// A trouble is what somebody can switch on by hand at the bottom of the sign-in
// page, to see what the app makes of it. It lasts until it is switched off there,
// or [Fake.Heal]; faults of [Fake.Fail] come first.
type trouble struct {
	ID    string
	Name  text
	hits  func(api string) bool
	fault Fault
}

var troubles = []trouble{
	{"expired", text{"code 已过期（40029）", "The code has expired (40029)"}, takesCode, Fault{Code: 40029}},
	{"50001", text{"可信域名与应用不符（50001）", "The domain is not the app's (50001)"}, takesCode, Fault{Code: 50001}},
	{"60020", text{"服务器 IP 不在企业可信IP中（60020）", "The server's address is not listed (60020)"}, looksAtAddress, Fault{Code: 60020}},
	{"slow", text{"网络很慢（每次调用 2 秒）", "Slow network (2 s for each call)"}, isAPI, Fault{Delay: 2 * time.Second}},
	{"silent", text{"没有响应（直到超时）", "No answer, until the call times out"}, isAPI, Fault{Delay: time.Hour}},
	{"down", text{"企业微信服务不可用（503）", "WeCom is down (503)"}, isAPI, Fault{Status: http.StatusServiceUnavailable}},
}

func isAPI(api string) bool { return api != pageName }

func takesCode(api string) bool { return strings.Contains(api, "getuserinfo") }

// looksAtAddress: WeCom gives out tokens to an address that is not listed.
func looksAtAddress(api string) bool {
	return isAPI(api) && api != "gettoken" && api != "service/get_suite_token"
}

// switchTrouble switches one on, or off with an id that is none.
func (f *Fake) switchTrouble(w http.ResponseWriter, r *http.Request, id string) {
	f.mu.Lock()
	f.trouble = id
	f.mu.Unlock()
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Location", r.URL.RequestURI())
	w.WriteHeader(http.StatusSeeOther)
}

// troubleOf returns the fault that was switched on for an API, if any. f.mu is held.
func (f *Fake) troubleOf(name string) Fault {
	for _, t := range troubles {
		if t.ID == f.trouble && t.hits(name) {
			return t.fault
		}
	}
	return Fault{}
}

// switched is a trouble on the page.
type switched struct {
	trouble
	On bool
}

func (f *Fake) panel() (list []switched, open bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, t := range troubles {
		list = append(list, switched{t, t.ID == f.trouble})
		open = open || t.ID == f.trouble
	}
	return list, open
}
