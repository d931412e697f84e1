// Command nethttp protects net/http routes with a WeCom login.
//
//	go run ./examples/nethttp
//
// It needs no WeCom account: without WECOM_CORP_ID, WECOM_AGENT_ID, WECOM_SECRET
// and BASE_URL in the environment it uses a fake WeCom. With them it may serve
// other machines too, as in a container: -addr :8080. A private edition also needs
// WECOM_API_URL, WECOM_OPEN_URL and WECOM_LOGIN_URL.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"time"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/examples/internal/demo"
	"github.com/wecomauth/wecomauth/nethttpmw"
)

func main() {
	config, addr := demo.Setup()
	auth, err := core.New(config)
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	require := nethttpmw.Require(auth)

	mux.Handle("GET /{$}", nethttpmw.Optional(auth)(page("首页 Home")))
	mux.Handle("GET /me", require(page("我 Me")))
	mux.Handle("GET /admin", nethttpmw.Require(auth, core.Departments(2))(page("研发部 Admin")))

	mux.Handle("GET /api/me", require(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, _ := nethttpmw.Identity(r)
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(map[string]string{"user_id": id.UserID, "name": id.Name}); err != nil {
			log.Print(err) // the visitor is gone
		}
	})))

	mux.Handle("GET /login", nethttpmw.Login(auth))
	mux.Handle("/logout", nethttpmw.Logout(auth))

	server := &http.Server{Addr: addr, Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	log.Fatal(server.ListenAndServe())
}

func page(title string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, in := nethttpmw.Identity(r)
		demo.Page(w, title, id, in)
	})
}
