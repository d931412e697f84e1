package wecom

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/wecomauth/wecomauth/core"
)

const apiUserDetail = "auth/getuserdetail"

// Bounds in bytes. The ticket's is WeCom's own.
// https://developer.work.weixin.qq.com/document/path/91023
const (
	maxTicket  = 512
	maxContact = 128 // a mobile number or a mailbox
	maxAddress = 256
	maxLink    = 1024
)

// details returns what the person has consented to show, or nil. ans is the
// answer that named the person: that is enough for a login, so that a failure
// here is logged and the login goes on.
func (c *client) details(ctx context.Context, token string, ans answer, userID string) *core.Details {
	ticket, err := ticketOf(c.userInfoAPI(), ans)
	if err == nil && ticket == "" {
		c.log.DebugContext(ctx, "wecom: login without details: WeCom sent no user_ticket, as is normal "+
			"after a QR code, without consent, or if the app may not ask for details")
		return nil
	}
	var d *core.Details
	if err == nil {
		d, err = c.userDetail(ctx, token, ticket, userID)
	}
	if err != nil {
		c.log.WarnContext(ctx, "wecom: login without details", errAttrs(err)...)
		return nil
	}
	return d
}

// ticketOf returns "" if there is none.
func ticketOf(api string, ans answer) (string, error) {
	ticket, err := ans.text("user_ticket")
	if err != nil {
		return "", badAnswer(api, err.Error())
	}
	if ticket != "" && !visibleASCII(ticket, maxTicket) {
		return "", badAnswer(api, fmt.Sprintf("the user_ticket is not 1 to %d visible ASCII characters", maxTicket))
	}
	return ticket, nil
}

// https://developer.work.weixin.qq.com/document/path/95833
func (c *client) userDetail(ctx context.Context, token, ticket, userID string) (*core.Details, error) {
	ctx, cancel := briefly(ctx)
	defer cancel()
	ans, err := c.api.post(ctx, apiUserDetail,
		[]param{{name: "user_ticket", value: ticket, secret: true}},
		param{name: "access_token", value: token, secret: true})
	if err != nil {
		return nil, err
	}
	return readDetails(apiUserDetail, ans, userID)
}

// readDetails refuses an answer about another person or with fields that are no
// texts. Absent fields are normal: the administrator decides which there are.
func readDetails(api string, ans answer, userID string) (*core.Details, error) {
	var errs []error
	text := func(name string) string {
		s, err := ans.text(name)
		errs = append(errs, err)
		return s
	}
	about := text("userid")
	d := &core.Details{
		Mobile:  whole(text("mobile"), maxContact),
		Email:   whole(text("email"), maxContact),
		BizMail: whole(text("biz_mail"), maxContact),
		Address: bound(plain(text("address")), maxAddress),
		Avatar:  link(text("avatar")),
		QRCode:  link(text("qr_code")),
	}
	if err := errors.Join(errs...); err != nil {
		return nil, badAnswer(api, err.Error())
	}
	// WeCom may spell a userid differently from call to call.
	if about != "" && lowerASCII(about) != lowerASCII(userID) {
		return nil, badAnswer(api, "the answer is about another person")
	}
	if n, ok := ans.integer("gender"); ok && (n == 1 || n == 2) {
		d.Gender = n
	}
	return d, nil
}

// whole returns s without control characters, or "" if it is too long: a piece
// of a number or of a mailbox would be another one.
func whole(s string, limit int) string {
	if s = plain(s); len(s) > limit {
		return ""
	}
	return s
}

// link returns s if it is the address of a web page or picture, else "". WeCom
// sends some pictures' addresses with http.
func link(s string) string {
	if !visibleASCII(s, maxLink) {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" {
		return ""
	}
	return s
}
