package wecom

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/wecomauth/wecomauth/core"
)

const (
	apiUserInfo       = "auth/getuserinfo"
	apiLegacyUserInfo = "user/getuserinfo"
)

// maxCode bounds a code, in bytes.
// https://developer.work.weixin.qq.com/document/path/91022
const maxCode = 512

// client is an opened App.
type client struct {
	settings
	app    App
	log    *slog.Logger
	tokens TokenSource
}

// App returns the app's ids; its key material is the Secret.
func (c *client) App() core.AppInfo {
	info := core.AppInfo{CorpID: c.app.CorpID, AgentID: c.app.AgentID, LinkedCorps: slices.Clone(c.app.LinkedCorps), NonMembers: c.app.NonMembers, NoProfile: c.app.NoProfile}
	if c.app.Secret != "" {
		info.KeyMaterial = []byte(c.app.Secret)
	}
	return info
}

// Format keeps the secret out of prints.
func (c *client) Format(f fmt.State, verb rune) { c.app.Format(f, verb) }

// MarshalText keeps it out of encoders.
func (c *client) MarshalText() ([]byte, error) { return c.app.MarshalText() }

// Exchange asks WeCom whom the code stands for, and, for an employee of this
// company, reads the profile unless App.NoProfile, and the details if
// App.PrivateInfo.
func (c *client) Exchange(ctx context.Context, code string) (core.Identity, error) {
	if !visibleASCII(code, maxCode) {
		return core.Identity{}, badCode(c.userInfoAPI())
	}
	ans, token, err := c.withToken(ctx, func(token string) (answer, error) {
		return c.userInfo(ctx, token, code)
	})
	if err != nil {
		return core.Identity{}, err
	}
	id, err := c.identity(ans)
	if err != nil || id.UserID == "" || id.CorpID != c.app.CorpID {
		return id, err // the app reads no profile and no details of other people
	}
	if !c.app.NoProfile {
		if id, err = c.withProfile(ctx, token, id); err != nil {
			return core.Identity{}, err
		}
	}
	if c.app.PrivateInfo {
		id.Details = c.details(ctx, token, ans, id.UserID)
	}
	return id, nil
}

// badCode: wrong calls count against the company's limits, so none is made.
func badCode(api string) error {
	return &callError{api: api, kind: core.ErrBadCallback,
		text: fmt.Sprintf("the code is not 1 to %d visible ASCII characters", maxCode)}
}

// withToken makes a call with the app's token.
func (c *client) withToken(ctx context.Context, call func(token string) (answer, error)) (answer, string, error) {
	return withToken(ctx, c.token, call)
}

// withToken makes a call with a token, and once more with a fresh one if WeCom
// refuses the first: the token falls first, so that a code is still unused. It
// returns the token that the answer came with.
func withToken(ctx context.Context, source func(ctx context.Context, rejected string) (string, error), call func(token string) (answer, error)) (answer, string, error) {
	token, err := source(ctx, "")
	if err != nil {
		return nil, "", err
	}
	ans, err := call(token)
	if tokenRefused(err) {
		if token, err = source(ctx, token); err != nil {
			return nil, "", err
		}
		ans, err = call(token)
	}
	return ans, token, err
}

// token asks the source, and holds a foreign one to its contract.
func (c *client) token(ctx context.Context, rejected string) (string, error) {
	token, err := c.tokens.Token(ctx, rejected)
	var kind *core.Kind
	switch {
	case err != nil && errors.As(err, &kind):
		return "", err
	case err != nil:
		return "", transportError("token source", err, scrubber{c.app.Secret, rejected})
	case token == "":
		return "", &callError{api: "token source", text: "Tokens returned an empty token", kind: core.ErrMisconfigured}
	case token == rejected:
		return "", &callError{api: "token source", kind: core.ErrMisconfigured,
			text: "Tokens returned the token again that WeCom has refused: check that it serves this app"}
	}
	return token, nil
}

// renewableCodes are the codes of a token that WeCom does not take: an app's, and
// a suite's.
var renewableCodes = []int{40014, 42001, 40001, 40082, 42009}

// tokenRefused says whether a fresh token may help.
func tokenRefused(err error) bool {
	var e *APIError
	return errors.As(err, &e) && slices.Contains(renewableCodes, e.Code)
}

func (c *client) userInfoAPI() string {
	if c.app.LegacyUserInfo {
		return apiLegacyUserInfo
	}
	return apiUserInfo
}

// https://developer.work.weixin.qq.com/document/path/91023
func (c *client) userInfo(ctx context.Context, token, code string) (answer, error) {
	params := []param{
		{name: "access_token", value: token, secret: true},
		{name: "code", value: code, secret: true},
	}
	if c.app.LegacyUserInfo {
		params = append(params, param{name: "agentid", value: c.app.AgentID})
	}
	return c.api.get(ctx, c.userInfoAPI(), params...)
}
