package wecomtest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

type tokenAnswer struct {
	result
	AccessToken string `json:"access_token"`
	ExpiresIn   int    `json:"expires_in"`
}

// getToken is /cgi-bin/gettoken.
// https://developer.work.weixin.qq.com/document/path/91039
func (f *Fake) getToken(q url.Values) any {
	corpID, secret := q.Get("corpid"), q.Get("corpsecret")
	switch {
	case secret == "":
		return failure(41004)
	case corpID == "":
		return failure(41002)
	case corpID != f.config.CorpID:
		return failure(40013)
	case secret != f.config.Secret:
		return failure(40001)
	}
	token, left := f.currentToken()
	return tokenAnswer{success, token, max(1, int(left/time.Second))}
}

type userAnswer struct {
	result
	UserID     string `json:"userid,omitempty"`
	OpenID     string `json:"openid,omitempty"`
	UserTicket string `json:"user_ticket,omitempty"`
}

// getUserInfo is /cgi-bin/auth/getuserinfo.
// https://developer.work.weixin.qq.com/document/path/91023
func (f *Fake) getUserInfo(q url.Values) any {
	g, code := f.exchange(q)
	if code != 0 {
		return failure(code)
	}
	if g.person.UserID != "" {
		return userAnswer{result: success, UserID: g.person.namedAs(), UserTicket: f.ticketFor(g)}
	}
	return userAnswer{result: success, OpenID: g.person.OpenID}
}

type oldUserAnswer struct {
	UserID     string `json:"UserId,omitempty"`
	OpenID     string `json:"OpenId,omitempty"`
	DeviceID   string `json:"DeviceId"`
	UserTicket string `json:"user_ticket,omitempty"`
	ExpiresIn  int    `json:"expires_in,omitempty"`
}

// getUserInfoOld is /cgi-bin/user/getuserinfo, the interface of 企业号: success
// has no errcode, and a failure has one that is a string.
// https://developer.work.weixin.qq.com/document/path/91023
func (f *Fake) getUserInfoOld(q url.Values) any {
	if q.Has("agentid") && q.Get("agentid") != f.config.AgentID {
		return oldFailure(301002)
	}
	g, code := f.exchange(q)
	if code != 0 {
		return oldFailure(code)
	}
	answer := oldUserAnswer{UserID: g.person.namedAs(), DeviceID: "DEVICEID", UserTicket: f.ticketFor(g)}
	if answer.UserTicket != "" {
		answer.ExpiresIn = int(ticketLifetime / time.Second)
	}
	if g.person.UserID == "" {
		answer.OpenID = g.person.OpenID
	}
	return answer
}

// exchange trades a code for a grant, or returns an errcode. A call that is
// refused for its access token leaves the code unspent.
func (f *Fake) exchange(q url.Values) (grant, int) {
	if code := f.tokenError(q.Get("access_token")); code != 0 {
		return grant{}, code
	}
	if q.Get("code") == "" {
		return grant{}, 41008
	}
	g, ok := f.spendCode(q.Get("code"), "")
	if !ok {
		return grant{}, 40029
	}
	return g, 0
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // no answer of this package can fail
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_, _ = w.Write(bytes.TrimSpace(body.Bytes()))
}
