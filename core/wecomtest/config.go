package wecomtest

import (
	"fmt"
	"slices"
	"strings"
)

// Config describes the company and its app. The zero value is useful.
type Config struct {
	// CorpID, AgentID and Secret are the app's credentials. The defaults are
	// "ww1234567890abcdef", "1000002" and a secret that says it is not one.
	CorpID, AgentID, Secret string

	// TrustedDomain is the app's 可信域名 as in the admin console: a host, with
	// a port if there is one, compared exactly. When empty, loopback hosts of
	// any port and the hosts given to [Fake.Serve] are trusted.
	// https://developer.work.weixin.qq.com/document/path/91335
	TrustedDomain string

	// Employees are the people who can sign in; nil means a small company with
	// zhangsan (张三), lisi (李四) and wangwu (王五).
	Employees []Employee

	// Departments name the departments on the sign-in page; nil means those of
	// the small company. No API answers with a department's name.
	Departments []Department
}

// An Employee is a person who can sign in. A person is chosen by UserID or,
// where that is empty, by OpenID: in [Fake.Browser], [Fake.SignIn] and on the
// page.
type Employee struct {
	// UserID is the account in the company, unique without regard to case.
	// https://developer.work.weixin.qq.com/document/path/90195
	UserID string
	// OpenID, with an empty UserID, makes a person who is not an employee.
	// WeCom names such people too, with errcode 0.
	// https://developer.work.weixin.qq.com/document/path/91023
	OpenID string
	Name   string
	// Departments are department ids, the main one first.
	Departments []int
	// Status is 1 active, 2 disabled, 4 not activated or 5 left; 0 means 1.
	// The fake lets all of them sign in, to test what the app does then.
	// https://developer.work.weixin.qq.com/document/path/90196
	Status int
	// NotVisible puts the person outside the app's 可见范围: WeCom names them
	// at sign-in all the same, but user/get answers 60011 and there is no
	// user_ticket.
	NotVisible bool
	// Details are what the app sees of a person who consents to the scope
	// snsapi_privateinfo.
	Details Details
	// NoConsent makes a silent sign-in refuse that: the login goes on without a
	// user_ticket. On the page, whoever sits in front of it decides.
	NoConsent bool
}

// A Department is a department's id and its name on the sign-in page.
type Department struct {
	ID   int
	Name string
}

func (e Employee) id() string {
	if e.UserID != "" {
		return e.UserID
	}
	return e.OpenID
}

func (e Employee) status() int {
	if e.Status == 0 {
		return 1
	}
	return e.Status
}

func (c Config) withDefaults() Config {
	setDefault(&c.CorpID, "ww1234567890abcdef")
	setDefault(&c.AgentID, "1000002")
	setDefault(&c.Secret, "this-is-not-a-real-secret-0123456789abcdef")
	if c.Employees == nil {
		c.Employees = []Employee{
			{UserID: "zhangsan", Name: "张三", Departments: []int{2}, Details: Details{
				Gender: 1, Mobile: "13800000000", Email: "zhangsan@example.com",
			}},
			{UserID: "lisi", Name: "李四", Departments: []int{3}},
			{UserID: "wangwu", Name: "王五", Departments: []int{2, 4}},
		}
	}
	if c.Departments == nil {
		c.Departments = []Department{{2, "研发部"}, {3, "人事部"}, {4, "财务部"}}
	}
	return c
}

func setDefault(s *string, value string) {
	if *s == "" {
		*s = value
	}
}

// check panics on a company that could not exist.
func (c Config) check() {
	seen := make(map[string]bool)
	for _, e := range c.Employees {
		id := strings.ToLower(e.id())
		if id == "" {
			panic(fmt.Sprintf("wecomtest: employee %q has neither UserID nor OpenID", e.Name))
		}
		if seen[id] {
			panic(fmt.Sprintf("wecomtest: two employees are called %q", e.id()))
		}
		seen[id] = true
		if e.Details.Gender < 0 || e.Details.Gender > 2 {
			panic(fmt.Sprintf("wecomtest: the gender of employee %q is %d, not 0, 1 or 2", e.id(), e.Details.Gender))
		}
	}
}

// find returns the person with this id.
func (c Config) find(id string) (Employee, bool) {
	if i := c.index(id); i >= 0 {
		return c.Employees[i], true
	}
	return Employee{}, false
}

// index returns the place of the person with this id, or -1.
func (c Config) index(id string) int {
	return slices.IndexFunc(c.Employees, func(e Employee) bool {
		return id != "" && strings.EqualFold(e.id(), id)
	})
}
