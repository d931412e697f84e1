package wecom

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/wecomauth/wecomauth/core"
)

const (
	apiSuiteToken         = "service/get_suite_token"
	apiSuiteUser          = "service/auth/getuserinfo3rd"
	apiLegacySuiteUser    = "service/getuserinfo3rd"
	apiSuiteDetails       = "service/auth/getuserdetail3rd"
	apiLegacySuiteDetails = "service/getuserdetail3rd"
)

// suiteClient is an opened Suite.
type suiteClient struct {
	settings
	suite  Suite
	log    *slog.Logger
	tokens *tokenSource
}

// App returns the suite's id in place of a company's; its key material is the
// secret.
func (c *suiteClient) App() core.AppInfo {
	return core.AppInfo{CorpID: c.suite.SuiteID, AgentID: "suite", AnyCorp: true, KeyMaterial: []byte(c.suite.SuiteSecret)}
}

// Format keeps the secret out of prints.
func (c *suiteClient) Format(f fmt.State, verb rune) { c.suite.Format(f, verb) }

// MarshalText keeps it out of encoders.
func (c *suiteClient) MarshalText() ([]byte, error) { return c.suite.MarshalText() }

// AuthCodeURL returns the address of the suite's one page, or "" where Page picks
// another: WeCom would say there that it does not know the suite.
func (c *suiteClient) AuthCodeURL(req core.AuthRequest) string {
	pick := c.suite.Page
	if pick == nil {
		pick = DefaultPage
	}
	switch page := pick(req.UserAgent); {
	case page == WebLogin && c.suite.WebLogin:
		return c.webLogin.with(req)
	case page == InClient && !c.suite.WebLogin:
		return c.inClient.with(req)
	}
	return ""
}

// Exchange asks WeCom whom the code stands for, then whether the person's company
// is a customer.
func (c *suiteClient) Exchange(ctx context.Context, code string) (core.Identity, error) {
	if !visibleASCII(code, maxCode) {
		return core.Identity{}, badCode(c.userAPI())
	}
	ans, token, err := withToken(ctx, c.tokens.Token, func(token string) (answer, error) {
		return c.api.get(ctx, c.userAPI(),
			param{name: "suite_access_token", value: token, secret: true},
			param{name: "code", value: code, secret: true})
	})
	if err != nil {
		return core.Identity{}, err
	}
	id, err := c.identity(ctx, ans)
	if err == nil && c.suite.PrivateInfo {
		id.Details = c.details(ctx, token, ans, id)
	}
	return id, err
}

func (c *suiteClient) userAPI() string {
	if c.suite.LegacyUserInfo {
		return apiLegacySuiteUser
	}
	return apiSuiteUser
}

func (c *suiteClient) detailsAPI() string {
	if c.suite.LegacyUserInfo {
		return apiLegacySuiteDetails
	}
	return apiSuiteDetails
}

// identity takes the company from the answer, and from nowhere else.
// https://developer.work.weixin.qq.com/document/path/91121
func (c *suiteClient) identity(ctx context.Context, ans answer) (core.Identity, error) {
	corpID, err1 := ans.text("corpid")
	userID, err2 := ans.text("userid")
	openID, err3 := ans.text("openid")
	refuse := func(kind *core.Kind, text string) (core.Identity, error) {
		return core.Identity{}, &callError{api: c.userAPI(), kind: kind, text: text}
	}
	if err := errors.Join(err1, err2, err3); err != nil {
		return refuse(core.ErrBadAnswer, err.Error())
	}
	switch {
	case userID == "" && openID != "":
		return refuse(core.ErrNotMember, "WeCom knows the person by an openid only, who belongs to no company")
	case openID != "" || !visibleASCII(corpID, maxSetting) || strings.Contains(corpID, "/"):
		return refuse(core.ErrBadAnswer, "the answer names no company with a person, and nobody without one")
	case !userIDForm.MatchString(userID):
		return refuse(core.ErrBadAnswer, "the userid is not of the form that WeCom documents")
	}
	customer, err := c.suite.Allow(ctx, corpID)
	switch {
	case err != nil:
		// Its kind is not the login's: ErrCodeInvalid would start it again.
		return core.Identity{}, fmt.Errorf("%w: Suite.Allow: %v", core.ErrUnavailable, err) //nolint:errorlint // hides the kind
	case !customer:
		return refuse(core.ErrOtherCorp, "Suite.Allow does not know company "+corpID)
	}
	return core.Identity{CorpID: corpID, UserID: userID}, nil
}

// details returns what the person has consented to show, or nil: a failure is
// logged and the login goes on.
// https://developer.work.weixin.qq.com/document/path/91122
func (c *suiteClient) details(ctx context.Context, token string, ans answer, id core.Identity) *core.Details {
	ticket, err := ticketOf(c.userAPI(), ans)
	if err == nil && ticket == "" {
		return nil
	}
	var d *core.Details
	if err == nil {
		ctx, cancel := briefly(ctx)
		defer cancel()
		ans, err = c.api.post(ctx, c.detailsAPI(),
			[]param{{name: "user_ticket", value: ticket, secret: true}},
			param{name: "suite_access_token", value: token, secret: true})
	}
	if err == nil {
		d, err = readDetails(c.detailsAPI(), ans, id.UserID)
	}
	if corpID, _ := ans.text("corpid"); err == nil && corpID != id.CorpID {
		err = badAnswer(c.detailsAPI(), "the answer is about a person of another company")
	}
	if err != nil {
		c.log.WarnContext(ctx, "wecom: login without details", errAttrs(err)...)
		return nil
	}
	return d
}

// getSuiteToken is one call. https://developer.work.weixin.qq.com/document/path/90600
func (c *suiteClient) getSuiteToken(ctx context.Context) (token string, life time.Duration, err error) {
	ticket, err := c.suite.Tickets.get(ctx)
	if err != nil {
		return "", 0, err
	}
	ans, err := c.api.post(ctx, apiSuiteToken, []param{
		{name: "suite_id", value: c.suite.SuiteID},
		{name: "suite_secret", value: c.suite.SuiteSecret, secret: true},
		{name: "suite_ticket", value: ticket, secret: true},
	})
	if err != nil {
		return "", 0, err
	}
	return c.tokens.read(ans, "suite_access_token")
}
