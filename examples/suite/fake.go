package main

import (
	"context"
	"errors"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/wecomauth/wecomauth/core/wecom"
	"github.com/wecomauth/wecomauth/core/wecomtest"
)

// fakeWeCom stands in for WeCom: two customers, and a company that is none.
type fakeWeCom struct {
	*wecomtest.Fake
	address    string
	app, login wecomtest.Callback // the instruction URLs of the two suites
}

// startFake serves the fake on a loopback port of its own. It lets in whoever picks
// a name, so it refuses to answer anybody but this machine.
func startFake(app, auto string) *fakeWeCom {
	fake := wecomtest.New(wecomtest.Config{
		CorpID: acme,
		Employees: []wecomtest.Employee{
			{UserID: "zhangsan", Name: "张三"},
			{Corp: globex, UserID: "zhangsan", Name: "张三丰"},
			{Corp: globex, UserID: "lisi", Name: "李四"},
			{Corp: "ww3333333333333333", UserID: "wangwu", Name: "王五"}, // not a customer: 403
		},
	})
	fake.SignIn(auto)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Handler: fake, ReadHeaderTimeout: 5 * time.Second}
	go func() { log.Fatal(server.Serve(ln)) }()
	f := &fakeWeCom{Fake: fake, address: "http://" + ln.Addr().String()}
	f.app = callback(app, "/wecom/instructions", fake.Suite())
	f.login = callback(app, "/wecom/login-instructions", fake.LoginSuite())
	log.Printf("a FAKE WeCom answers at %s", f.address)
	return f
}

func callback(app, path string, suite wecom.Suite) wecomtest.Callback {
	return wecomtest.Callback{
		URL: "http://" + app + path, ReceiveID: suite.SuiteID,
		Token: "notASecret", EncodingAESKey: "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", // WeCom's own sample
	}
}

// sendTickets sends each suite a suite_ticket, as WeCom does every ten minutes.
func (f *fakeWeCom) sendTickets() {
	err1 := f.Send(context.Background(), f.app, wecomtest.SuiteTicket(f.IssueTicket()))
	err2 := f.Send(context.Background(), f.login, wecomtest.SuiteTicket(f.IssueLoginTicket()))
	if err := errors.Join(err1, err2); err != nil {
		log.Print(err)
	}
}
