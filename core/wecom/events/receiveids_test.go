package events_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core/wecom/events"
)

// The data URL of a third-party app is checked for the provider and then gets the
// messages for each customer; what comes to a provider who is a person is for "".
func TestReceiveIDs(t *testing.T) {
	const customer, provider = "wwcustomer", "wwprovider"
	data := []string{provider, customer, otherCorp}
	person := []string{"", suiteID}
	instruction := suiteEvent("change_contact", "<AuthCorpId>wwcustomer</AuthCorpId><ChangeType>delete_user</ChangeType><UserID>alice</UserID>")
	about := func(corpID string) string {
		return "<xml><ToUserName>" + corpID + "</ToUserName><FromUserName>alice</FromUserName><MsgType>event</MsgType><Event>unsubscribe</Event></xml>"
	}
	check := func(w *wire) *http.Request { return w.get(w.seal("123")) }
	for name, c := range map[string]struct {
		may       []string
		receiveID string
		make      func(*wire) *http.Request
		status    int
		of        string // the company of the event
	}{
		"the check is for the provider":                     {data, provider, check, 200, ""},
		"a message is for a customer":                       {data, customer, message(about(customer)), 200, customer},
		"another is for another":                            {data, otherCorp, message(about(otherCorp)), 200, otherCorp},
		"one for a company that is none":                    {data, "wwstranger", message(about("wwstranger")), 403, ""},
		"one for a customer about another":                  {data, customer, message(about(otherCorp)), 403, ""},
		"one for nobody":                                    {data, "", message(about(customer)), 403, ""},
		"an instruction at the data URL":                    {data, customer, message(instruction), 403, ""},
		"an instruction for the provider, naming the suite": {[]string{provider, suiteID}, provider, message(instruction), 200, customer},
		"an instruction for one suite, naming another":      {[]string{provider, suiteID}, suiteID, message(strings.ReplaceAll(instruction, suiteID, "ww5")), 403, ""},
		"a person's check is for nobody":                    {person, "", check, 200, ""},
		"a person's instruction is for nobody":              {person, "", message(instruction), 200, customer},
		"a person's instruction names another suite":        {person, "", message(strings.ReplaceAll(instruction, suiteID, "ww5")), 403, ""},
		"a person's instruction names none":                 {[]string{""}, "", message(instruction), 403, ""},
		"a person's instruction is for a suite as well":     {person, suiteID, message(instruction), 200, customer},
		"a message for nobody about a company that is one":  {person, "", message(about(corpID)), 403, ""},
	} {
		t.Run(name, func(t *testing.T) {
			in, w := new(inbox), newWire()
			w.receiveID = c.receiveID
			rc := receiver(t, in, func(config *events.Config) {
				config.ReceiveID, config.ReceiveIDs = "", func(id string) bool { return slices.Contains(c.may, id) }
			})
			a := serve(rc, c.make(w))
			if told := len(in.got) == 1 && in.got[0].CorpID == c.of && in.got[0].UserID == "alice"; a.Code != c.status || told != (c.of != "") {
				t.Errorf("answer %d, want %d; events %v; %s", a.Code, c.status, in.got, &in.log)
			}
		})
	}
}

// A stranger's request does not get as far.
func TestReceiveIDsHearsOfAuthenticRequestsOnly(t *testing.T) {
	w := newWire()
	w.token = "another"
	rc := receiver(t, new(inbox), func(c *events.Config) {
		c.ReceiveID, c.ReceiveIDs = "", func(string) bool { t.Error("ReceiveIDs was called"); return true }
	})
	if a := serve(rc, w.post(w.seal(leaving))); a.Code != 403 {
		t.Errorf("answer %d", a.Code)
	}
}
