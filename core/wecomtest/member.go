package wecomtest

import "net/url"

// member is the answer of user/get to an app made after 2022-06-20, which gets
// no mobile number, mail address or picture.
// https://developer.work.weixin.qq.com/document/path/90196
type member struct {
	result
	UserID         string   `json:"userid"`
	Name           string   `json:"name"`
	Department     []int    `json:"department"`
	Position       string   `json:"position"`
	Status         int      `json:"status"`
	IsLeader       int      `json:"isleader"`
	ExtAttr        extAttr  `json:"extattr"`
	Telephone      string   `json:"telephone"`
	Enable         int      `json:"enable"`
	HideMobile     int      `json:"hide_mobile"`
	Order          []int    `json:"order"`
	MainDepartment int      `json:"main_department"`
	Alias          string   `json:"alias"`
	IsLeaderInDept []int    `json:"is_leader_in_dept"`
	DirectLeader   []string `json:"direct_leader"`
}

type extAttr struct {
	Attrs []string `json:"attrs"`
}

// memberFailure is an error of user/get, which comes with empty lists.
type memberFailure struct {
	result
	Department     []int    `json:"department"`
	Order          []int    `json:"order"`
	IsLeaderInDept []int    `json:"is_leader_in_dept"`
	DirectLeader   []string `json:"direct_leader"`
}

// getUser is /cgi-bin/user/get.
func (f *Fake) getUser(q url.Values) any {
	if code := f.tokenError(q.Get("access_token")); code != 0 {
		return newMemberFailure(code)
	}
	if q.Get("userid") == "" {
		return newMemberFailure(41009)
	}
	e, _, ok := f.find(q.Get("userid"))
	if !ok || e.UserID == "" || e.Corp != "" {
		return newMemberFailure(60111)
	}
	if e.NotVisible {
		return newMemberFailure(60011)
	}
	return newMember(e)
}

func newMember(e Employee) member {
	m := member{
		result:         success,
		UserID:         e.UserID,
		Name:           e.Name,
		Department:     append([]int{}, e.Departments...),
		Status:         e.status(),
		ExtAttr:        extAttr{Attrs: []string{}},
		Order:          make([]int, len(e.Departments)),
		IsLeaderInDept: make([]int, len(e.Departments)),
		DirectLeader:   []string{},
	}
	if m.Status != 2 {
		m.Enable = 1
	}
	if len(e.Departments) > 0 {
		m.MainDepartment = e.Departments[0]
	}
	return m
}

func newMemberFailure(code int) memberFailure {
	return memberFailure{failure(code), []int{}, []int{}, []int{}, []string{}}
}
