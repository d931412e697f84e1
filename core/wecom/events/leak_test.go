package events_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core/wecom/events"
)

// TestNoAnswerAndNoRecordHoldsASecret: whatever goes wrong with a message, its
// content stays between WeCom and the application.
func TestNoAnswerAndNoRecordHoldsASecret(t *testing.T) {
	good := suiteEvent("suite_ticket", "<SuiteTicket>"+ticket+"</SuiteTicket>")
	told := func(_ context.Context, e events.Event) error { return fmt.Errorf("cannot keep %v: %s", e, e.Ticket) }
	for name, c := range map[string]struct {
		status int
		make   func(*wire) *http.Request
		handle func(context.Context, events.Event) error
	}{
		"Handle fails and quotes the ticket": {500, message(good), told},
		"Handle panics with the ticket":      {500, message(good), func(_ context.Context, e events.Event) error { panic(e.Ticket) }},
		"Handle panics with an error": {500, message(good), func(_ context.Context, e events.Event) error {
			panic(errors.New(e.Ticket))
		}},
		"the XML breaks off":        {400, message(strings.TrimSuffix(good, "</xml>")), nil},
		"there are two tickets":     {400, message(strings.ReplaceAll(good, "</xml>", "<SuiteTicket/></xml>")), nil},
		"it is another suite's":     {403, message(strings.ReplaceAll(good, suiteID, "ww5")), nil},
		"it is for another suite":   {403, func(w *wire) *http.Request { w.receiveID = "ww5"; return w.post(w.seal(good)) }, nil},
		"it comes as a check":       {400, func(w *wire) *http.Request { return w.get(w.seal(good)) }, nil},
		"it comes unencrypted":      {400, func(w *wire) *http.Request { return post(w.sign(good).Encode(), good) }, nil},
		"the query is malformed":    {400, func(*wire) *http.Request { return post("a;"+url.QueryEscape(ticket), good) }, nil},
		"the token is in the query": {400, func(*wire) *http.Request { return post("msg_signature="+token, "") }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			in, w := new(inbox), newWire()
			w.receiveID = suiteID
			rc := receiver(t, in, func(config *events.Config) {
				config.ReceiveID = suiteID
				if c.handle != nil {
					config.Handle = c.handle
				}
			})
			r := c.make(w)
			a := serve(rc, r)
			if a.Code != c.status || in.log.Len() == 0 {
				t.Errorf("answer %d, want %d; log %q", a.Code, c.status, &in.log)
			}
			out := a.Body.String() + fmt.Sprint(a.Header()) + in.log.String()
			for _, secret := range []string{ticket, token, aesKey, r.URL.Query().Get("msg_signature")} {
				if secret != "" && strings.Contains(out, secret) {
					t.Errorf("%q is in %s", secret, out)
				}
			}
		})
	}
}

// A panic is one request's; the next one is served.
func TestAPanicIsOneAnswer(t *testing.T) {
	in, w := new(inbox), newWire()
	bad := true
	rc := receiver(t, in, func(c *events.Config) {
		c.Handle = func(ctx context.Context, e events.Event) error {
			if bad {
				panic("broken")
			}
			return in.handle(ctx, e)
		}
	})
	if a := serve(rc, w.post(w.seal(leaving))); a.Code != 500 || !strings.Contains(in.log.String(), "panic of type string") {
		t.Errorf("answer %d; %s", a.Code, &in.log)
	}
	bad = false
	if a := serve(rc, w.post(w.seal(leaving))); a.Code != 200 || len(in.got) != 1 {
		t.Errorf("answer %d, %d events", a.Code, len(in.got))
	}
}
