package wecom

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"
	"unicode"

	"github.com/wecomauth/wecomauth/core"
)

const (
	apiUser        = "user/get"
	maxName        = 128 // bytes
	maxDepartments = 100
)

// What user/get says about an account that may not log in.
// https://developer.work.weixin.qq.com/document/path/90196
const (
	statusDisabled = 2
	statusLeft     = 5
)

// optionalCall is how long a call may take that the login can do without.
const optionalCall = 3 * time.Second

// briefly bounds such a call, and leaves half of what time there is to the login.
func briefly(ctx context.Context) (context.Context, context.CancelFunc) {
	limit := optionalCall
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(deadline)/2)
	}
	return context.WithTimeout(ctx, limit)
}

// withProfile adds the name and the departments. WeCom has named the person
// already, so that a failure to read them is logged and the login goes on. But
// getuserinfo names employees outside the app's visible range too, and accounts
// of any status: what user/get says about that is an answer, and is obeyed.
// https://developer.work.weixin.qq.com/document/path/91023
func (c *client) withProfile(ctx context.Context, token string, id core.Identity) (core.Identity, error) {
	ctx, cancel := briefly(ctx)
	defer cancel()
	ans, err := c.user(ctx, token, id.UserID)
	if err == nil {
		if err := inactive(ans); err != nil {
			return core.Identity{}, err
		}
		err = readProfile(ans, &id)
	}
	if errors.Is(err, core.ErrNotVisible) || errors.Is(err, core.ErrNotMember) {
		return core.Identity{}, err
	}
	if err != nil {
		c.log.WarnContext(ctx, "wecom: login without name and departments", errAttrs(err)...)
	}
	return id, nil
}

// https://developer.work.weixin.qq.com/document/path/90196
func (c *client) user(ctx context.Context, token, userID string) (answer, error) {
	return c.api.get(ctx, apiUser,
		param{name: "access_token", value: token, secret: true},
		param{name: "userid", value: userID})
}

// inactive returns an error for an account that may not log in. A status that is
// absent is unknown, and no reason.
func inactive(ans answer) error {
	if status, _ := ans.integer("status"); status != statusDisabled && status != statusLeft {
		return nil
	}
	return &callError{api: apiUser, kind: core.ErrNotMember,
		text: "the account is disabled or has left the company"}
}

// readProfile fills in id, or leaves it as it is. Absent fields are normal: the
// app may not read them.
func readProfile(ans answer, id *core.Identity) error {
	userID, err1 := ans.text("userid")
	name, err2 := ans.text("name")
	departments := []int{}
	var err3 error
	if raw, ok := ans["department"]; ok && json.Unmarshal(raw, &departments) != nil {
		err3 = errors.New("the member department of the answer is not a list of integers")
	}
	if err := errors.Join(err1, err2, err3); err != nil {
		return badAnswer(apiUser, err.Error())
	}
	// WeCom may spell a userid differently from call to call.
	if userID != "" && lowerASCII(userID) != lowerASCII(id.UserID) {
		return badAnswer(apiUser, "the answer is about another person")
	}
	id.Name = displayName(name)
	id.Departments = append([]int{}, departments[:min(len(departments), maxDepartments)]...)
	return nil
}

// displayName is at most maxName bytes of valid UTF-8 without control
// characters.
func displayName(s string) string {
	return bound(plain(s), maxName)
}

// plain is valid UTF-8 without control characters.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}
