// Command suite is a third-party app (第三方应用) of a service provider: people of
// two customer companies log in to one service, in WeCom and on a desktop.
//
//	go run ./examples/suite
//
// It uses a fake WeCom, which sends suite_tickets every ten minutes as the real
// one does. docs/suite.md says what to change for the real one.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom"
	"github.com/wecomauth/wecomauth/core/wecom/events"
	"github.com/wecomauth/wecomauth/nethttpmw"
)

const (
	acme   = "ww1111111111111111"
	globex = "ww2222222222222222"
)

func main() {
	addr := flag.String("addr", "localhost:8080", "loopback address to listen on")
	auto := flag.String("auto", "", "fake WeCom: sign this person in without showing a page, such as "+globex+"/zhangsan")
	flag.Parse()
	ln, err := net.Listen("tcp", *addr) // the fake sends the first ticket before anybody can log in
	if err != nil {
		log.Fatal(err)
	}
	weCom := startFake(*addr, *auto)
	mux, err := routes("http://"+*addr, weCom.SuiteAt(weCom.address), weCom.LoginSuiteAt(weCom.address), weCom.app.Token, weCom.app.EncodingAESKey)
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { log.Fatal(server.Serve(ln)) }()
	weCom.sendTickets()
	log.Printf("open http://%s", *addr)
	for range time.Tick(10 * time.Minute) {
		weCom.sendTickets()
	}
}

// routes is the service. WeCom's two pages belong to two suites: the one inside WeCom
// to the third-party app, the one with the QR code to the login authorization.
func routes(baseURL string, app, login wecom.Suite, token, aesKey string) (*http.ServeMux, error) {
	store := memstore.New() // several instances share one, such as core/redisstore
	inWeCom, err1 := open(&app, baseURL, store)
	onDesktop, err2 := open(&login, baseURL, store)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	gate, err := core.NewCorps(func(r *http.Request) *core.Authenticator {
		if core.ParseAgent(r.UserAgent()) == core.AgentDesktop {
			return onDesktop
		}
		return inWeCom // and where a phone's browser is told to open the page in WeCom
	}, inWeCom, onDesktop)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	for path, suite := range map[string]wecom.Suite{"/wecom/instructions": app, "/wecom/login-instructions": login} {
		receiver, err := instructions(suite, gate, token, aesKey) // each suite has a Token and a key of its own in real life
		if err != nil {
			return nil, err
		}
		mux.Handle(path, receiver) // 指令回调URL, outside Require
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprint(w, `<!DOCTYPE html><html lang="zh-CN"><meta name="viewport" content="width=device-width"><title>suite</title><p><a href="/me">登录 Sign in</a>`)
	})
	mux.Handle("GET /me", nethttpmw.Require(gate)(http.HandlerFunc(me)))
	mux.Handle("GET /acme", nethttpmw.Require(gate, core.Corp(acme))(http.HandlerFunc(me))) // one customer's own page
	mux.Handle("/login", nethttpmw.Login(gate))
	mux.Handle("/logout", nethttpmw.Logout(gate))
	return mux, nil
}

// open opens one suite. Its tickets are kept where the sessions are.
func open(suite *wecom.Suite, baseURL string, store scs.Store) (*core.Authenticator, error) {
	tickets, err := suite.NewTickets(store)
	if err != nil {
		return nil, err
	}
	suite.Tickets = tickets
	suite.Allow = wecom.AllowCorps(acme, globex) // the customers; a database in real life
	return core.New(core.Config{Provider: *suite, BaseURL: baseURL, Store: store})
}

// instructions receives what WeCom tells a suite.
func instructions(suite wecom.Suite, gate *core.Corps, token, aesKey string) (http.Handler, error) {
	revoke := events.Revoke(gate)
	return events.New(events.Config{
		Token: token, EncodingAESKey: aesKey, ReceiveID: suite.SuiteID,
		Handle: func(ctx context.Context, e events.Event) error {
			if e.Type == events.TypeSuiteTicket {
				return suite.Tickets.Set(ctx, e.Ticket, e.Time)
			}
			return revoke(ctx, e)
		},
	})
}

// me says who is logged in: a person is a CorpID and a UserID together.
func me(w http.ResponseWriter, r *http.Request) {
	id, _ := core.IdentityFrom(r.Context())
	_, _ = fmt.Fprintf(w, "CorpID %s, UserID %s\n", id.CorpID, id.UserID)
}
