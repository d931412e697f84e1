package events

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"time"
)

// Types and changes that this module acts on. There are many more.
const (
	TypeContact     = "change_contact"
	TypeUnsubscribe = "unsubscribe"
	TypeSuiteTicket = "suite_ticket"

	ChangeDeleteUser = "delete_user"
	ChangeUpdateUser = "update_user"
)

// Event is one thing that WeCom tells. What the message does not hold is the zero
// value. Printing an Event with any fmt verb or encoder does not show the Ticket.
type Event struct {
	// CorpID is the company that it happened in; empty for a suite ticket.
	CorpID string
	// SuiteID is set at the instruction URL of a service provider.
	SuiteID string
	// AgentID is the app, for events that concern one.
	AgentID string
	// Type is WeCom's Event or, at an instruction URL, its InfoType: "change_contact",
	// "unsubscribe", "suite_ticket" and others.
	Type string
	// Change is WeCom's ChangeType, such as "delete_user" of "change_contact".
	Change string
	// UserID is whom it is about: in "update_user" their former UserID, if
	// NewUserID is set.
	UserID, NewUserID string
	// Departments are those of the person. Nil also where WeCom does not say.
	Departments []int
	// Status is 1 active, 2 disabled, 4 not activated, 5 left, and 0 where WeCom
	// does not say, as for every URL that was set after 2022-08-15.
	Status int
	// Ticket is the secret of "suite_ticket", good for half an hour.
	Ticket string
	// Time is when it happened, in whole seconds of WeCom's clock.
	Time time.Time
}

var errStranger = errors.New("the message is about another company or suite than whom it is for")

// readEvent reads a decrypted message, which was for a receiver. There is no event
// in what a person wrote to the app.
func readEvent(message []byte, receiver string, may func(id string) bool) (e Event, ok bool, err error) {
	f, err := readXML(message, eventNames)
	if err != nil {
		return Event{}, false, err
	}
	get := func(name string) string { return f.one(name, &err) }
	e = Event{
		AgentID: get("AgentID"), SuiteID: get("SuiteId"), CorpID: get("ToUserName"), Type: get("Event"),
		Change: get("ChangeType"), UserID: get("UserID"), NewUserID: get("NewUserID"), Ticket: get("SuiteTicket"),
		Departments: numbers(get("Department")), Time: moment(get("CreateTime")),
	}
	e.Status, _ = strconv.Atoi(get("Status"))
	if e.UserID == "" && e.Change == "" && get("FromUserName") != "sys" {
		e.UserID = get("FromUserName")
	}
	named, info := e.CorpID, get("InfoType")
	if info != "" {
		named = e.SuiteID
		e.Type, e.CorpID, e.Time = info, get("AuthCorpId"), moment(get("TimeStamp"))
	}
	switch {
	case err != nil:
	case info != "" && get("Event") != "":
		err = errXML // neither the one nor the other
	case named != receiver && (info == "" && receiver != "" || !may(named)):
		err = errStranger
	case e.Type != "":
		return e, true, nil
	case get("MsgType") == "" || get("MsgType") == "event":
		err = errXML
	}
	return Event{}, false, err
}

// eventNames are the elements that readEvent reads.
var eventNames = []string{"AgentID", "AuthCorpId", "ChangeType", "CreateTime", "Department", "Event", "FromUserName", "InfoType",
	"MsgType", "NewUserID", "Status", "SuiteId", "SuiteTicket", "TimeStamp", "ToUserName", "UserID"}

// numbers reads a list such as "1,2,3". It is nil if it is none: that somebody left
// must not be lost for a detail.
func numbers(text string) (list []int) {
	for s := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(s)
		if err != nil {
			return nil
		}
		list = append(list, n)
	}
	return list
}

func moment(text string) time.Time {
	if s, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Unix(s, 0)
	}
	return time.Time{}
}

func (e Event) describe() string {
	return fmt.Sprintf("events.Event{Type:%q, Change:%q, CorpID:%q, SuiteID:%q, AgentID:%q, UserID:%q, NewUserID:%q, Departments:%v, Status:%d, Ticket:%s, Time:%s}",
		e.Type, e.Change, e.CorpID, e.SuiteID, e.AgentID, e.UserID, e.NewUserID, e.Departments, e.Status, hidden(e.Ticket), e.Time.UTC().Format(time.RFC3339))
}

// Format prints the event without its Ticket, for every verb.
func (e Event) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.describe()) }

// LogValue is the event in a log, without its Ticket.
func (e Event) LogValue() slog.Value { return slog.StringValue(e.describe()) }

// MarshalText is the event in JSON, YAML or XML, without its Ticket: it is for
// reading, not for a queue.
func (e Event) MarshalText() ([]byte, error) { return []byte(e.describe()), nil }
