package wecomtest

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

//go:embed page.html
var pageSource string

var pages = template.Must(template.New("").Parse(pageSource))

// view is what a page is made from.
type view struct {
	Lang string
	Data any
}

// T picks the sentence in the page's language.
func (v view) T(zh, en string) string {
	if v.Lang == "en" {
		return en
	}
	return zh
}

// Pick is T for a text.
func (v view) Pick(t text) string { return v.T(t.ZH, t.EN) }

// render answers with one of the pages in page.html.
func (f *Fake) render(w http.ResponseWriter, r *http.Request, status int, name string, data any) {
	var body bytes.Buffer
	if err := pages.ExecuteTemplate(&body, name, view{language(r), data}); err != nil {
		panic(err) // no page of this package can fail
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	// No form-action: it would block the redirect to the app after the form.
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body.Bytes())
	}
}

// language returns "zh-CN" or "en": the page's lang parameter, else the first
// of the two in Accept-Language, else Chinese.
func language(r *http.Request) string {
	wanted := r.URL.Query().Get("lang") + "," + r.Header.Get("Accept-Language")
	for tag := range strings.SplitSeq(strings.ToLower(wanted), ",") {
		switch tag = strings.TrimSpace(tag); {
		case strings.HasPrefix(tag, "zh"):
			return "zh-CN"
		case strings.HasPrefix(tag, "en"):
			return "en"
		}
	}
	return "zh-CN"
}

// choice is the content of the sign-in page.
type choice struct {
	Web    bool // the web login page, not the one in the WeCom client
	QR     string
	Wrong  bool // the page of the WeCom client in an ordinary browser
	CorpID string
	App    string
	Site   string
	People []person

	Troubles []switched
	Troubled bool
}

type person struct {
	ID, Name, Initial string
	Color             int
	Departments       []text
	Notes             []text
}

func (f *Fake) newChoice(r *http.Request, req *signInRequest) choice {
	c := choice{
		Web:    r.URL.Path == webLoginPath,
		QR:     qrPath,
		Wrong:  misplaced(r),
		CorpID: f.config.CorpID,
		App:    f.config.AgentID,
		Site:   siteOf(req),
	}
	c.Troubles, c.Troubled = f.panel()
	for i, e := range f.everybody() {
		c.People = append(c.People, f.newPerson(e, i))
	}
	return c
}

// siteOf returns the address of the app that the person goes on to.
func siteOf(req *signInRequest) string {
	u, err := url.Parse(req.redirectURI)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

func (f *Fake) newPerson(e Employee, i int) person {
	p := person{ID: e.id(), Name: e.Name, Color: i % 5, Notes: notes(e)}
	if p.Name == "" {
		p.Name = p.ID
	}
	first, _ := utf8.DecodeRuneInString(p.Name)
	p.Initial = strings.ToUpper(string(first))
	for _, id := range e.Departments {
		p.Departments = append(p.Departments, f.departmentName(id))
	}
	return p
}

func (f *Fake) departmentName(id int) text {
	for _, d := range f.config.Departments {
		if d.ID == id && d.Name != "" {
			return text{d.Name, d.Name}
		}
	}
	return text{fmt.Sprintf("部门 %d", id), fmt.Sprintf("Department %d", id)}
}

// notes says what is special about a person.
func notes(e Employee) []text {
	var list []text
	if e.UserID == "" {
		list = append(list, text{"非企业成员", "Not an employee"})
	}
	if e.Corp != "" {
		list = append(list, text{"互联企业", "Linked company"})
	}
	if e.NotVisible {
		list = append(list, text{"不在可见范围", "Not visible to the app"})
	}
	switch e.status() {
	case 2:
		list = append(list, text{"已禁用", "Disabled"})
	case 4:
		list = append(list, text{"未激活", "Not activated"})
	case 5:
		list = append(list, text{"已退出企业", "Has left"})
	}
	return list
}
