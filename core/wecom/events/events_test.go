package events_test

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core/wecom/events"
)

func TestWhatAnEventSays(t *testing.T) {
	const head = "<xml><ToUserName>" + corpID + "</ToUserName><CreateTime>1403610513</CreateTime><MsgType>event</MsgType>"
	when := time.Unix(1403610513, 0)
	for name, c := range map[string]struct {
		xml  string
		want events.Event
	}{
		"somebody was deleted": {contact("delete_user", "alice"), events.Event{Type: "change_contact", Change: "delete_user", UserID: "alice"}},
		"somebody has another UserID": {
			contact("update_user", "alice", "<NewUserID>alice2</NewUserID>"),
			events.Event{Type: "change_contact", Change: "update_user", UserID: "alice", NewUserID: "alice2"},
		},
		"an old registration tells of departments and status": {
			contact("update_user", "alice", "<Department>1,2,3</Department><Status>2</Status><Name>x</Name>"),
			events.Event{Type: "change_contact", Change: "update_user", UserID: "alice", Departments: []int{1, 2, 3}, Status: 2},
		},
		"a department was made": {
			head + "<FromUserName>sys</FromUserName><Event>change_contact</Event><ChangeType>create_party</ChangeType><Id>2</Id></xml>",
			events.Event{Type: "change_contact", Change: "create_party"},
		},
		"who made a change is not whom it is about": {
			head + "<FromUserName>boss</FromUserName><Event>change_contact</Event><ChangeType>create_party</ChangeType></xml>",
			events.Event{Type: "change_contact", Change: "create_party"},
		},
		"somebody left the visible range": {
			head + "<FromUserName>alice</FromUserName><Event>unsubscribe</Event><AgentID>1000002</AgentID></xml>",
			events.Event{Type: "unsubscribe", AgentID: "1000002", UserID: "alice"},
		},
		"a type nobody knows": {
			head + "<FromUserName>sys</FromUserName><Event>brand_new</Event></xml>", events.Event{Type: "brand_new"},
		},
		"an event without a time": {
			"<xml><ToUserName>" + corpID + "</ToUserName><Event>x</Event></xml>", events.Event{Type: "x", Time: time.Unix(1, 0)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			in, w := new(inbox), newWire()
			if a := serve(receiver(t, in), w.post(w.seal(c.xml))); a.Code != 200 || a.Body.String() != "success" || len(in.got) != 1 {
				t.Fatalf("answer %d, %d events; %s", a.Code, len(in.got), &in.log)
			}
			c.want.CorpID = corpID
			if c.want.Time.IsZero() {
				c.want.Time = when
			} else {
				c.want.Time = time.Time{}
			}
			if !reflect.DeepEqual(in.got[0], c.want) {
				t.Errorf("got  %v\nwant %v", in.got[0], c.want)
			}
		})
	}
}

const suiteID, ticket = "ww4444444444444444", "asdfasfdasdfasdf-the-suite-ticket"

// suiteEvent is a message to an instruction URL.
func suiteEvent(infoType, more string) string {
	return "<xml><SuiteId><![CDATA[" + suiteID + "]]></SuiteId><InfoType><![CDATA[" + infoType + "]]></InfoType>" +
		"<TimeStamp>1403610513</TimeStamp>" + more + "</xml>"
}

func TestWhatAnInstructionSays(t *testing.T) {
	for name, c := range map[string]struct {
		xml  string
		want events.Event
	}{
		"a ticket": {
			suiteEvent("suite_ticket", "<SuiteTicket><![CDATA["+ticket+"]]></SuiteTicket>"),
			events.Event{Type: "suite_ticket", Ticket: ticket},
		},
		"somebody left a customer": {
			suiteEvent("change_contact", "<AuthCorpId>wwcustomer</AuthCorpId><ChangeType>delete_user</ChangeType><UserID>alice</UserID>"),
			events.Event{Type: "change_contact", Change: "delete_user", CorpID: "wwcustomer", UserID: "alice"},
		},
		"what stands in ToUserName is no customer": {
			suiteEvent("cancel_auth", "<AuthCorpId>wwcustomer</AuthCorpId><ToUserName>wwother</ToUserName>"),
			events.Event{Type: "cancel_auth", CorpID: "wwcustomer"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			in, w := new(inbox), newWire()
			w.receiveID = suiteID
			rc := receiver(t, in, func(c *events.Config) { c.ReceiveID = suiteID })
			if a := serve(rc, w.post(w.seal(c.xml))); a.Code != 200 || a.Body.String() != "success" || len(in.got) != 1 {
				t.Fatalf("answer %d, %d events; %s", a.Code, len(in.got), &in.log)
			}
			c.want.SuiteID, c.want.Time = suiteID, time.Unix(1403610513, 0)
			if !reflect.DeepEqual(in.got[0], c.want) || in.got[0].Ticket != c.want.Ticket {
				t.Errorf("got  %v\nwant %v", in.got[0], c.want)
			}
		})
	}
}

func TestNewSaysWhatIsWrong(t *testing.T) {
	good := events.Config{Token: token, EncodingAESKey: aesKey, ReceiveID: corpID, Handle: new(inbox).handle}
	for name, c := range map[string]struct {
		change func(*events.Config)
		want   []string // the fields that are named
	}{
		"all is well":                     {func(*events.Config) {}, nil},
		"nothing is set":                  {func(c *events.Config) { *c = events.Config{} }, []string{"Token", "EncodingAESKey", "ReceiveID", "Handle"}},
		"a token with a blank":            {func(c *events.Config) { c.Token = "QDG6eK\n" }, []string{"Token"}},
		"a token that is too long":        {func(c *events.Config) { c.Token = strings.Repeat("a", 33) }, []string{"Token"}},
		"a key with a line break":         {func(c *events.Config) { c.EncodingAESKey += "\n" }, []string{"EncodingAESKey"}},
		"a key with a line break inside":  {func(c *events.Config) { c.EncodingAESKey = aesKey[:42] + "\n" }, []string{"EncodingAESKey"}},
		"a key that is too short":         {func(c *events.Config) { c.EncodingAESKey = aesKey[:39] }, []string{"EncodingAESKey"}},
		"a key that is not base64":        {func(c *events.Config) { c.EncodingAESKey = strings.Repeat("-", 43) }, []string{"EncodingAESKey"}},
		"a receive id with a blank":       {func(c *events.Config) { c.ReceiveID = "ww 1" }, []string{"ReceiveID"}},
		"a receive id that is very long":  {func(c *events.Config) { c.ReceiveID = strings.Repeat("w", 129) }, []string{"ReceiveID"}},
		"a provider's id with line break": {func(c *events.Config) { c.CheckID = "ww1\n" }, []string{"CheckID"}},
		"ids and a function":              {func(c *events.Config) { c.ReceiveIDs = func(string) bool { return true } }, []string{"ReceiveIDs"}},
		"a function alone": {func(c *events.Config) {
			c.ReceiveID, c.ReceiveIDs = "", func(string) bool { return true }
		}, nil},
		"a function and a provider": {func(c *events.Config) {
			c.ReceiveID, c.CheckID, c.ReceiveIDs = "", "ww1", func(string) bool { return true }
		}, []string{"ReceiveIDs"}},
		"nobody to tell": {func(c *events.Config) { c.Handle = nil }, []string{"Handle"}},
	} {
		t.Run(name, func(t *testing.T) {
			config := good
			c.change(&config)
			_, err := events.New(config)
			if err == nil {
				err = errors.New("")
			}
			lines := strings.Split(strings.TrimSpace(err.Error()), "\n")
			if len(c.want) == 0 && err.Error() != "" || len(c.want) > 0 && len(lines) != len(c.want) {
				t.Fatalf("the error is %q", err)
			}
			for i, field := range c.want {
				if !strings.HasPrefix(lines[i], "events: "+field+" ") {
					t.Errorf("line %d is %q, want one about %s", i, lines[i], field)
				}
			}
			if config.Token != "" && strings.Contains(err.Error(), config.Token) || config.EncodingAESKey != "" && strings.Contains(err.Error(), config.EncodingAESKey) {
				t.Error("a secret is in the error")
			}
		})
	}
}

func TestNothingPrintsASecret(t *testing.T) {
	config := events.Config{Token: token, EncodingAESKey: aesKey, ReceiveID: corpID, Handle: new(inbox).handle}
	rc := receiver(t, new(inbox))
	event := events.Event{Type: "suite_ticket", Ticket: ticket}
	var out strings.Builder
	log := slog.New(slog.NewJSONHandler(&out, nil))
	for _, v := range []any{config, &config, rc, event, &event, []events.Event{event}, struct{ E events.Event }{event}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			_, _ = fmt.Fprintf(&out, verb+"\n", v)
		}
		log.Info("x", "v", v)
		text, _ := json.Marshal(v)
		_, _ = out.Write(text)
	}
	for _, v := range []any{config, event} {
		text, err := xml.Marshal(v)
		if err != nil {
			t.Error(err)
		}
		_, _ = out.Write(text)
	}
	for _, secret := range []string{token, aesKey, ticket} {
		if strings.Contains(out.String(), secret) || strings.Contains(out.String(), fmt.Sprintf("%x", secret)) {
			t.Errorf("%q is in %s", secret, &out)
		}
	}
	if !strings.Contains(out.String(), corpID) || !strings.Contains(out.String(), "suite_ticket") {
		t.Error("nor anything else")
	}
}

func TestHandleHasFourSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		rc := receiver(t, new(inbox), func(c *events.Config) {
			c.Handle = func(ctx context.Context, _ events.Event) error {
				<-ctx.Done()
				return ctx.Err()
			}
		})
		w := newWire()
		if a := serve(rc, w.post(w.seal(leaving))); a.Code != 500 || time.Since(began) != 4*time.Second {
			t.Errorf("answer %d after %s", a.Code, time.Since(began))
		}
	})
}
