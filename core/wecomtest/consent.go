package wecomtest

import "strings"

// mayShow reports whether this sign-in can show the app the person's details:
// it asks for them, and the person is an employee of the company in its visible
// range. WeCom's pages disagree about employees outside of it; the fake signs
// them, and everybody else, in as with snsapi_base.
// https://developer.work.weixin.qq.com/document/path/91022
// https://developer.work.weixin.qq.com/document/path/91023
func mayShow(req *signInRequest, person Employee) bool {
	return req.details && (person.listed() || req.suite != "" && person.UserID != "")
}

// consent returns whether the app may see the details of a person who signs in
// on the page. It is not answered while there is a question to put to them;
// answer is "", "yes" or "no". A yes is remembered, by the real one for 30 days.
// https://developer.work.weixin.qq.com/document/path/91335
func (f *Fake) consent(req *signInRequest, person Employee, answer string) (details, answered bool) {
	if !mayShow(req, person) {
		return false, true
	}
	id := strings.ToLower(person.id())
	f.mu.Lock()
	defer f.mu.Unlock()
	if answer == "yes" {
		f.agreed[id] = true
	}
	return f.agreed[id] && answer != "no", f.agreed[id] || answer == "no"
}

// question is the content of the consent page.
type question struct {
	Person  person
	App     string
	Site    string
	Details []detail
}

// A detail is one line of what the app would see.
type detail struct {
	Name  text
	Value text
}

func (f *Fake) newQuestion(req *signInRequest, e Employee) question {
	_, place, _ := f.find(e.id())
	q := question{Person: f.newPerson(e, place), App: f.config.AgentID, Site: siteOf(req)}
	d := e.Details
	for _, line := range []struct {
		name  text
		value string
	}{
		{text{"头像", "Picture"}, d.Avatar},
		{text{"手机号", "Mobile"}, d.Mobile},
		{text{"邮箱", "Mail"}, d.Email},
		{text{"企业邮箱", "Company mail"}, d.BizMail},
		{text{"地址", "Address"}, d.Address},
		{text{"个人二维码", "Personal QR code"}, d.QRCode},
	} {
		if line.value != "" {
			q.Details = append(q.Details, detail{line.name, text{line.value, line.value}})
		}
	}
	gender := []text{{"未定义", "Not set"}, {"男", "Male"}, {"女", "Female"}}[d.Gender]
	q.Details = append(q.Details, detail{text{"性别", "Gender"}, gender})
	return q
}
