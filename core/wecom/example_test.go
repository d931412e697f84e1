package wecom_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom"
	"github.com/wecomauth/wecomauth/core/wecomtest"
	"github.com/wecomauth/wecomauth/nethttpmw"
)

// central asks the company's own token service, which owns the Secret: WeCom keeps
// one access token for each app, and whoever fetches one anew may end another's.
type central struct {
	fetch func(ctx context.Context, again bool) (string, error)
}

// Token asks the service to renew the token that WeCom has refused, if any.
func (c central) Token(ctx context.Context, rejected string) (string, error) {
	token, err := c.fetch(ctx, rejected != "")
	if err != nil {
		return "", fmt.Errorf("%w: the token service does not answer", core.ErrUnavailable)
	}
	return token, nil
}

// An app whose access token comes from a central token service has no Secret, and
// keys of its own.
func ExampleTokenSource() {
	fake := wecomtest.New(wecomtest.Config{})
	app := fake.App()
	source, err := app.NewTokenSource() // in place of the service
	if err != nil {
		log.Fatal(err)
	}
	app.Secret = ""
	app.Tokens = central{func(ctx context.Context, _ bool) (string, error) { return source.Token(ctx, "") }}
	auth, err := core.New(core.Config{
		Provider: app, BaseURL: "https://oa.example.com", Logger: slog.New(slog.DiscardHandler),
		Keys: []core.Key{core.Key("32 random bytes, the same for all")},
	})
	if err != nil {
		log.Fatal(err)
	}
	fake.Serve("https://oa.example.com", nethttpmw.Require(auth)(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
	res, err := fake.Browser("zhangsan").Get("https://oa.example.com/me")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.Status)
	// Output: 200 OK
}

// The file by which WeCom checks that a domain is yours, without a file.
func ExampleVerifyFile() {
	file, err := wecom.VerifyFile("WW_verify_agFRemnEVeHcITzc.txt")
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /WW_verify_agFRemnEVeHcITzc.txt", file) // outside Require: WeCom does not log in

	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("GET", "/WW_verify_agFRemnEVeHcITzc.txt", nil))
	fmt.Println(w.Code, w.Body)
	// Output: 200 agFRemnEVeHcITzc
}

// Every errcode that matters for a login, with what to do about it.
func ExampleErrorCodes() {
	for _, code := range wecom.ErrorCodes() {
		if code.Code == 60020 {
			fmt.Println(code.Kind.Code(), code.Meaning.ZH)
		}
	}
	// Output: misconfigured 不安全的访问 IP：调用方不在企业可信IP中。
}
