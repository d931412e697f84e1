package wecom

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"

	"github.com/wecomauth/wecomauth/core"
)

// Suite holds the settings of a third-party app (第三方应用) of a service provider,
// which many companies install: one login for the people of all of them. Hand it
// to core.New. Printing it does not show the SuiteSecret, as with [App].
//
// A person is known by CorpID and UserID together, both as WeCom says: the same
// UserID in two companies is two people. WeCom tells a third-party app neither
// names nor departments, so that there are none in the Identity, and rules go by
// core.Corp, core.Users and functions; Config.Recheck does not work with it.
//
// An app that a provider builds inside a customer's company (代开发) is not one of
// these: it has a CorpID, an AgentID and a Secret, and is an [App].
// https://developer.work.weixin.qq.com/document/path/91120
type Suite struct {
	// SuiteID is the suite's id, 1 to 128 bytes: 服务商后台 > 应用管理 > 第三方应用, or
	// 登录授权 with WebLogin.
	SuiteID string
	// SuiteSecret is its secret, 16 to 128 bytes.
	SuiteSecret string
	// Allow says whether people of a company may log in: whether it is a customer.
	// Required: any company can install a published suite. An error keeps the person
	// out for now, of whichever Kind it is. It must be safe for concurrent use. See
	// [AllowCorps].
	Allow func(ctx context.Context, corpID string) (bool, error)
	// Tickets holds the suite_ticket that WeCom sends every ten minutes. Required:
	// see [Suite.NewTickets].
	Tickets *Tickets

	// WebLogin says that this is the suite of the provider's login authorization
	// (登录授权), whose page is the one with the QR code, for desktop browsers. Otherwise
	// it is a third-party app's, whose page is the one inside WeCom. WeCom knows
	// neither at the other's page, so where Page picks that one there is none, and the
	// person is asked to open the address in WeCom. A service that wants both makes
	// an Authenticator of each and joins them with core.NewCorps, as in the example.
	// https://developer.work.weixin.qq.com/document/path/98171
	WebLogin bool

	// APIURL, OpenURL, LoginURL, Page and HTTPClient are as in [App].
	APIURL, OpenURL, LoginURL string
	Page                      func(userAgent string) Page
	HTTPClient                *http.Client

	// LegacyUserInfo asks the former interface, /cgi-bin/service/getuserinfo3rd and
	// getuserdetail3rd, instead of those under /cgi-bin/service/auth/.
	LegacyUserInfo bool
	// PrivateInfo asks the person, inside WeCom, to consent that the app reads
	// personal data, and fills in Identity.Details: a gender, a picture and a QR
	// code are what a third-party app may see. It does nothing with WebLogin.
	// https://developer.work.weixin.qq.com/document/path/91122
	PrivateInfo bool
}

var _ core.Provider = Suite{}

// AllowCorps is an Allow for a fixed list of companies.
func AllowCorps(corpIDs ...string) func(context.Context, string) (bool, error) {
	corpIDs = slices.Clone(corpIDs)
	return func(_ context.Context, corpID string) (bool, error) { return slices.Contains(corpIDs, corpID), nil }
}

// Open checks the settings and returns a client for them. It makes no network
// call. The error joins one sentence for each mistake, and never holds the
// SuiteSecret.
func (s Suite) Open(env core.Env) (core.Client, error) {
	set, err := s.check()
	if err != nil {
		return nil, err
	}
	set.api.breakers.log = env.Log
	c := &suiteClient{suite: s, settings: set, log: env.Log}
	c.tokens = &tokenSource{api: set.api, name: apiSuiteToken, id: s.SuiteID, ask: c.getSuiteToken, log: env.Log, observe: env.Observe}
	return c, nil
}

// check reports every mistake at once.
func (s Suite) check() (settings, error) {
	errs := s.checkSecrets()
	if s.Allow == nil {
		errs = append(errs, errors.New("wecom: Suite.Allow is nil: say which companies are your customers, with wecom.AllowCorps or a function that looks them up"))
	}
	errs = append(errs, s.checkTickets())
	// The addresses and the client are an App's.
	app := App{APIURL: s.APIURL, OpenURL: s.OpenURL, LoginURL: s.LoginURL, HTTPClient: s.HTTPClient}
	urls, err := app.checkURLs()
	errs = append(errs, err)
	if err := errors.Join(errs...); err != nil {
		return settings{}, err
	}
	return settings{
		api:      &api{base: urls.api, http: app.httpClient(), secret: s.SuiteSecret},
		inClient: s.inClientPage(urls.open), webLogin: s.webLoginPage(urls.login),
	}, nil
}

func (s Suite) checkSecrets() []error {
	errs := []error{
		checkWord("SuiteID", s.SuiteID, "copy it from the suite's page in the service provider's console"),
		checkWord("SuiteSecret", s.SuiteSecret, "copy it from the suite's page in the service provider's console"),
	}
	if n := len(s.SuiteSecret); n > 0 && n < 16 {
		errs = append(errs, fmt.Errorf("wecom: SuiteSecret has %d bytes, too few to be one: copy it whole", n))
	}
	return errs
}

// https://developer.work.weixin.qq.com/document/path/91120
func (s Suite) inClientPage(openURL string) piecewise {
	scope := "snsapi_base"
	if s.PrivateInfo {
		scope = "snsapi_privateinfo"
	}
	return piecewise{
		openURL + "/connect/oauth2/authorize?appid=" + url.QueryEscape(s.SuiteID) + "&redirect_uri=",
		"&response_type=code&scope=" + scope + "&state=",
		"#wechat_redirect",
	}
}

// https://developer.work.weixin.qq.com/document/path/98171
func (s Suite) webLoginPage(loginURL string) piecewise {
	return piecewise{
		loginURL + "/wwlogin/sso/login?login_type=ServiceApp&appid=" + url.QueryEscape(s.SuiteID) + "&redirect_uri=",
		"&state=",
		"",
	}
}

// describe names the suite without its secret.
func (s Suite) describe() string {
	return fmt.Sprintf("wecom.Suite{SuiteID:%q, SuiteSecret:%s}", s.SuiteID, s.hidden())
}

func (s Suite) hidden() string {
	if s.SuiteSecret == "" {
		return "unset"
	}
	return redacted
}

// Format prints the suite without its secret, for every verb.
func (s Suite) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.describe()) }

// LogValue is the suite in a log, without its secret.
func (s Suite) LogValue() slog.Value {
	return slog.GroupValue(slog.String("suite_id", s.SuiteID), slog.String("suite_secret", s.hidden()))
}

// MarshalText is the suite in JSON, YAML or XML, without its secret.
func (s Suite) MarshalText() ([]byte, error) { return []byte(s.describe()), nil }
