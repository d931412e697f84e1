package wecom_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom"
)

const (
	corpID  = "ww0123456789abcdef"
	agentID = "1000002"
	secret  = "s3cret+/Value_of-the-app=0123456789abcdefXY"
	tokenA  = "accesstoken000001"
	okToken = `{"errcode":0,"errmsg":"ok","access_token":"accesstoken000001","expires_in":7200}`
	okUser  = `{"errcode":0,"errmsg":"ok","userid":"USERID"}`
)

// fake is WeCom behind an in-process transport. Each API has a function that
// answers; calls are recorded by API.
type fake struct {
	mu    sync.Mutex
	reply map[string]func(*http.Request) (*http.Response, error)
	calls map[string][]*http.Request
}

func newFake() *fake {
	f := &fake{reply: map[string]func(*http.Request) (*http.Response, error){}, calls: map[string][]*http.Request{}}
	f.on("gettoken", body(okToken))
	f.on("auth/getuserinfo", body(okUser))
	f.on("user/get", body(`{"errcode":0,"errmsg":"ok"}`))
	return f
}

func (f *fake) on(api string, reply func(*http.Request) (*http.Response, error)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reply[api] = reply
}

func (f *fake) RoundTrip(req *http.Request) (*http.Response, error) {
	_, api, _ := strings.Cut(req.URL.Path, "/cgi-bin/")
	f.mu.Lock()
	f.calls[api] = append(f.calls[api], req)
	reply := f.reply[api]
	f.mu.Unlock()
	if reply == nil {
		return status(http.StatusNotFound, "")(req)
	}
	return reply(req)
}

func (f *fake) count(api string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.calls[api])
}

// param returns a query parameter of the last call of api.
func (f *fake) param(api, name string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := f.calls[api]
	return all[len(all)-1].URL.Query().Get(name)
}

func body(text string) func(*http.Request) (*http.Response, error) {
	return status(http.StatusOK, text)
}

func status(code int, text string) func(*http.Request) (*http.Response, error) {
	return func(req *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: code, Header: http.Header{}, Request: req,
			Body: io.NopCloser(strings.NewReader(text))}, nil
	}
}

// inTurn answers with each body once, and with the last one from then on.
func inTurn(bodies ...string) func(*http.Request) (*http.Response, error) {
	var mu sync.Mutex
	return func(req *http.Request) (*http.Response, error) {
		mu.Lock()
		defer mu.Unlock()
		text := bodies[0]
		if len(bodies) > 1 {
			bodies = bodies[1:]
		}
		return body(text)(req)
	}
}

func (f *fake) app() wecom.App {
	return wecom.App{CorpID: corpID, AgentID: agentID, Secret: secret,
		HTTPClient: &http.Client{Transport: f}}
}

func open(t testing.TB, app wecom.App) core.Client {
	t.Helper()
	c, err := app.Open(env(slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return c
}

func directory(t testing.TB, app wecom.App) core.Directory {
	t.Helper()
	dir, ok := open(t, app).(core.Directory)
	if !ok {
		t.Fatal("the client is no core.Directory")
	}
	return dir
}

func openLogged(t testing.TB, app wecom.App) (core.Client, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	c, err := app.Open(env(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return c, &log
}

func source(t testing.TB, app wecom.App) wecom.TokenSource {
	t.Helper()
	s, err := app.NewTokenSource()
	if err != nil {
		t.Fatalf("NewTokenSource: %v", err)
	}
	return s
}

// env is what core.New opens a provider in.
func env(log *slog.Logger) core.Env {
	return core.Env{Log: log, Observe: func(context.Context, core.Event) {}}
}
