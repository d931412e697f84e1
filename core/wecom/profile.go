package wecom

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/wecomauth/wecomauth/core"
)

const (
	apiUser        = "user/get"
	maxName        = 128       // bytes
	maxDepartments = 100       // of a person, which is WeCom's own limit
	maxDepartment  = 1<<31 - 1 // a 32-bit integer
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
	ans, err := c.user(ctx, "user/get at a login", token, id.UserID)
	if err == nil {
		err = cmp.Or(about(ans, id.UserID), inactive(ans))
	}
	if err == nil {
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

// user has a breaker for each purpose: logins give it less time, and are no
// reason to stop looking for people who have left.
// https://developer.work.weixin.qq.com/document/path/90196
func (c *client) user(ctx context.Context, breaker, token, userID string) (answer, error) {
	return c.api.do(ctx, call{name: apiUser, breaker: breaker, most: maxBody, params: []param{
		{name: "access_token", value: token, secret: true},
		{name: "userid", value: userID},
	}})
}

// about returns an error for an answer that names another person. WeCom may spell
// a userid differently from call to call.
func about(ans answer, userID string) error {
	named, err := ans.text("userid")
	if err != nil {
		return badAnswer(apiUser, err.Error())
	}
	if named != "" && lowerASCII(named) != lowerASCII(userID) {
		return badAnswer(apiUser, "the answer is about another person")
	}
	return nil
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
	name, err1 := ans.text("name")
	departments := []int{}
	var err2 error
	if raw, ok := ans["department"]; ok && json.Unmarshal(raw, &departments) != nil {
		err2 = errors.New("the member department of the answer is not a list of integers")
	}
	if slices.ContainsFunc(departments, func(d int) bool { return d <= 0 || d > maxDepartment }) {
		err2 = errors.New("the id of a department is out of range")
	}
	if err := errors.Join(err1, err2); err != nil {
		return badAnswer(apiUser, err.Error())
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
