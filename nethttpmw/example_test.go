package nethttpmw_test

import (
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
	"github.com/wecomauth/wecomauth/nethttpmw"
)

func ExampleRequire() {
	fake := wecomtest.New(wecomtest.Config{}) // with the real WeCom, Provider is a wecom.App
	auth, err := core.New(core.Config{Provider: fake.App(), BaseURL: "https://oa.example.com", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		log.Fatal(err)
	}
	me := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, _ := core.IdentityFrom(r.Context())
		_, _ = io.WriteString(w, "hello "+id.UserID)
	})
	mux := http.NewServeMux()
	mux.Handle("GET /me", nethttpmw.Require(auth)(me))
	fake.Serve("https://oa.example.com", mux)

	res, err := fake.Browser("zhangsan").Get("https://oa.example.com/me") // logs in on the way
	if err != nil {
		log.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(body))
	// Output: hello zhangsan
}

// A group: one middleware for everything below a path. Routers that take a
// func(http.Handler) http.Handler, such as chi, use it as it is.
func ExampleRequire_group() {
	fake := wecomtest.New(wecomtest.Config{})
	auth, err := core.New(core.Config{Provider: fake.App(), BaseURL: "https://oa.example.com", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		log.Fatal(err)
	}
	admin := http.NewServeMux()
	admin.HandleFunc("GET /admin/reports", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "reports") })
	mux := http.NewServeMux()
	mux.Handle("/admin/", nethttpmw.Require(auth, core.Departments(2))(admin))
	mux.Handle("/login", nethttpmw.Login(auth))
	mux.Handle("/logout", nethttpmw.Logout(auth))
	fake.Serve("https://oa.example.com", mux)

	for _, userID := range []string{"zhangsan", "lisi"} {
		res, err := fake.Browser(userID).Get("https://oa.example.com/admin/reports")
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(userID, res.Status)
	}
	// Output:
	// zhangsan 200 OK
	// lisi 403 Forbidden
}
