package core_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom"
)

var app = wecom.App{CorpID: "ww1234567890abcdef", AgentID: "1000002", Secret: "0123456789abcdef0123456789abcdef"}

// manager returns a session manager that New accepts, after change.
func manager(change func(*scs.SessionManager)) *scs.SessionManager {
	sm := scs.New()
	sm.Store = memstore.NewWithCleanupInterval(0)
	sm.Cookie.Secure = true
	change(sm)
	return sm
}

func TestNewRefusesMistakes(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*core.Config)
		want   string // "" accepts
	}{
		{"the documented minimum", func(*core.Config) {}, ""},
		{"nothing", func(c *core.Config) { *c = core.Config{} }, "Config.Provider is missing"},
		{"no BaseURL", func(c *core.Config) { c.BaseURL = "" }, "Config.BaseURL is missing"},
		{"a relative BaseURL", func(c *core.Config) { c.BaseURL = "/oa" }, "not absolute"},
		{"a BaseURL without a scheme", func(c *core.Config) { c.BaseURL = "oa.example.com" }, "not absolute"},
		{"a BaseURL of another scheme", func(c *core.Config) { c.BaseURL = "ftp://oa.example.com" }, "not absolute"},
		{"a BaseURL with a fragment", func(c *core.Config) { c.BaseURL = base + "/#/app" }, "a fragment"},
		{"a BaseURL with a query", func(c *core.Config) { c.BaseURL = base + "?x" }, "a query"},
		{"a BaseURL with a password", func(c *core.Config) { c.BaseURL = "https://u:hunter2@oa.example.com" }, "user name"},
		{"a BaseURL that is no URL", func(c *core.Config) { c.BaseURL = "https://u:hunter2@oa.example.com:x" }, "is not a URL"},
		{"a BaseURL with an odd path", func(c *core.Config) { c.BaseURL = base + "/a%2Fb" }, "BaseURL's path"},
		{"a BaseURL with a prefix and a slash", func(c *core.Config) { c.BaseURL = base + "/oa/" }, ""},
		{"an overlong BaseURL", func(c *core.Config) { c.BaseURL = base + "/" + strings.Repeat("x", 255) }, "at most 255"},
		{"an alias that is a URL", func(c *core.Config) { c.Aliases = []string{"https://www.example.com"} }, "is not a host"},
		{"an alias with a path", func(c *core.Config) { c.Aliases = []string{"www.example.com/x"} }, "is not a host"},
		{"a relative CallbackPath", func(c *core.Config) { c.CallbackPath = "login" }, "Config.CallbackPath"},
		{"a CallbackPath with a query", func(c *core.Config) { c.CallbackPath = "/login?x=1" }, "Config.CallbackPath"},
		{"a CallbackPath with dot segments", func(c *core.Config) { c.CallbackPath = "/a/../login" }, "Config.CallbackPath"},
		{"an AfterLogout elsewhere", func(c *core.Config) { c.AfterLogout = "https://example.com/" }, "Config.AfterLogout"},
		{"a short key", func(c *core.Config) { c.Keys = []core.Key{[]byte("short")} }, "Config.Keys[0] has 5 bytes"},
		{"a negative lifetime", func(c *core.Config) { c.Lifetime = -1 }, "Config.Lifetime"},
		{"an idle timeout in seconds by mistake", func(c *core.Config) { c.IdleTimeout = 1800 }, "Config.IdleTimeout"},
		{"a lifetime beyond what browsers keep", func(c *core.Config) { c.Lifetime = 500 * 24 * time.Hour }, "400 days"},
		{"a tiny store timeout", func(c *core.Config) { c.StoreTimeout = 1 }, "Config.StoreTimeout"},
		{"an agent id that is not a number", func(c *core.Config) { a := app; a.AgentID = "agent"; c.Provider = a }, "AgentID"},
		{"no secret and no keys", func(c *core.Config) { a := app; a.Secret, a.Tokens = "", tokens{}; c.Provider = a }, "set Config.Keys"},
		{"no secret but keys", func(c *core.Config) {
			a := app
			a.Secret, a.Tokens = "", tokens{}
			c.Provider, c.Keys = a, []core.Key{make(core.Key, 32)}
		}, ""},
		{"a manager as it should be", func(c *core.Config) { c.Sessions = manager(func(*scs.SessionManager) {}) }, ""},
		{"a manager and a Lifetime", func(c *core.Config) {
			c.Sessions, c.Lifetime = manager(func(*scs.SessionManager) {}), time.Hour
		}, "leave Config's empty"},
		{"a manager that scs.New did not make", func(c *core.Config) { c.Sessions = &scs.SessionManager{} }, "make it with scs.New()"},
		{"SameSite=Strict", func(c *core.Config) {
			c.Sessions = manager(func(sm *scs.SessionManager) { sm.Cookie.SameSite = http.SameSiteStrictMode })
		}, "SameSite=Strict"},
		{"SameSite=None", func(c *core.Config) {
			c.Sessions = manager(func(sm *scs.SessionManager) { sm.Cookie.SameSite = http.SameSiteNoneMode })
		}, "SameSite must be"},
		{"a cookie that scripts can read", func(c *core.Config) {
			c.Sessions = manager(func(sm *scs.SessionManager) { sm.Cookie.HttpOnly = false })
		}, "HttpOnly"},
		{"a __Host- cookie with a domain", func(c *core.Config) {
			c.Sessions = manager(func(sm *scs.SessionManager) { sm.Cookie.Name, sm.Cookie.Domain = "__Host-s", "example.com" })
		}, "Domain is"},
		{"a manager whose sessions last for ever", func(c *core.Config) {
			c.Sessions = manager(func(sm *scs.SessionManager) { sm.Lifetime = math.MaxInt64 })
		}, "400 days"},
		{"a cookie for one path", func(c *core.Config) {
			c.Sessions = manager(func(sm *scs.SessionManager) { sm.Cookie.Path = "/oa" })
		}, "Path is"},
		{"a cookie without Secure on https", func(c *core.Config) {
			c.Sessions = manager(func(sm *scs.SessionManager) { sm.Cookie.Secure = false })
		}, "Secure is false"},
		{"a Secure cookie on http", func(c *core.Config) {
			c.BaseURL, c.Sessions = "http://localhost:8080", manager(func(*scs.SessionManager) {})
		}, "Secure is true"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := core.Config{Provider: app, BaseURL: base}
			tc.change(&c)
			a, err := core.New(c)
			switch {
			case tc.want == "" && (err != nil || a == nil):
				t.Errorf("refused: %v", err)
			case tc.want != "" && (err == nil || a != nil || !strings.Contains(err.Error(), tc.want)):
				t.Errorf("got %v, want an error with %q", err, tc.want)
			case err != nil && strings.Contains(err.Error(), "hunter2"):
				t.Errorf("the error repeats a password: %v", err)
			}
		})
	}
}

func TestNewReportsEveryMistakeAtOnce(t *testing.T) {
	_, err := core.New(core.Config{
		Provider: wecom.App{AgentID: "x"}, BaseURL: "/oa", CallbackPath: "login", Keys: []core.Key{nil}, Lifetime: 1,
	})
	for _, want := range []string{"BaseURL", "CallbackPath", "Keys[0]", "Lifetime", "CorpID", "AgentID", "Secret"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not speak of %s: %v", want, err)
		}
	}
}

func TestHTTPOnAPublicHostIsWarnedAbout(t *testing.T) {
	for url, want := range map[string]bool{
		"http://oa.example.com": true, "http://localhost:8080": false, "http://10.1.2.3": false,
		"http://app.localhost": false, "http://8.8.8.8": true, "https://oa.example.com": false,
	} {
		var log bytes.Buffer
		_, err := core.New(core.Config{Provider: app, BaseURL: url, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil || strings.Contains(log.String(), "use https") != want {
			t.Errorf("%s: %v, log %q, want a warning: %t", url, err, &log, want)
		}
	}
}

func TestKeysAreNotPrinted(t *testing.T) {
	k := core.Key("a-very-secret-key-0123456789abcdef")
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q", "%d"} {
		for _, v := range []any{k, []core.Key{k}, core.Config{Keys: []core.Key{k}, Provider: app}} {
			got := fmt.Sprintf(format, v)
			if strings.Contains(got, "very-secret") || strings.Contains(got, fmt.Sprintf("%x", "very")) || strings.Contains(got, "118 101 114") || strings.Contains(got, app.Secret) {
				t.Errorf("%s of %T: %s", format, v, got)
			}
		}
	}
}

type tokens struct{ wecom.TokenSource }
