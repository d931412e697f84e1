// Package wecom holds the providers of WeCom (企业微信) self-built apps, [App], and of
// third-party apps of service providers, [Suite]: it sends a
// person to WeCom's login page and asks WeCom who came back.
//
// An [App] holds the settings; core.New opens it. Every call goes from the
// server to WeCom's API host, and no secret, access token or code reaches a
// log, an error text or fmt output.
package wecom

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"

	"github.com/wecomauth/wecomauth/core"
)

// App holds the settings of one WeCom self-built app. It is a plain value: fill
// it in, hand it to core.New, and copy it freely. Printing it with any fmt verb
// or encoder does not show the Secret. (fmt cannot be stopped from printing an
// App that sits in an unexported field of another struct.)
type App struct {
	// CorpID is the company's id, 1 to 128 bytes: 我的企业 > 企业信息 > 企业ID.
	CorpID string
	// AgentID is the app's id, a positive decimal integer such as "1000002".
	AgentID string
	// Secret is the app's secret, at most 128 bytes; real ones have 43, and
	// core.New derives its keys only from one of at least 16. It may be empty only if
	// Tokens is set; core.New then needs keys of its own.
	Secret string

	// APIURL is where the API calls go; default https://qyapi.weixin.qq.com.
	// This and the next two are for private editions: absolute, http or https,
	// with an optional path prefix, without query, fragment and userinfo.
	APIURL string
	// OpenURL holds the login page inside the WeCom client; default
	// https://open.weixin.qq.com.
	OpenURL string
	// LoginURL holds the login page of desktop browsers; default
	// https://login.work.weixin.qq.com.
	LoginURL string

	// Page picks the login page by the browser's User-Agent. It must be safe
	// for concurrent use. Nil means DefaultPage.
	Page func(userAgent string) Page
	// LegacyUserInfo asks the former interface, /cgi-bin/user/getuserinfo with
	// an agentid, instead of /cgi-bin/auth/getuserinfo.
	LegacyUserInfo bool
	// NoProfile saves the call that reads the person's name and departments.
	// That call also refuses people outside the app's visible range and accounts
	// that are disabled or have left; if it fails, they get in like everybody.
	// Rules that ask for departments cannot work then, and panic where a route is made.
	NoProfile bool
	// PrivateInfo asks the person, inside WeCom, to consent that the app reads
	// personal data (snsapi_privateinfo), and fills in Identity.Details. A login
	// by QR code, and one without consent, have no Details.
	// https://developer.work.weixin.qq.com/document/path/95833
	PrivateInfo bool
	// LinkedCorps are the CorpIDs of linked companies (互联企业, 上下游) whose
	// people may log in too, each 1 to 128 bytes. Their Identity holds the CorpID
	// and the UserID only: the app reads no profile and no Details of them, and
	// cannot tell later whether they have left. WeCom names the people of every
	// company that the app is shared with; those of others are refused.
	// https://developer.work.weixin.qq.com/document/path/91023
	LinkedCorps []string
	// NonMembers lets in people whom WeCom knows by an openid only, customers and
	// anybody else who uses WeChat: Identity.OpenID is 1 to 64 bytes, and UserID
	// is empty. An employee who opens the page in WeChat may come as one of them.
	// https://developer.work.weixin.qq.com/document/path/91023
	NonMembers bool
	// Tokens is a central token service. Nil means a source of the app's own,
	// which needs the Secret.
	Tokens TokenSource
	// HTTPClient makes the calls; nil means a client of the app's own. It is
	// copied: redirects are never followed, because the address holds secrets,
	// and a Timeout of 0 becomes 5 seconds for each call.
	HTTPClient *http.Client
}

var _ core.Provider = App{}

// Open checks the settings and returns a client for them. It makes no network
// call. The error joins one sentence for each mistake, and never holds the
// Secret.
func (a App) Open(env core.Env) (core.Client, error) {
	set, err := a.check(a.Tokens == nil)
	if err != nil {
		return nil, err
	}
	set.api.breakers.log = env.Log
	a.LinkedCorps = slices.Clone(a.LinkedCorps) // the caller may change theirs
	c := &client{app: a, settings: set, log: env.Log, tokens: a.Tokens}
	if c.tokens == nil {
		c.tokens = newTokenSource(a.CorpID, set.api, env)
	}
	return c, nil
}

// NewTokenSource returns the app's own caching source, for an application that
// makes other WeCom calls with the same app: set Tokens to it and use it there
// too. It makes no network call, ignores Tokens, and tells no Observer. The error joins one
// sentence for each mistake in the settings.
func (a App) NewTokenSource() (TokenSource, error) {
	set, err := a.check(true)
	if err != nil {
		return nil, err
	}
	return newTokenSource(a.CorpID, set.api, core.Env{
		Log:     slog.New(slog.DiscardHandler),
		Observe: func(context.Context, core.Event) {},
	}), nil
}

// describe names the app without its Secret.
func (a App) describe() string {
	return fmt.Sprintf("wecom.App{CorpID:%q, AgentID:%q, Secret:%s}", a.CorpID, a.AgentID, a.hidden())
}

func (a App) hidden() string {
	if a.Secret == "" {
		return "unset"
	}
	return redacted
}

// Format prints the app without its Secret, for every verb.
func (a App) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, a.describe()) }

// LogValue is the app in a log, without its Secret.
func (a App) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("corp_id", a.CorpID),
		slog.String("agent_id", a.AgentID),
		slog.String("secret", a.hidden()),
	)
}

// MarshalText is the app in JSON, YAML or XML, without its Secret. Reading an
// App from JSON is not affected.
func (a App) MarshalText() ([]byte, error) { return []byte(a.describe()), nil }
