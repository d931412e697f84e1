package wecom_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"time"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom"
	"github.com/wecomauth/wecomauth/core/wecomtest"
	"github.com/wecomauth/wecomauth/nethttpmw"
)

// A service provider's third-party app logs people in inside WeCom, and its login
// authorization those on a desktop: two suites in front of the same routes.
func ExampleSuite() {
	fake := wecomtest.New(wecomtest.Config{Employees: []wecomtest.Employee{{Corp: "ww2222222222222222", UserID: "zhangsan"}}})
	open := func(suite wecom.Suite, ticket string) *core.Authenticator {
		tickets, err := suite.NewTickets(nil)
		if err != nil {
			log.Fatal(err)
		}
		if err := tickets.Set(context.Background(), ticket, time.Now()); err != nil { // comes to the instruction URL, see package events
			log.Fatal(err)
		}
		suite.Tickets = tickets
		suite.Allow = wecom.AllowCorps("ww2222222222222222")
		auth, err := core.New(core.Config{Provider: suite, BaseURL: "https://app.example.com", Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			log.Fatal(err)
		}
		return auth
	}
	app, desk := open(fake.Suite(), fake.IssueTicket()), open(fake.LoginSuite(), fake.IssueLoginTicket())
	gate, err := core.NewCorps(func(r *http.Request) *core.Authenticator {
		if core.ParseAgent(r.UserAgent()) == core.AgentDesktop {
			return desk
		}
		return app
	}, app, desk)
	if err != nil {
		log.Fatal(err)
	}
	fake.Serve("https://app.example.com", nethttpmw.Require(gate)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, _ := core.IdentityFrom(r.Context())
		_, _ = fmt.Fprintln(w, id.CorpID, id.UserID)
	})))

	for _, userAgent := range []string{wecomtest.UserAgentWeCom, wecomtest.UserAgentDesktop} {
		res, err := fake.BrowserAs("ww2222222222222222/zhangsan", userAgent).Get("https://app.example.com/me") // logs in on the way
		if err != nil {
			log.Fatal(err)
		}
		page, _ := io.ReadAll(res.Body)
		fmt.Print(res.StatusCode, " ", string(page))
	}
	// Output:
	// 200 ww2222222222222222 zhangsan
	// 200 ww2222222222222222 zhangsan
}
