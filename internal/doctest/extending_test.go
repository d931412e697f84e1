package doctest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core"
)

// The fragments of docs/extending.md: a provider and an adapter.

// SSO is a company's own sign-in page, which hands out codes as WeCom does.
type SSO struct{ URL, Secret string }

func (s SSO) Open(core.Env) (core.Client, error) {
	if s.URL == "" || s.Secret == "" {
		return nil, errors.New("sso: set URL and Secret")
	}
	return ssoClient{s}, nil
}

type ssoClient struct{ sso SSO }

func (c ssoClient) App() core.AppInfo {
	return core.AppInfo{CorpID: "sso", AgentID: "1", KeyMaterial: []byte(c.sso.Secret)}
}

func (c ssoClient) AuthCodeURL(req core.AuthRequest) string {
	return c.sso.URL + "/authorize?" + url.Values{"redirect_uri": {req.RedirectURL}, "state": {req.State}}.Encode()
}

func (c ssoClient) Exchange(ctx context.Context, code string) (core.Identity, error) {
	form := strings.NewReader(url.Values{"code": {code}, "secret": {c.sso.Secret}}.Encode())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.sso.URL+"/whois", form)
	if err != nil {
		return core.Identity{}, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return core.Identity{}, fmt.Errorf("%w: %w", core.ErrUnavailable, err)
	}
	defer func() { _ = res.Body.Close() }()
	userID, err := io.ReadAll(io.LimitReader(res.Body, 65)) // from outside: bounded
	switch {
	case res.StatusCode == http.StatusBadRequest:
		return core.Identity{}, core.ErrCodeInvalid
	case err != nil || res.StatusCode != http.StatusOK || len(userID) == 0 || len(userID) > 64:
		return core.Identity{}, core.ErrBadAnswer
	}
	return core.Identity{CorpID: "sso", UserID: string(userID)}, nil
}

// handler is what routes are in a framework whose handlers return errors.
type handler func(w http.ResponseWriter, r *http.Request) error

func requireLogin(auth core.Gate, rules ...core.Rule) func(handler) handler {
	decide := auth.Guard(rules...)
	return func(next handler) handler {
		return func(w http.ResponseWriter, r *http.Request) error {
			d := decide(w.Header(), r)
			switch {
			case d.Action == core.Pass:
				return next(w, r.WithContext(d.Context()))
			case d.Answer(w, r):
				return nil
			default: // Config.OnError wrote nothing: the framework answers
				return d.Err()
			}
		}
	}
}

// TestExtending logs in by both.
func TestExtending(t *testing.T) {
	sso := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch q := r.URL.Query(); {
		case r.URL.Path == "/authorize":
			http.Redirect(w, r, q.Get("redirect_uri")+"?code=C&state="+q.Get("state"), http.StatusFound)
		case r.PostFormValue("code") == "C" && r.PostFormValue("secret") != "":
			_, _ = io.WriteString(w, "zhangsan")
		default:
			w.WriteHeader(http.StatusBadRequest)
		}
	}))
	defer sso.Close()
	app := httptest.NewUnstartedServer(nil)
	auth, err := core.New(core.Config{
		Provider: SSO{sso.URL, "a secret of thirty-two bytes ..."}, BaseURL: "http://" + app.Listener.Addr().String(),
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	page := requireLogin(auth)(func(w http.ResponseWriter, r *http.Request) error {
		id, _ := core.IdentityFrom(r.Context())
		_, err := io.WriteString(w, id.UserID)
		return err
	})
	app.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _ = page(w, r) })
	app.Start()
	defer app.Close()
	jar, _ := cookiejar.New(nil)
	req, _ := http.NewRequest(http.MethodGet, app.URL+"/me", nil)
	req.Header.Set("Accept", "text/html")
	res, err := (&http.Client{Jar: jar}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if body, err := io.ReadAll(res.Body); err != nil || string(body) != "zhangsan" {
		t.Errorf("%s: %s, %v", res.Status, body, err)
	}
}
