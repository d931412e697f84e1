package core

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
)

// A Provider holds the settings of one WeCom app, such as [wecom.App]. [New]
// calls Open once; a Provider is not used after that, so it is a plain value
// that can be copied and printed.
//
// [wecom.App]: https://pkg.go.dev/github.com/wecomauth/wecomauth/core/wecom#App
type Provider interface {
	// Open checks the settings and returns a running Client. It makes no
	// network call. It reports every mistake at once, joined by errors.Join,
	// each with what to do about it, and never the secret itself.
	Open(env Env) (Client, error)
}

// Env is what a [Provider] is opened in. Its fields are never nil.
type Env struct {
	Log     *slog.Logger // Config.Logger
	Observe Observer     // Config.Observer; a panic in it is caught
}

// A Client speaks to one WeCom app. Its methods are safe for concurrent use.
type Client interface {
	// App says which app this is and what key material comes with it.
	App() AppInfo

	// AuthCodeURL returns the address of the page where WeCom tells us who the
	// person is, or "" if no such page works in this browser: the person is then
	// asked to open the page in WeCom. It is pure: same request, same address.
	AuthCodeURL(req AuthRequest) string

	// Exchange trades a code for the person it stands for. It sends the code to
	// WeCom at most twice, and the second time only if the first was refused
	// for its access token, which leaves the code unused.
	//
	// An error wraps one of the [Kind] values of this package, which decides
	// what the person sees; an error that wraps none counts as [ErrInternal].
	// No error text contains a secret, an access token or a code.
	Exchange(ctx context.Context, code string) (Identity, error)
}

// AppInfo identifies an app. Cookie names, keys and session records are bound
// to it, so that two apps on one host or in one store never meet.
type AppInfo struct {
	// CorpID is the company's id, and AgentID the app's, in WeCom's console; of
	// another provider, whatever names its app. Neither is secret.
	CorpID  string
	AgentID string

	// LinkedCorps are other companies whose people the provider lets in.
	LinkedCorps []string

	// AnyCorp says that there is no such list: at each login the provider decides
	// whether it lets in people of that company. CorpID then names the provider's
	// app, and is nobody's company.
	AnyCorp bool

	// NonMembers says that the provider lets in people who are no employees, whom it
	// names by an OpenID.
	NonMembers bool

	// NoProfile says that Exchange names nobody's departments: rules that ask for them
	// are refused when the route is made.
	NoProfile bool

	// KeyMaterial is a secret that all instances of the service share, at least
	// 16 bytes; nil if the provider has none, and Config.Keys must be set then.
	KeyMaterial []byte
}

// AuthRequest is what an authorize address is made from.
type AuthRequest struct {
	RedirectURL string // absolute, no query, no fragment
	State       string // 48 characters of a-z and 2-7
	UserAgent   string // as the browser sent it; a hint for the page, never for access
}

// corps are the companies whose people may log in.
type corps struct {
	ids     []string // the app's own first
	any     bool     // the provider knows
	openIDs bool     // and people who are no employees
}

func corpsOf(app AppInfo) corps {
	if app.AnyCorp {
		return corps{any: true, openIDs: app.NonMembers}
	}
	return corps{ids: append([]string{app.CorpID}, app.LinkedCorps...), openIDs: app.NonMembers}
}

// admits reports somebody who may log in, as the provider is set up now.
func (c corps) admits(id *Identity) bool {
	return c.has(id.CorpID) && (id.UserID != "" || c.openIDs)
}

func (c corps) has(corpID string) bool {
	return slices.Contains(c.ids, corpID) || c.any && corpID != "" && len(corpID) <= maxText
}

// only returns the company, if there is but one; else "".
func (c corps) only() string {
	if len(c.ids) == 1 && !c.any {
		return c.ids[0]
	}
	return ""
}

func (c corps) String() string {
	if c.any {
		return "those that the provider lets in"
	}
	return fmt.Sprintf("%q", c.ids)
}
