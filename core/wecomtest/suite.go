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

// suite is what one of the two suites has issued. It is guarded by Fake.mu.
type suite struct {
	id, secret      string
	tokens, tickets tokens
}

// Suite returns the settings of the third-party app for use in the same process,
// without Tickets: make them with [wecom.Suite.NewTickets], and hand them a ticket
// of [Fake.IssueTicket]. Allow lets in the company and those of all people with a
// Corp who are there when it is asked.
func (f *Fake) Suite() wecom.Suite { return f.settings(f.config.SuiteID, f.config.SuiteSecret) }

// LoginSuite is [Fake.Suite] for the provider's login authorization. Its tickets
// come from [Fake.IssueLoginTicket].
func (f *Fake) LoginSuite() wecom.Suite {
	s := f.settings(f.config.LoginSuiteID, f.config.LoginSuiteSecret)
	s.WebLogin = true
	return s
}

func (f *Fake) settings(id, secret string) wecom.Suite {
	return wecom.Suite{SuiteID: id, SuiteSecret: secret, Allow: f.isCustomer, HTTPClient: &http.Client{Transport: apiTransport{f}}}
}

// isCustomer reports whether anybody is of the company.
func (f *Fake) isCustomer(_ context.Context, corpID string) (bool, error) {
	return slices.ContainsFunc(f.everybody(), func(e Employee) bool { return f.company(e) == corpID }), nil
}

// SuiteAt is [Fake.Suite] for a fake that is served at baseURL, as [Fake.AppAt] is
// for the app.
func (f *Fake) SuiteAt(baseURL string) wecom.Suite { return servedAt(f.Suite(), baseURL) }

// LoginSuiteAt is [Fake.LoginSuite] for a fake that is served at baseURL.
func (f *Fake) LoginSuiteAt(baseURL string) wecom.Suite { return servedAt(f.LoginSuite(), baseURL) }

func servedAt(s wecom.Suite, baseURL string) wecom.Suite {
	baseURL = strings.TrimSuffix(baseURL, "/")
	s.APIURL, s.OpenURL, s.LoginURL, s.HTTPClient = baseURL, baseURL, baseURL, nil
	return s
}

// IssueTicket returns a new suite_ticket of the third-party app, which is good for 30
// minutes. The real one comes every ten minutes.
// https://developer.work.weixin.qq.com/document/path/90628
func (f *Fake) IssueTicket() string { return f.issueTicket(&f.suites[0]) }

// IssueLoginTicket is [Fake.IssueTicket] for the login authorization.
func (f *Fake) IssueLoginTicket() string { return f.issueTicket(&f.suites[1]) }

func (f *Fake) issueTicket(s *suite) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	ticket := f.issue(codeBytes)
	s.tickets.add(ticket, suiteTicketLifetime)
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
	i := slices.IndexFunc(f.suites[:], func(s suite) bool { return s.id == asked.ID })
	if i < 0 {
		return failure(40083)
	}
	s := &f.suites[i]
	if asked.Secret != s.secret {
		return failure(40080)
	}
	if wrong := s.tickets.check(asked.Ticket, 41023, 40085, 40085); wrong != 0 {
		return failure(wrong)
	}
	token, left := f.current(&s.tokens)
	return struct { // success has no errcode
		Token     string `json:"suite_access_token"`
		ExpiresIn int    `json:"expires_in"`
	}{token, max(1, int(left/time.Second))}
}

// suiteOf returns whose suite_access_token came, or an errcode.
func (f *Fake) suiteOf(q url.Values) (id string, code int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.suites {
		switch wrong := f.suites[i].tokens.check(q.Get("suite_access_token"), 41022, 40082, 42009); wrong {
		case 0:
			return f.suites[i].id, 0
		case 40082: // it may be the other's
			code = cmp.Or(code, wrong)
		default:
			code = wrong
		}
	}
	return "", code
}

// exchange3rd trades a code for a grant, or returns an errcode.
func (f *Fake) exchange3rd(q url.Values) (grant, int) {
	suite, code := f.suiteOf(q)
	if code != 0 {
		return grant{}, code
	}
	if q.Get("code") == "" {
		return grant{}, 41008
	}
	g, ok := f.spendCode(q.Get("code"), suite)
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
	suite, code := f.suiteOf(q)
	if code != 0 {
		return failure(code)
	}
	var asked struct {
		UserTicket string `json:"user_ticket"`
	}
	if json.Unmarshal(body, &asked) != nil {
		return failure(40058)
	}
	person, code := f.ticketOwner(asked.UserTicket, suite)
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
