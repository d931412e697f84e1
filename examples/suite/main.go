// Command suite is a third-party app (第三方应用) of a service provider: people of
// two customer companies log in to one service.
//
//	go run ./examples/suite
//
// It uses a fake WeCom, which sends a suite_ticket every ten minutes as the real
// one does. docs/suite.md says what to change for the real one.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"time"

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
	mux, err := routes(weCom.settings(), "http://"+*addr, weCom.callback.Token, weCom.callback.EncodingAESKey)
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { log.Fatal(server.Serve(ln)) }()
	weCom.sendTicket()
	log.Printf("open http://%s", *addr)
	for range time.Tick(10 * time.Minute) {
		weCom.sendTicket()
	}
}

// routes is the service. The tickets are kept where the sessions are: with several
// instances in a store that they share, such as core/redisstore.
func routes(suite wecom.Suite, baseURL, token, aesKey string) (*http.ServeMux, error) {
	store := memstore.New()
	tickets, err := suite.NewTickets(store)
	if err != nil {
		return nil, err
	}
	suite.Tickets = tickets
	suite.Allow = wecom.AllowCorps(acme, globex) // the customers; a database in real life
	auth, err := core.New(core.Config{Provider: suite, BaseURL: baseURL, Store: store})
	if err != nil {
		return nil, err
	}
	revoke := events.Revoke(auth)
	instructions, err := events.New(events.Config{
		Token: token, EncodingAESKey: aesKey, ReceiveID: suite.SuiteID,
		Handle: func(ctx context.Context, e events.Event) error {
			if e.Type == events.TypeSuiteTicket {
				return tickets.Set(ctx, e.Ticket, e.Time)
			}
			return revoke(ctx, e)
		},
	})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/wecom/instructions", instructions) // 指令回调URL, outside Require
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprint(w, `<!DOCTYPE html><html lang="zh-CN"><meta name="viewport" content="width=device-width"><title>suite</title><p><a href="/me">登录 Sign in</a>`)
	})
	mux.Handle("GET /me", nethttpmw.Require(auth)(http.HandlerFunc(me)))
	mux.Handle("GET /acme", nethttpmw.Require(auth, core.Corp(acme))(http.HandlerFunc(me))) // one customer's own page
	mux.Handle("/login", nethttpmw.Login(auth))
	mux.Handle("/logout", nethttpmw.Logout(auth))
	return mux, nil
}

// me says who is logged in: a person is a CorpID and a UserID together.
func me(w http.ResponseWriter, r *http.Request) {
	id, _ := core.IdentityFrom(r.Context())
	_, _ = fmt.Fprintf(w, "CorpID %s, UserID %s\n", id.CorpID, id.UserID)
}
