package wecomtest

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wecomauth/wecomauth/core/wecom"
)

// https://developer.work.weixin.qq.com/document/path/90628
const suiteTicketLifetime = 30 * time.Minute

// Suite returns the settings of the third-party app for use in the same process,
// without Tickets: make them with [wecom.Suite.NewTickets], and hand them a ticket
// of [Fake.IssueTicket]. Allow lets in the company and those of all people with a
// Corp who are there when it is asked.
func (f *Fake) Suite() wecom.Suite {
	return wecom.Suite{
		SuiteID: f.config.SuiteID, SuiteSecret: f.config.SuiteSecret, Allow: f.isCustomer,
		HTTPClient: &http.Client{Transport: apiTransport{f}},
	}
}

// isCustomer reports whether anybody is of the company.
func (f *Fake) isCustomer(_ context.Context, corpID string) (bool, error) {
	return slices.ContainsFunc(f.everybody(), func(e Employee) bool { return f.company(e) == corpID }), nil
}

// SuiteAt is [Fake.Suite] for a fake that is served at baseURL, as [Fake.AppAt] is
// for the app.
func (f *Fake) SuiteAt(baseURL string) wecom.Suite {
	baseURL = strings.TrimSuffix(baseURL, "/")
	s := f.Suite()
	s.APIURL, s.OpenURL, s.LoginURL, s.HTTPClient = baseURL, baseURL, baseURL, nil
	return s
}

// IssueTicket returns a new suite_ticket, which is good for 30 minutes. The real
// one comes every ten minutes.
// https://developer.work.weixin.qq.com/document/path/90628
func (f *Fake) IssueTicket() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	ticket := f.issue(codeBytes)
	f.suiteTickets.add(ticket, suiteTicketLifetime)
	return ticket
}

// getSuiteToken is /cgi-bin/service/get_suite_token.
// https://developer.work.weixin.qq.com/document/path/90600
func (f *Fake) getSuiteToken(_ url.Values, body []byte) any {
	var asked struct {
		ID     string `json:"suite_id"`
		Secret string `json:"suite_secret"`
		Ticket string `json:"suite_ticket"`
	}
	if json.Unmarshal(body, &asked) != nil {
		return failure(40058)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	wrong := f.suiteTickets.check(asked.Ticket, 41023, 40085, 40085)
	switch {
	case asked.ID != f.config.SuiteID:
		return failure(40083)
	case asked.Secret != f.config.SuiteSecret:
		return failure(40080)
	case wrong != 0:
		return failure(wrong)
	}
	token, left := f.current(&f.suiteTokens)
	return struct { // success has no errcode
		Token     string `json:"suite_access_token"`
		ExpiresIn int    `json:"expires_in"`
	}{token, max(1, int(left/time.Second))}
}

// suiteTokenError returns the errcode for a suite_access_token, 0 if it is good.
func (f *Fake) suiteTokenError(q url.Values) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.suiteTokens.check(q.Get("suite_access_token"), 41022, 40082, 42009)
}

// exchange3rd trades a code for a grant, or returns an errcode.
func (f *Fake) exchange3rd(q url.Values) (grant, int) {
	if code := f.suiteTokenError(q); code != 0 {
		return grant{}, code
	}
	if q.Get("code") == "" {
		return grant{}, 41008
	}
	g, ok := f.spendCode(q.Get("code"), true)
	if !ok {
		return grant{}, 40029
	}
	return g, 0
}

// company is the CorpID of somebody whom a suite sees.
func (f *Fake) company(e Employee) string { return cmp.Or(e.Corp, f.config.CorpID) }

// getUserInfo3rd is /cgi-bin/service/auth/getuserinfo3rd.
// https://developer.work.weixin.qq.com/document/path/91121
func (f *Fake) getUserInfo3rd(q url.Values) any {
	g, code := f.exchange3rd(q)
	if code != 0 {
		return failure(code)
	}
	type answer struct {
		result
		CorpID     string `json:"corpid,omitempty"`
		UserID     string `json:"userid,omitempty"`
		OpenUserID string `json:"open_userid,omitempty"`
		UserTicket string `json:"user_ticket,omitempty"`
		ExpiresIn  int    `json:"expires_in,omitempty"`
		OpenID     string `json:"openid,omitempty"`
	}
	if g.person.UserID == "" {
		return answer{result: success, OpenID: g.person.OpenID}
	}
	a := answer{result: success, CorpID: f.company(g.person), UserID: g.person.UserID, OpenUserID: "wo" + g.person.UserID}
	if a.UserTicket = f.ticketFor(g); a.UserTicket != "" {
		a.ExpiresIn = int(ticketLifetime / time.Second)
	}
	return a
}

// getUserInfo3rdOld is /cgi-bin/service/getuserinfo3rd, the former interface.
func (f *Fake) getUserInfo3rdOld(q url.Values) any {
	g, code := f.exchange3rd(q)
	if code != 0 {
		return oldFailure(code)
	}
	type answer struct {
		CorpID     string `json:"CorpId,omitempty"`
		UserID     string `json:"UserId,omitempty"`
		OpenID     string `json:"OpenId,omitempty"`
		DeviceID   string `json:"DeviceId"`
		UserTicket string `json:"user_ticket,omitempty"`
	}
	if g.person.UserID == "" {
		return answer{OpenID: g.person.OpenID, DeviceID: "DEVICEID"}
	}
	return answer{CorpID: f.company(g.person), UserID: g.person.UserID, DeviceID: "DEVICEID", UserTicket: f.ticketFor(g)}
}

// getUserDetail3rd is /cgi-bin/service/auth/getuserdetail3rd, and getuserdetail3rd of
// the former interface, which is the same. A name is the UserID.
// https://developer.work.weixin.qq.com/document/path/91122
func (f *Fake) getUserDetail3rd(q url.Values, body []byte) any {
	if code := f.suiteTokenError(q); code != 0 {
		return failure(code)
	}
	var asked struct {
		UserTicket string `json:"user_ticket"`
	}
	if json.Unmarshal(body, &asked) != nil {
		return failure(40058)
	}
	person, code := f.ticketOwner(asked.UserTicket, true)
	if code != 0 {
		return failure(code)
	}
	return struct {
		result
		CorpID string `json:"corpid"`
		UserID string `json:"userid"`
		Name   string `json:"name"`
		Gender string `json:"gender"`
		Avatar string `json:"avatar,omitempty"`
		QRCode string `json:"qr_code,omitempty"`
	}{success, f.company(person), person.UserID, person.UserID, strconv.Itoa(person.Details.Gender), person.Details.Avatar, person.Details.QRCode}
}
