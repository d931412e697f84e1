package wecom

import (
	"cmp"
	"context"
	"errors"
	"log/slog"

	"github.com/wecomauth/wecomauth/core"
)

var _ core.Directory = (*client)(nil)

// Member reads an employee's name and departments, with one call of user/get,
// or two if WeCom refuses the token. The UserID comes back as it was asked for.
// https://developer.work.weixin.qq.com/document/path/90196
func (c *client) Member(ctx context.Context, corpID, userID string) (core.Identity, error) {
	if err := c.ownCorp(apiUser, corpID); err != nil {
		return core.Identity{}, err
	}
	if !userIDForm.MatchString(userID) {
		return core.Identity{}, &callError{api: apiUser, kind: core.ErrInternal,
			text: "the userid to look up is not of the form that WeCom documents"}
	}
	ctx, cancel := c.briefLookup(ctx)
	defer cancel()
	var gone error
	ans, _, err := c.withToken(ctx, func(token string) (answer, error) {
		ans, err := c.user(ctx, apiUser, token, userID)
		gone = verdict(ans, err, userID)
		return ans, err
	})
	switch {
	case gone != nil:
		return core.Identity{}, gone
	case err != nil:
		return core.Identity{}, aboutNobody(err, core.ErrUnavailable)
	}
	id := core.Identity{CorpID: corpID, UserID: userID}
	if named, _ := ans.text("userid"); named == "" {
		return core.Identity{}, badAnswer(apiUser, "the answer does not say whom it is about")
	}
	if err := cmp.Or(about(ans, userID), readProfile(ans, &id)); err != nil {
		return core.Identity{}, err
	}
	return id, nil
}

// verdict returns the error that says that the person has left, is disabled or
// is out of the app's visible range, and nil if nothing says so. Other codes may
// come for other reasons, whatever a login makes of them: nobody should be
// logged out for those.
// https://developer.work.weixin.qq.com/document/path/90313
func verdict(ans answer, err error, userID string) error {
	var coded *APIError
	if errors.As(err, &coded) {
		switch coded.Code {
		case 60111, 60011, 60021, 50002:
			return err
		}
	}
	if named, _ := ans.text("userid"); err != nil || lowerASCII(named) != lowerASCII(userID) {
		return nil
	}
	return inactive(ans)
}

// unsaid is an error that says nothing about a person, though its code, in a
// login, has a kind that does.
type unsaid struct {
	err  error
	kind *core.Kind
}

// aboutNobody takes the kinds ErrNotMember and ErrNotVisible off err, for kind.
func aboutNobody(err error, kind *core.Kind) error {
	if !errors.Is(err, core.ErrNotMember) && !errors.Is(err, core.ErrNotVisible) {
		return err
	}
	e := &unsaid{err, kind}
	if kind == core.ErrUnavailable {
		return unavailable(e, retrySoon)
	}
	return e
}

func (e *unsaid) Error() string { return e.err.Error() }

func (e *unsaid) Unwrap() error { return e.kind }

// As finds the APIError, and what logs it field by field. The error is not
// unwrapped, because its kind would be found too.
func (e *unsaid) As(target any) bool {
	switch target.(type) {
	case **APIError, *slog.LogValuer:
		return errors.As(e.err, target)
	}
	return false
}
