package events_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"net/http"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom/events"
	"github.com/wecomauth/wecomauth/core/wecomtest"
	"github.com/wecomauth/wecomauth/nethttpmw"
)

// Somebody who is deleted in WeCom has no session a moment later.
func Example() {
	fake := wecomtest.New(wecomtest.Config{})
	auth, err := core.New(core.Config{Provider: fake.App(), BaseURL: "https://oa.example.com", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		log.Fatal(err)
	}
	receiver, err := events.New(events.Config{
		Token: "QDG6eK", EncodingAESKey: "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", // from the console
		ReceiveID: fake.App().CorpID,
		Handle:    events.Revoke(auth),
	})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/wecom/events", receiver) // outside Require: WeCom does not log in
	mux.Handle("GET /me", nethttpmw.Require(auth)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
	fake.Serve("https://oa.example.com", mux)

	browser := fake.Browser("zhangsan")
	res, err := browser.Get("https://oa.example.com/me") // logs in on the way
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.Status)
	err = fake.Send(context.Background(), wecomtest.Callback{
		URL: "https://oa.example.com/wecom/events", Token: "QDG6eK", EncodingAESKey: "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
	}, wecomtest.DeletedUser("zhangsan"))
	if err != nil {
		log.Fatal(err)
	}
	req, _ := http.NewRequestWithContext(context.Background(), "GET", "https://oa.example.com/me", nil)
	req.Header = http.Header{"Accept": {"application/json"}, "Sec-Fetch-Mode": {"cors"}, "Sec-Fetch-Dest": {"empty"}} // a script
	if res, err = browser.Do(req); err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.Status)
	// Output:
	// 200 OK
	// 401 Unauthorized
}

// Wrong: a Receiver inside Require. WeCom has no session and does not log in, so
// that neither the console's check of the URL nor any event gets through.
func ExampleReceiver_wrong() {
	fake := wecomtest.New(wecomtest.Config{})
	auth, err := core.New(core.Config{Provider: fake.App(), BaseURL: "https://oa.example.com", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		log.Fatal(err)
	}
	callback := wecomtest.Callback{Token: "QDG6eK", EncodingAESKey: "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"}
	receiver, err := events.New(events.Config{
		Token: callback.Token, EncodingAESKey: callback.EncodingAESKey,
		ReceiveID: fake.App().CorpID, Handle: events.Revoke(auth),
	})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/outside", receiver)
	mux.Handle("/inside", nethttpmw.Require(auth)(receiver))
	fake.Serve("https://oa.example.com", mux)

	for _, path := range []string{"/outside", "/inside"} {
		callback.URL = "https://oa.example.com" + path
		fmt.Println(path, fake.CheckCallback(context.Background(), callback) == nil,
			fake.Send(context.Background(), callback, wecomtest.DeletedUser("zhangsan")) == nil)
	}
	// Output:
	// /outside true true
	// /inside false false
}
