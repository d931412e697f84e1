package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/redis/rueidis"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/redisstore"
	"github.com/wecomauth/wecomauth/core/wecom"
	"github.com/wecomauth/wecomauth/examples/internal/demo"
	"github.com/wecomauth/wecomauth/nethttpmw"
)

// drainTimeout is what requests under way may still take when an instance ends.
// It is longer than ExchangeTimeout, so that no login is cut off.
const drainTimeout = 20 * time.Second

// instance is the application: what each of the machines runs. All of them get
// the same environment, except for the address to listen on.
func instance(getenv func(string) string) error {
	logger := slog.New(slog.NewTextHandler(os.Stderr, nil)).With("instance", getenv("ADDR"))
	store, err := redisstore.New(redisstore.Config{
		ClientOption: rueidis.ClientOption{InitAddress: []string{getenv("REDIS_ADDR")}},
	})
	if err != nil {
		return err
	}
	defer store.Close()
	auth, err := core.New(core.Config{
		Provider: app(getenv),
		BaseURL:  getenv("BASE_URL"), // the address that browsers use, not this instance's
		Store:    store,
		Logger:   logger,
	})
	if err != nil {
		return err
	}
	return serve(&http.Server{Addr: getenv("ADDR"), Handler: routes(auth), ReadHeaderTimeout: 5 * time.Second})
}

// app is the WeCom app. The cookies' keys come from its secret, so that a login
// which began on one instance finishes on any other.
func app(getenv func(string) string) wecom.App {
	at := getenv("WECOM_URL") // of the fake; empty for the real one
	return wecom.App{
		CorpID: getenv("WECOM_CORP_ID"), AgentID: getenv("WECOM_AGENT_ID"), Secret: getenv("WECOM_SECRET"),
		APIURL: at, OpenURL: at, LoginURL: at,
	}
}

// serve answers requests until SIGTERM, and then those that are under way. The
// balancer sends new ones elsewhere, as nobody listens here any more.
func serve(server *http.Server) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	return server.Shutdown(drain)
}

func routes(auth *core.Authenticator) *http.ServeMux {
	mux := http.NewServeMux()
	require := nethttpmw.Require(auth)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { // public: a balancer has no session
		w.WriteHeader(http.StatusNoContent)
	})
	mux.Handle("GET /{$}", nethttpmw.Optional(auth)(page("首页 Home")))
	mux.Handle("GET /me", require(page("我 Me")))
	mux.Handle("GET /admin", nethttpmw.Require(auth, core.Departments(2))(page("研发部 Admin")))
	mux.Handle("GET /api/me", require(http.HandlerFunc(me)))
	mux.Handle("GET /login", nethttpmw.Login(auth))
	mux.Handle("/logout", nethttpmw.Logout(auth))
	return mux
}

func me(w http.ResponseWriter, r *http.Request) {
	id, _ := nethttpmw.Identity(r)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"user_id": id.UserID, "name": id.Name}) // the visitor may be gone
}

func page(title string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, in := nethttpmw.Identity(r)
		demo.Page(w, title, id, in)
	})
}
