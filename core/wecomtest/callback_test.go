package wecomtest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core/wecom/events"
	"github.com/wecomauth/wecomauth/core/wecomtest"
)

var callback = wecomtest.Callback{
	URL: site + "/events?tenant=7", Token: "QDG6eK", EncodingAESKey: "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
}

// subscribe serves a receiver at the callback and returns what it is told.
func subscribe(t *testing.T, fake *wecomtest.Fake, receiveID string) *[]events.Event {
	t.Helper()
	var got []events.Event
	rc, err := events.New(events.Config{
		Token: callback.Token, EncodingAESKey: callback.EncodingAESKey, ReceiveID: receiveID,
		Handle: func(_ context.Context, e events.Event) error { got = append(got, e); return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	fake.Serve(site, rc)
	return &got
}

func TestSend(t *testing.T) {
	for name, c := range map[string]struct {
		message wecomtest.Message
		want    events.Event
	}{
		"a deletion":   {wecomtest.DeletedUser("zhangsan"), events.Event{Type: "change_contact", Change: "delete_user", UserID: "zhangsan"}},
		"a new UserID": {wecomtest.RenamedUser("lisi", "li.si"), events.Event{Type: "change_contact", Change: "update_user", UserID: "lisi", NewUserID: "li.si"}},
		"one's own": {
			wecomtest.Message{"Event": "unsubscribe", "FromUserName": "]]>&<", "CreateTime": "7"},
			events.Event{Type: "unsubscribe", UserID: "]]>&<", Time: time.Unix(7, 0)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := newFake(t)
				got := subscribe(t, fake, corpID)
				if err := fake.CheckCallback(t.Context(), callback); err != nil {
					t.Error(err)
				}
				if err := fake.Send(t.Context(), callback, c.message); err != nil || len(*got) != 1 {
					t.Fatalf("%d events, %v", len(*got), err)
				}
				c.want.CorpID = corpID
				if c.want.Time.IsZero() {
					c.want.Time = time.Now()
				}
				if g := (*got)[0].LogValue().String(); g != c.want.LogValue().String() {
					t.Errorf("got  %s\nwant %s", g, c.want)
				}
			})
		})
	}
}

func TestSendForASuite(t *testing.T) {
	fake, suite := newFake(t), callback
	suite.ReceiveID = "ww-suite"
	got := subscribe(t, fake, "ww-suite")
	if err := fake.Send(t.Context(), suite, wecomtest.SuiteTicket("a-ticket")); err != nil || len(*got) != 1 {
		t.Fatalf("%d events, %v", len(*got), err)
	}
	if e := (*got)[0]; e.SuiteID != "ww-suite" || e.Ticket != "a-ticket" || e.CorpID != "" {
		t.Errorf("got %v", e)
	}
}

// TestSendOverTheNetwork: a callback that is not one of Serve has a socket.
func TestSendOverTheNetwork(t *testing.T) {
	fake := newFake(t)
	got := subscribe(t, fake, corpID)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u := *r.URL
		u.Scheme, u.Host = "https", "oa.example.com"
		req, _ := http.NewRequestWithContext(r.Context(), r.Method, u.String(), r.Body)
		res, err := fake.Browser("").Do(req)
		if err != nil {
			t.Error(err)
			return
		}
		w.WriteHeader(res.StatusCode)
		_, _ = io.Copy(w, res.Body)
	}))
	defer server.Close()
	c := callback
	c.URL = server.URL + "/events"
	if err := fake.Send(t.Context(), c, wecomtest.DeletedUser("zhangsan")); err != nil || len(*got) != 1 {
		t.Errorf("%d events, %v", len(*got), err)
	}
}

func TestSendIsAsImpatientAsWeCom(t *testing.T) {
	answer := func(status int, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); _, _ = io.WriteString(w, text) }
	}
	late := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	for name, c := range map[string]struct {
		app   http.HandlerFunc
		kind  wecomtest.Message
		ok    bool
		calls int
		took  time.Duration
	}{
		"success":                           {answer(200, "success"), wecomtest.DeletedUser("zhangsan"), true, 1, 0},
		"an empty answer to an event":       {answer(200, ""), wecomtest.DeletedUser("zhangsan"), true, 1, 0},
		"an empty answer to an instruction": {answer(200, ""), wecomtest.SuiteTicket("T"), false, 1, 0},
		"another answer":                    {answer(200, "success\n"), wecomtest.DeletedUser("zhangsan"), false, 1, 0},
		"a failure":                         {answer(500, "success"), wecomtest.DeletedUser("zhangsan"), false, 3, 0},
		"a redirect":                        {answer(302, "success"), wecomtest.DeletedUser("zhangsan"), false, 3, 0},
		"no answer for five seconds":        {late, wecomtest.DeletedUser("zhangsan"), false, 3, 15 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake, calls, began := newFake(t), 0, time.Now()
				fake.Serve(site, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if calls++; r.URL.Query().Get("tenant") != "7" {
						t.Error("the URL's own query is gone")
					}
					c.app(w, r)
				}))
				err := fake.Send(t.Context(), callback, c.kind)
				if (err == nil) != c.ok || calls != c.calls || time.Since(began) != c.took {
					t.Errorf("%d calls in %s: %v", calls, time.Since(began), err)
				}
			})
		})
	}
}

func TestSendEndsWithItsContext(t *testing.T) {
	fake, calls := newFake(t), 0
	ctx, cancel := context.WithCancel(t.Context())
	fake.Serve(site, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls++; cancel() }))
	if err := fake.Send(ctx, callback, wecomtest.DeletedUser("zhangsan")); !errors.Is(err, context.Canceled) || calls != 1 {
		t.Errorf("%d calls: %v", calls, err)
	}
}

func TestCheckCallbackIsExact(t *testing.T) {
	fake := newFake(t)
	subscribe(t, fake, corpID)
	bad := callback
	for name, change := range map[string]func(*wecomtest.Callback){
		"another token":     func(c *wecomtest.Callback) { c.Token = "other" },
		"another company":   func(c *wecomtest.Callback) { c.ReceiveID = "ww-other" },
		"a key of no bytes": func(c *wecomtest.Callback) { c.EncodingAESKey = "" },
		"no address":        func(c *wecomtest.Callback) { c.URL = "/events" },
	} {
		bad = callback
		change(&bad)
		if fake.CheckCallback(t.Context(), bad) == nil || fake.Send(t.Context(), bad, wecomtest.DeletedUser("x")) == nil {
			t.Errorf("%s is good enough", name)
		}
	}
	fake.Serve(site, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `"1616140317555161061"`)
	}))
	if err := fake.CheckCallback(t.Context(), callback); err == nil || strings.Contains(err.Error(), "msg_signature") {
		t.Errorf("a quoted answer: %v", err)
	}
}
