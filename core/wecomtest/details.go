package wecomtest

import (
	"encoding/json"
	"net/url"
	"strconv"
)

// Details are what an app may see of a person who consents to it, as far as
// they are set. There is no name among them.
// https://developer.work.weixin.qq.com/document/path/95833
type Details struct {
	// Gender is 1 male, 2 female or 0 not known.
	Gender int
	// Mobile is the mobile number, Email the private mail address, BizMail the
	// one that WeCom gives every member, and Address where the person lives.
	Mobile, Email, BizMail, Address string
	// Avatar is the address of the person's picture and QRCode that of the code
	// by which others add the person.
	Avatar, QRCode string
}

type detailAnswer struct {
	result
	UserID  string `json:"userid"`
	Gender  string `json:"gender"`
	Avatar  string `json:"avatar,omitempty"`
	QRCode  string `json:"qr_code,omitempty"`
	Mobile  string `json:"mobile,omitempty"`
	Email   string `json:"email,omitempty"`
	BizMail string `json:"biz_mail,omitempty"`
	Address string `json:"address,omitempty"`
}

// getUserDetail is /cgi-bin/auth/getuserdetail.
// https://developer.work.weixin.qq.com/document/path/95833
func (f *Fake) getUserDetail(q url.Values, body []byte) any {
	if code := f.tokenError(q.Get("access_token")); code != 0 {
		return failure(code)
	}
	var asked struct {
		UserTicket string `json:"user_ticket"`
	}
	if err := json.Unmarshal(body, &asked); err != nil {
		return failure(40058)
	}
	person, code := f.ticketOwner(asked.UserTicket, "")
	if code != 0 {
		return failure(code)
	}
	d := person.Details
	return detailAnswer{
		result: success, UserID: person.UserID, Gender: strconv.Itoa(d.Gender),
		Avatar: d.Avatar, QRCode: d.QRCode, Mobile: d.Mobile,
		Email: d.Email, BizMail: d.BizMail, Address: d.Address,
	}
}
