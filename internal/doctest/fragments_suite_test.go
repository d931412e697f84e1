package doctest

import (
	"context"
	"errors"
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
	inWeCom := wecom.Suite{ // the third-party app: people inside WeCom
		SuiteID:     os.Getenv("WECOM_SUITE_ID"),
		SuiteSecret: os.Getenv("WECOM_SUITE_SECRET"),
		Allow:       wecom.AllowCorps("ww1111111111111111", "ww2222222222222222"), // or a look into your database
	}
	onDesktop := wecom.Suite{ // the login authorization: people at a desk
		SuiteID:     os.Getenv("WECOM_LOGIN_SUITE_ID"),
		SuiteSecret: os.Getenv("WECOM_LOGIN_SUITE_SECRET"),
		Allow:       inWeCom.Allow,
		WebLogin:    true,
	}
	app, err1 := open(&inWeCom, store) // the store that holds the sessions, which all instances share
	desk, err2 := open(&onDesktop, store)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	gate, err := core.NewCorps(func(r *http.Request) *core.Authenticator {
		if core.ParseAgent(r.UserAgent()) == core.AgentDesktop {
			return desk
		}
		return app // on a phone outside of WeCom: the page that says to open it there
	}, app, desk)
	if err != nil {
		return err
	}
	return serve(mux, gate, me, acme, inWeCom, onDesktop)
}

func open(suite *wecom.Suite, store scs.Store) (auth *core.Authenticator, err error) {
	if suite.Tickets, err = suite.NewTickets(store); err != nil {
		return nil, err
	}
	return core.New(core.Config{Provider: *suite, BaseURL: "https://app.example.com", Store: store})
}

func serve(mux *http.ServeMux, gate *core.Corps, me http.Handler, acme string, inWeCom, onDesktop wecom.Suite) error {
	instructions := func(suite wecom.Suite, token, aesKey string) (*events.Receiver, error) {
		return events.New(events.Config{
			Token:          token,
			EncodingAESKey: aesKey,
			ReceiveID:      suite.SuiteID,
			CheckID:        os.Getenv("WECOM_PROVIDER_CORP_ID"), // the check of the URL is for the provider's own CorpID
			Handle: func(ctx context.Context, e events.Event) error {
				if e.Type == events.TypeSuiteTicket {
					return suite.Tickets.Set(ctx, e.Ticket, e.Time)
				}
				return events.Revoke(gate)(ctx, e) // contact changes of customers
			},
		})
	}
	toApp, err1 := instructions(inWeCom, os.Getenv("WECOM_TOKEN"), os.Getenv("WECOM_AES_KEY"))
	toDesk, err2 := instructions(onDesktop, os.Getenv("WECOM_LOGIN_TOKEN"), os.Getenv("WECOM_LOGIN_AES_KEY"))
	mux.Handle("/wecom/instructions", toApp) // outside Require
	mux.Handle("/wecom/login-instructions", toDesk)
	mux.Handle("GET /me", nethttpmw.Require(gate)(me))                    // people of every customer
	mux.Handle("GET /acme", nethttpmw.Require(gate, core.Corp(acme))(me)) // people of one
	mux.Handle("/login", nethttpmw.Login(gate))
	mux.Handle("/logout", nethttpmw.Logout(gate))
	return errors.Join(err1, err2)
}

var _ = thirdParty
