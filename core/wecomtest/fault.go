package wecomtest

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// A Fault is something that goes wrong at WeCom or on the way there.
type Fault struct {
	// API is "gettoken", "auth/getuserinfo", "auth/getuserdetail",
	// "user/getuserinfo", "user/get", "department/simplelist", "tag/get", "agent/get",
	// "service/get_suite_token", "service/auth/getuserinfo3rd",
	// "service/auth/getuserdetail3rd", "service/getuserinfo3rd", "service/getuserdetail3rd",
	// "authorize" for the sign-in pages, or "" for any API but not the pages.
	API string

	// Code and Msg are the errcode and errmsg of the answer; the usual text of
	// the code when Msg is empty.
	// https://developer.work.weixin.qq.com/document/path/90313
	Code int
	Msg  string
	// Status is the HTTP status of the answer; 0 means 200.
	Status int
	// Body is sent instead of anything else.
	Body string

	// Delay is waited first, or until the request is canceled. A Fault with
	// nothing but a Delay is a slow success.
	Delay time.Duration
	// Drop carries the request out, a code is spent, and then breaks the
	// connection instead of answering.
	Drop bool

	// Times is how many requests fail; 0 means all until [Fake.Heal].
	Times int
}

// answers reports whether the fault replaces the answer.
func (f Fault) answers() bool {
	return f.Code != 0 || f.Msg != "" || f.Status != 0 || f.Body != ""
}

func (f Fault) hits(name string) bool {
	return f.API == name || f.API == "" && name != pageName
}

// Fail makes requests fail. Of several faults for one API, the first is used up
// before the next. It panics if the fake has no such API.
func (f *Fake) Fail(fault Fault) {
	f.mustHave(fault.API)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults = append(f.faults, fault)
}

// Heal ends all faults, those that were switched on at the sign-in page too.
func (f *Fake) Heal() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults, f.trouble = nil, ""
}

// Calls returns how many requests an API got, failed ones included, by the
// names of [Fault]; "" is the sum of the APIs without the sign-in pages. It
// panics if the fake has no such API.
func (f *Fake) Calls(api string) int {
	f.mustHave(api)
	f.mu.Lock()
	defer f.mu.Unlock()
	if api != "" {
		return f.calls[api]
	}
	sum := 0
	for name, n := range f.calls {
		if name != pageName {
			sum += n
		}
	}
	return sum
}

// mustHave panics on a name that would never match anything.
func (f *Fake) mustHave(api string) {
	for _, route := range f.routes {
		if api == "" || api == route.name {
			return
		}
	}
	panic(fmt.Sprintf("wecomtest: there is no API %q", api))
}

// called counts a request and returns the fault that hits it, if any.
func (f *Fake) called(name string) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls[name]++
	for i, fault := range f.faults {
		if !fault.hits(name) {
			continue
		}
		if fault.Times == 1 {
			f.faults = append(f.faults[:i:i], f.faults[i+1:]...)
		} else if fault.Times > 1 {
			f.faults[i].Times--
		}
		return fault
	}
	return f.troubleOf(name)
}

func (f *Fake) answerFault(w http.ResponseWriter, r *http.Request, route route, fault Fault) {
	status := fault.Status
	if status == 0 {
		status = http.StatusOK
	}
	answer := failure(fault.Code)
	if fault.Msg != "" {
		answer.Msg = fault.Msg
	}
	switch {
	case fault.Body != "":
		writeText(w, status, fault.Body)
	case fault.Code == 0 && fault.Msg == "":
		w.WriteHeader(status)
	case route.page != nil:
		f.render(w, r, status, "fault", answer)
	case route.name == oldUserInfo || route.name == oldUserInfo3rd:
		old := oldFailure(fault.Code)
		if fault.Msg != "" {
			old.Msg = fault.Msg
		}
		writeJSON(w, status, old)
	default:
		writeJSON(w, status, answer)
	}
}

// wait sleeps and reports whether it was left in peace.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
