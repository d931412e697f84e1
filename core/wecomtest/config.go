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

	// SuiteID and SuiteSecret are those of a third-party app (第三方应用) of a service
	// provider, which the company has installed too, and the companies of all
	// people with a Corp. The defaults are "ww5u17e00000000000" and a secret that
	// says it is not one. See [Fake.Suite].
	SuiteID, SuiteSecret string

	// LoginSuiteID and LoginSuiteSecret are those of the provider's login
	// authorization (登录授权), to which the page with the QR code belongs. The
	// defaults are "ww5u17e10000000000" and another such secret. See [Fake.LoginSuite].
	LoginSuiteID, LoginSuiteSecret string

	// TrustedDomain is the app's 可信域名 as in the admin console: a host, with
	// a port if there is one, compared exactly. When empty, loopback hosts of
	// any port and the hosts given to [Fake.Serve] are trusted.
	// https://developer.work.weixin.qq.com/document/path/91335
	TrustedDomain string

	// Employees are the people who can sign in; nil means a small company with
	// zhangsan (张三), lisi (李四), wangwu (王五) and zhaoliu (赵六). They can be
	// changed later, with [Fake.Change] and [Fake.Remove].
	Employees []Employee

	// Departments are the departments without the root, which there always is.
	// No API answers with their names. nil means those of the small company: 2
	// (研发部), 3 (人事部), 4 (财务部), and 5 (前端组), which is part of 2.
	Departments []Department

	// Tags are the 标签 of the company; nil means the tag 1 (管理员), which
	// wangwu carries.
	Tags []Tag
}

func (c Config) withDefaults() Config {
	setDefault(&c.CorpID, "ww1234567890abcdef")
	setDefault(&c.AgentID, "1000002")
	setDefault(&c.Secret, "this-is-not-a-real-secret-0123456789abcdef")
	setDefault(&c.SuiteID, "ww5u17e00000000000")
	setDefault(&c.SuiteSecret, "this-is-not-a-real-suite-secret-0123456789")
	setDefault(&c.LoginSuiteID, "ww5u17e10000000000")
	setDefault(&c.LoginSuiteSecret, "this-is-not-a-real-login-suite-secret-01234")
	if c.Employees == nil {
		c.Employees = []Employee{
			{UserID: "zhangsan", Name: "张三", Departments: []int{2}, Details: Details{
				Gender: 1, Mobile: "13800000000", Email: "zhangsan@example.com",
			}},
			{UserID: "lisi", Name: "李四", Departments: []int{3}},
			{UserID: "wangwu", Name: "王五", Departments: []int{2, 4}},
			{UserID: "zhaoliu", Name: "赵六", Departments: []int{5}},
		}
	}
	if c.Departments == nil {
		c.Departments = []Department{{2, "研发部", 0}, {3, "人事部", 0}, {4, "财务部", 0}, {5, "前端组", 2}}
	}
	if c.Tags == nil {
		c.Tags = []Tag{{ID: 1, Name: "管理员", UserIDs: []string{"wangwu"}}}
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
	if c.SuiteID == c.LoginSuiteID {
		panic("wecomtest: SuiteID and LoginSuiteID are the same")
	}
	seen := make(map[string]bool)
	for _, e := range c.Employees {
		e.check(c.CorpID)
		id := strings.ToLower(e.id())
		if seen[id] {
			panic(fmt.Sprintf("wecomtest: two employees are called %q", e.id()))
		}
		seen[id] = true
	}
	c.checkDepartments()
	c.checkTags()
}

// kept shares nothing with the caller. Its Employees are empty: they change, and
// are in Fake.people.
func (c Config) kept() (_ Config, people []Employee) {
	for _, e := range c.Employees {
		people = append(people, e.kept())
	}
	c.Employees, c.Departments, c.Tags = nil, slices.Clone(c.Departments), slices.Clone(c.Tags)
	for i, tag := range c.Tags {
		c.Tags[i].UserIDs, c.Tags[i].Departments = slices.Clone(tag.UserIDs), slices.Clone(tag.Departments)
	}
	return c, people
}
