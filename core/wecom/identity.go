package wecom

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/wecomauth/wecomauth/core"
)

// userIDForm is WeCom's rule for a userid.
// https://developer.work.weixin.qq.com/document/path/90195
var userIDForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_\-@.]{0,63}$`)

// maxOpenID bounds an openid, in bytes.
// https://developer.work.weixin.qq.com/document/path/91023
const maxOpenID = 64

// identity says whom an answer of getuserinfo names. WeCom answers with errcode
// 0 for strangers too; an openid names someone who is no employee, and whom the
// external_userid that may stand beside it does not make one.
func (c *client) identity(ans answer) (core.Identity, error) {
	userID, err1 := ans.text("userid")
	openID, err2 := ans.text("openid")
	if err := errors.Join(err1, err2); err != nil {
		return core.Identity{}, badAnswer(c.userInfoAPI(), err.Error())
	}
	switch {
	case userID != "" && openID != "":
		return c.refuse(core.ErrBadAnswer, "the answer holds both a userid and an openid")
	case userID == "" && openID == "":
		return c.refuse(core.ErrBadAnswer, "the answer holds neither a userid nor an openid")
	case userID == "":
		return c.nonMember(openID)
	case strings.Contains(userID, "/"):
		return c.linked(userID)
	case !userIDForm.MatchString(userID):
		return c.refuse(core.ErrBadAnswer, "the userid is not of the form that WeCom documents")
	}
	return core.Identity{CorpID: c.app.CorpID, UserID: userID}, nil
}

// linked reads the CorpID/userid of a person of a linked company. With the
// app's own CorpID it is one of its employees.
func (c *client) linked(both string) (core.Identity, error) {
	corpID, userID, _ := strings.Cut(both, "/")
	switch {
	case !visibleASCII(corpID, maxSetting) || !userIDForm.MatchString(userID):
		return c.refuse(core.ErrBadAnswer, "the userid holds a slash, but is not of the form CorpID/userid")
	case corpID != c.app.CorpID && !slices.Contains(c.app.LinkedCorps, corpID):
		return c.refuse(core.ErrOtherCorp, "the userid is of the form CorpID/userid, and App.LinkedCorps lacks the CorpID")
	}
	return core.Identity{CorpID: corpID, UserID: userID}, nil
}

func (c *client) nonMember(openID string) (core.Identity, error) {
	switch {
	case !c.app.NonMembers:
		return c.refuse(core.ErrNotMember, "WeCom knows the person by an openid only, which no employee has")
	case !visibleASCII(openID, maxOpenID):
		return c.refuse(core.ErrBadAnswer, "the openid is not 1 to 64 visible ASCII characters")
	}
	return core.Identity{CorpID: c.app.CorpID, OpenID: openID}, nil
}

func (c *client) refuse(kind *core.Kind, text string) (core.Identity, error) {
	return core.Identity{}, &callError{api: c.userInfoAPI(), kind: kind, text: text}
}
