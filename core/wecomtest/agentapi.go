package wecomtest

import (
	"net/url"
	"strconv"
)

// agentAnswer is the answer of agent/get: how the app is set up in the console.
// https://developer.work.weixin.qq.com/document/path/90227
type agentAnswer struct {
	result
	AgentID        int         `json:"agentid"`
	Name           string      `json:"name"`
	Description    string      `json:"description"`
	AllowUsers     allowUsers  `json:"allow_userinfos"`
	AllowParties   allowParts  `json:"allow_partys"`
	AllowTags      allowedTags `json:"allow_tags"`
	Close          int         `json:"close"`
	RedirectDomain string      `json:"redirect_domain"`
	HomeURL        string      `json:"home_url"`
}

type allowUsers struct {
	User []allowedUser `json:"user"`
}

type allowedUser struct {
	UserID string `json:"userid"`
}

type allowParts struct {
	PartyID []int `json:"partyid"`
}

type allowedTags struct {
	TagID []int `json:"tagid"`
}

// getAgent is /cgi-bin/agent/get. The visible range is named person by person.
func (f *Fake) getAgent(q url.Values) any {
	if code := f.tokenError(q.Get("access_token")); code != 0 {
		return failure(code)
	}
	if q.Get("agentid") != f.config.AgentID {
		return failure(301002)
	}
	id, _ := strconv.Atoi(f.config.AgentID)
	a := agentAnswer{
		result: success, AgentID: id, Name: "wecomtest", RedirectDomain: f.config.TrustedDomain,
		AllowUsers: allowUsers{[]allowedUser{}}, AllowParties: allowParts{[]int{}}, AllowTags: allowedTags{[]int{}},
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range f.people {
		if e.UserID != "" && e.Corp == "" && !e.NotVisible {
			a.AllowUsers.User = append(a.AllowUsers.User, allowedUser{e.UserID})
		}
	}
	return a
}
