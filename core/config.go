package core

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
)

// Defaults of [Config].
const (
	DefaultLifetime        = 12 * time.Hour
	DefaultStoreTimeout    = 2 * time.Second
	DefaultExchangeTimeout = 15 * time.Second
	DefaultRevokeWithin    = 10 * time.Second
	DefaultAfterLogout     = "/"
)

const (
	retryAfter   = 5 * time.Second  // what an unavailable WeCom or store asks visitors to wait
	queueTimeout = 45 * time.Second // how long a callback waits for one of maxInFlight; with its exchange, as long as nginx waits for us
	maxInFlight  = 64               // exchanges under way at once; WeCom answers 45033 to hundreds
)

// Config is what an [Authenticator] is made from. Provider and BaseURL are
// required; the zero value of every other field is the recommended setting.
// New copies it: later changes have no effect.
type Config struct {
	// Provider is the WeCom app, such as wecom.App.
	Provider Provider

	// BaseURL is the address under which browsers reach the service, such as
	// "https://oa.example.com". Its host must be the app's trusted domain in
	// WeCom's console, port included. A path is the prefix that a proxy in front
	// strips. It decides Secure cookies and where logins return to; headers such
	// as Host and X-Forwarded-* never do.
	BaseURL string

	// Aliases are other hosts, as browsers send them in Host, whose anonymous
	// page loads are moved to BaseURL: "www.oa.example.com". Exact, with the
	// port unless it is the scheme's own.
	Aliases []string

	// CallbackPath is the path at which the adapter's Login is mounted, as this
	// service sees it: "/login". When it is set, WeCom sends everybody back
	// there. Leave it empty and every protected page is its own callback, which
	// works for paths of up to 200 of the characters A-Z a-z 0-9 / _ . ~ - on
	// routes that do not match on a query. Other pages need it.
	// With it, a browser that loses an attempt's cookie ends its login at "/".
	CallbackPath string

	// KeepFragment brings visitors back to the part of the address behind '#',
	// for single-page apps that route by it: /#/orders/7. Browsers do not send
	// that part, so an anonymous visit is first answered with a page whose script
	// puts it into the query, where proxies may log it. Without JavaScript the
	// login works and the fragment is lost, as is one of more than 512 bytes.
	KeepFragment bool

	// AfterLogout is the local path of a page to show after logout. It must not
	// require a login: in WeCom's client that would log the person in again at
	// once. Default "/".
	AfterLogout string

	// Keys replace the keys that are derived from the app's secret, newest
	// first: new cookies use the first, and all of them open old ones, which is
	// how to rotate. Required when the provider has no secret. All instances
	// need the same keys.
	Keys []Key

	// Store holds the sessions; any scs store will do. Default: this process's
	// memory, which is right for one instance. With several instances use a
	// shared one, such as Redis.
	Store scs.Store

	// Sessions is the application's own session manager, for applications that
	// keep values of their own in the session. It is used and never altered; its
	// cookie must be HttpOnly, SameSite=Lax, Path=/ and, on https, Secure. Leave
	// Store, Lifetime and IdleTimeout zero with it: the manager has its own.
	Sessions *scs.SessionManager

	// Lifetime is how long a login lasts, used or not. Default 12 hours; at
	// least a minute, at most 400 days, which is as long as browsers keep a cookie.
	Lifetime time.Duration

	// IdleTimeout ends a session that has not been used for this long, to within
	// a tenth of it. Default 0: only Lifetime counts. At least a minute.
	IdleTimeout time.Duration

	// RevokeWithin is how soon Revoke on one instance ends sessions on the others,
	// at the price of one more read of the store for each person and instance in
	// that time. A store that tells of changes, such as core/redisstore, needs no
	// such read and is told at once. Default 10 s; at least one.
	RevokeWithin time.Duration

	// Recheck looks people up in WeCom while they are logged in, and ends the
	// sessions of those who have left, are disabled, or are no longer in the app's
	// visible range, within this time. No request waits for it. It costs one call
	// of user/get for each person in about two thirds of this time, shared by all
	// instances, and an instance makes at most ten a second. Employees of the
	// app's own company only. Default 0: never; at least a minute. The provider
	// must be a Directory.
	Recheck time.Duration

	// StoreTimeout bounds each use of a store that obeys a context. Default 2 s.
	// core/redisstore has a timeout of its own for reading sessions.
	StoreTimeout time.Duration

	// ExchangeTimeout bounds the exchange of a code, OnLogin included. Default 15 s.
	ExchangeTimeout time.Duration

	// OnLogin is called once per login, before the session exists: map the
	// person to a local account, or return an error to refuse. The person sees a
	// 403 page and the log has the error; an error that wraps a Kind, such as
	// ErrUnavailable, is answered as that kind. It may run on several goroutines.
	// It must not write to the session, which a change of person clears.
	OnLogin func(ctx context.Context, id Identity) error

	// OnError answers refusals (400 to 599) in place of this package's pages and
	// JSON. Cache-Control, Referrer-Policy, Retry-After and cookies are already
	// set. They are more than errors: among them are Logout's question, and the way
	// on for a phone and out of a frame; [Error.Answer] writes ours for those that
	// you leave alone. If it writes nothing, the framework's own error handling
	// answers: Gin's c.Errors, Echo's HTTPErrorHandler; net/http sends the bare status.
	OnError func(w http.ResponseWriter, r *http.Request, err *Error)

	// ClientIP names the visitor's IP address when a proxy stands in front, from
	// a header that your own proxy sets and nobody else can:
	//
	//	func(r *http.Request) string { return r.Header.Get("X-Real-IP") }
	//
	// It decides only how failing logins are rationed. By default the connection's
	// address is used, unless that is a private one, of a proxy most likely: then
	// one hostile visitor can use up everybody's ration, and logins stop but for
	// about 1,000 an hour.
	ClientIP func(r *http.Request) string

	// DangerouslyAllowCrossOrigin lets other sites send POST, PUT, PATCH and
	// DELETE requests to protected routes, and open WebSockets. They carry the session only from
	// sibling subdomains, which is who this opens the routes to.
	DangerouslyAllowCrossOrigin bool

	// Logger receives one record for each failure. Default slog.Default().
	Logger *slog.Logger

	// Observer is told of logins, refusals, token renewals and ended sessions.
	Observer Observer
}

// withDefaults fills what was left out.
func (c Config) withDefaults() Config {
	if c.AfterLogout == "" {
		c.AfterLogout = DefaultAfterLogout
	}
	if c.Sessions == nil {
		if c.Lifetime == 0 {
			c.Lifetime = DefaultLifetime
		}
		if c.Store == nil {
			c.Store = newMemoryStore()
		}
	}
	if c.StoreTimeout == 0 {
		c.StoreTimeout = DefaultStoreTimeout
	}
	if c.RevokeWithin == 0 {
		c.RevokeWithin = DefaultRevokeWithin
	}
	if c.ExchangeTimeout == 0 {
		c.ExchangeTimeout = DefaultExchangeTimeout
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}
