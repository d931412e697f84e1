package core

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"testing/synctest"
	"time"
)

func TestNamesAndHosts(t *testing.T) {
	zhangsan := Identity{CorpID: "ww1", UserID: "ZhangSan"}
	for name, tc := range map[string]struct{ got, want bool }{
		"the case of a UserID is no difference":       {samePerson(zhangsan, Identity{CorpID: "ww1", UserID: "zhangsan"}), true},
		"the same UserID in another corp is another":  {samePerson(zhangsan, Identity{CorpID: "ww2", UserID: "ZhangSan"}), false},
		"an OpenID does look at case":                 {samePerson(Identity{OpenID: "oA"}, Identity{OpenID: "oa"}), false},
		"only ASCII is folded":                        {samePerson(Identity{UserID: "k"}, Identity{UserID: "\u212a"}), false},
		"a loopback address is local":                 {localHost("127.0.0.1"), true},
		"one of IPv6 is too":                          {localHost("::1"), true},
		"hosts do not look at case":                   {canonicalHost("https", "OA.Example.com") == "oa.example.com", true},
		"the scheme's own port is none":               {canonicalHost("https", "oa.example.com:443") == "oa.example.com", true},
		"another scheme's port is one":                {canonicalHost("http", "oa.example.com:443") == "oa.example.com:443", true},
		"a colon without a port is none":              {canonicalHost("https", "oa.example.com:") == "oa.example.com", true},
		"Host may name the scheme's own port":         {newSite(&url.URL{Scheme: "https", Host: "oa.example.com"}, nil).isHome("OA.example.com:443"), true},
		"a passed decision has no status of its own":  {Decision{Action: Pass}.Status() == 0, true},
		"an unknown action is denied":                 {Decision{Action: 7}.Status() == 500, true},
		"WeCom being away is a matter of a while":     {newError(ErrUnavailable).RetryAfter == retryAfter, true},
		"so is the store":                             {newError(ErrStore).RetryAfter == retryAfter, true},
		"waiting does not help a stranger":            {newError(ErrNotMember).RetryAfter == 0, true},
		"times to wait are rounded up":                {newError(RetryAfter(ErrUnavailable, 1200*time.Millisecond)).RetryAfter == 2*time.Second, true},
		"a whole number of seconds stays what it was": {newError(RetryAfter(ErrUnavailable, 2*time.Second)).RetryAfter == 2*time.Second, true},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: it is not so", name)
		}
	}
	rec := httptest.NewRecorder()
	Decision{denial: &denial{status: 403, body: []byte("x")}}.Answer(rec, httptest.NewRequest("HEAD", "/", nil))
	if rec.Code != 403 || rec.Body.Len() != 0 {
		t.Errorf("HEAD: status %d, body %q", rec.Code, rec.Body)
	}
}

func TestWhatCountsAsAnAnswerOfOnError(t *testing.T) {
	for name, tc := range map[string]struct {
		answer func(w http.ResponseWriter)
		want   bool
	}{
		"nothing":      {func(http.ResponseWriter) {}, false},
		"a header":     {func(w http.ResponseWriter) { w.Header().Set("X", "y") }, false},
		"a status":     {func(w http.ResponseWriter) { w.WriteHeader(418) }, true},
		"a body":       {func(w http.ResponseWriter) { _, _ = w.Write([]byte("x")) }, true},
		"a mere flush": {func(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() }, true},
	} {
		a := &Authenticator{onError: func(w http.ResponseWriter, _ *http.Request, _ *Error) { tc.answer(w) }}
		d := Decision{denial: &denial{status: 403, err: &Error{Kind: ErrForbidden}, auth: a}}
		if got := d.Answer(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)); got != tc.want {
			t.Errorf("%s: written %t", name, got)
		}
	}
}

func TestMemoryStoreForgetsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemoryStore()
		if err := m.Commit("t", []byte("x"), time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute - 1)
		_, before, _ := m.Find("t")
		time.Sleep(time.Nanosecond)
		_, after, _ := m.Find("t")
		if !before || after {
			t.Errorf("found just before its end: %t, at its end: %t", before, after)
		}
	})
}

// TestQueueTimeout: a login that never gets its turn ends, and is forgotten, so
// that another delivery may try.
func TestQueueTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := &asked{}
		e := newExchanges(client, nil, Config{ExchangeTimeout: time.Second})
		if err := e.inFlight.Acquire(t.Context(), maxInFlight); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		res := e.do(t.Context(), trade{nonce: nonce{1}, code: "C"})
		if !errors.Is(res.err, errNotAsked) || time.Since(start) != queueTimeout || client.n != 0 {
			t.Errorf("after %v: %v, %d calls", time.Since(start), res.err, client.n)
		}
		if len(e.calls) != 0 || len(e.codes) != 0 {
			t.Errorf("%d calls, %d codes are remembered of a code that is unused", len(e.calls), len(e.codes))
		}
		e.inFlight.Release(maxInFlight)
	})
}

// slowly takes its time to name somebody, with details that are for OnLogin only.
type slowly struct{ asked }

func (c *slowly) Exchange(ctx context.Context, _ string) (Identity, error) {
	select {
	case <-time.After(40*time.Second + time.Millisecond):
		return Identity{CorpID: "ww1", UserID: "zhangsan", Details: &Details{Mobile: "138"}}, nil
	case <-ctx.Done():
		return Identity{}, ctx.Err()
	}
}

// TestTheQueuesTimeIsNotTheExchanges: once WeCom is asked, only ExchangeTimeout
// counts, and what it says of a person is cut to what may be kept.
func TestTheQueuesTimeIsNotTheExchanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen Identity
		c := Config{Store: newMemoryStore(), Lifetime: time.Hour, ExchangeTimeout: time.Minute, OnLogin: func(_ context.Context, id Identity) error {
			seen = id
			return nil
		}}
		e := newExchanges(&slowly{}, newSessions(c, testApp, testKeys(t), true), c)
		res := e.do(t.Context(), trade{nonce: nonce{1}, code: "C"})
		if res.err != nil || res.took != 40*time.Second+time.Millisecond || res.ticket.token == "" {
			t.Errorf("%v after %v", res.err, res.took)
		}
		if seen.Details == nil || res.id.Details != nil || seen.LoginAt.Nanosecond() != 0 || !seen.LoginAt.Equal(res.id.LoginAt) {
			t.Errorf("OnLogin saw %+v, kept is %+v", seen, res.id)
		}
	})
}

// TestACodeThatWasNotSentMayComeAgain: neither the queue nor the ration of
// failing calls uses it up.
func TestACodeThatWasNotSentMayComeAgain(t *testing.T) {
	client := &asked{}
	e := newExchanges(client, nil, Config{ExchangeTimeout: time.Minute})
	e.failures.all = bucket{used: budgetBurst, at: time.Now()}
	code := trade{nonce: nonce{1}, code: "C"}
	if res := e.do(t.Context(), code); !errors.Is(res.err, errNotAsked) || client.n != 0 {
		t.Fatalf("beyond the ration: %v, %d calls", res.err, client.n)
	}
	e.failures.all = bucket{}
	if res := e.do(t.Context(), code); !errors.Is(res.err, ErrCodeInvalid) || client.n != 1 {
		t.Errorf("when there is a ration again: %v, %d calls", res.err, client.n)
	}
}
