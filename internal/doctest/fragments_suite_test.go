package doctest

import (
	"context"
	"net/http"
	"os"

	"github.com/alexedwards/scs/v2"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom"
	"github.com/wecomauth/wecomauth/core/wecom/events"
	"github.com/wecomauth/wecomauth/nethttpmw"
)

// thirdParty are the fragments of docs/suite.md.
func thirdParty(store scs.Store, mux *http.ServeMux, me http.Handler, acme string) error {
	var err error
	suite := wecom.Suite{
		SuiteID:     os.Getenv("WECOM_SUITE_ID"),
		SuiteSecret: os.Getenv("WECOM_SUITE_SECRET"),
		Allow:       wecom.AllowCorps("ww1111111111111111", "ww2222222222222222"), // or a look into your database
	}
	suite.Tickets, err = suite.NewTickets(store) // the store that holds the sessions, which all instances share
	if err != nil {
		return err
	}
	auth, err := core.New(core.Config{Provider: suite, BaseURL: "https://app.example.com", Store: store})
	if err != nil {
		return err
	}
	instructions, err := events.New(events.Config{
		Token:          os.Getenv("WECOM_TOKEN"),
		EncodingAESKey: os.Getenv("WECOM_AES_KEY"),
		ReceiveID:      suite.SuiteID,
		CheckID:        os.Getenv("WECOM_PROVIDER_CORP_ID"), // the check of the URL is for the provider's own CorpID
		Handle: func(ctx context.Context, e events.Event) error {
			if e.Type == events.TypeSuiteTicket {
				return suite.Tickets.Set(ctx, e.Ticket, e.Time)
			}
			return events.Revoke(auth)(ctx, e) // contact changes of customers
		},
	})
	if err != nil {
		return err
	}
	mux.Handle("/wecom/instructions", instructions)                       // outside Require
	mux.Handle("GET /me", nethttpmw.Require(auth)(me))                    // people of every customer
	mux.Handle("GET /acme", nethttpmw.Require(auth, core.Corp(acme))(me)) // people of one
	return nil
}

var _ = thirdParty
