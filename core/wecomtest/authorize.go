package wecomtest

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

const (
	maxURL  = 2048
	maxBody = 64 << 10
)

var validState = regexp.MustCompile(`^[a-zA-Z0-9]{1,128}$`)

// A signInRequest is what an app asked a sign-in page for, checked.
type signInRequest struct {
	redirectURI string
	state       string
	details     bool   // the app asks for the person's details
	suite       string // the SuiteID, "" for the app
}

// authorize is the page in the WeCom client and the web login page.
// https://developer.work.weixin.qq.com/document/path/91022
// https://developer.work.weixin.qq.com/document/path/98152
func (f *Fake) authorize(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		w.Header().Set("Allow", "GET, POST")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	req, wrong := f.checkSignIn(r)
	if wrong != nil {
		f.render(w, r, wrong.Status, "wrong", wrong)
		return
	}
	if r.Method == http.MethodPost {
		f.chosen(w, r, req)
		return
	}
	if id := f.signedInAs(r); id != "" {
		f.signInSilently(w, r, req, id)
		return
	}
	f.render(w, r, http.StatusOK, "choose", f.newChoice(r, req))
}

// chosen answers a press of a button on the sign-in page.
func (f *Fake) chosen(w http.ResponseWriter, r *http.Request, req *signInRequest) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if id := r.PostFormValue("fault"); id != "" {
		f.switchTrouble(w, r, id)
		return
	}
	if r.PostFormValue("refuse") != "" {
		callBack(w, req, "", http.StatusSeeOther)
		return
	}
	person, ok := f.mustFind(w, r, r.PostFormValue("userid"))
	if !ok {
		return
	}
	details, answered := f.consent(req, person, r.PostFormValue("consent"))
	if !answered {
		f.render(w, r, http.StatusOK, "consent", f.newQuestion(req, person))
		return
	}
	callBack(w, req, f.newCode(person, details, req.suite), http.StatusSeeOther)
}

// signInSilently sends the person back to the app with a code, without a page.
func (f *Fake) signInSilently(w http.ResponseWriter, r *http.Request, req *signInRequest, id string) {
	person, ok := f.mustFind(w, r, id)
	if !ok {
		return
	}
	if f.takeRefusal() {
		callBack(w, req, "", http.StatusFound)
		return
	}
	details := mayShow(req, person) && !person.NoConsent
	callBack(w, req, f.newCode(person, details, req.suite), http.StatusFound)
}

// mustFind returns the person with this id, or answers that there is none.
func (f *Fake) mustFind(w http.ResponseWriter, r *http.Request, id string) (Employee, bool) {
	person, _, ok := f.find(id)
	if !ok {
		f.render(w, r, http.StatusBadRequest, "wrong", &wrong{
			Status: http.StatusBadRequest, Name: "userid", Sent: id,
			Want: text{"Config.Employees 中的一个人", "somebody in Config.Employees"},
		})
	}
	return person, ok
}

// callBack redirects to the app. A refusal has no code and no error.
func callBack(w http.ResponseWriter, req *signInRequest, code string, status int) {
	query := "state=" + url.QueryEscape(req.state)
	if code != "" {
		query = "code=" + url.QueryEscape(code) + "&" + query
	}
	uri, fragment, hasFragment := strings.Cut(req.redirectURI, "#")
	if hasFragment {
		fragment = "#" + fragment
	}
	separator := "?"
	if strings.Contains(uri, "?") {
		separator = "&"
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Location", uri+separator+query+fragment)
	w.WriteHeader(status)
}

// signedInAs returns who gets no page. The page of the WeCom client signs nobody
// in who opens it in an ordinary browser.
func (f *Fake) signedInAs(r *http.Request) string {
	if id, _ := r.Context().Value(personKey{}).(string); id != "" {
		if misplaced(r) {
			return ""
		}
		return id
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.signedIn
}

// text is a sentence in two languages.
type text struct{ ZH, EN string }

// wrong is a mistake in a sign-in request.
type wrong struct {
	Status  int
	Name    string
	Sent    string
	Want    text
	Domain  bool     // redirect_uri 需使用应用可信域名
	Trusted []string // with Domain
	Encoded bool     // with Domain: it looks encoded twice
}

// rule says which value of a parameter is right.
type rule struct {
	name string
	want text
	ok   func(value string) bool
}

func exactly(name, value string) rule {
	return rule{name, text{value, value}, func(s string) bool { return s == value }}
}

// rules are those of one of the two pages. Each suite has one of them.
// https://developer.work.weixin.qq.com/document/path/98171
func (f *Fake) rules(path, suite string) []rule {
	rules := []rule{
		{"redirect_uri", text{
			"编码一次的绝对地址，不含用户名，也不含 code 和 state 参数",
			"an absolute address, encoded once, with no user name and no code or state parameter",
		}, validRedirect},
		{"state", text{"1 到 128 个字母或数字", "1 to 128 letters and digits"}, validState.MatchString},
	}
	loginType := "CorpApp"
	switch {
	case suite == "":
		rules = append(rules, exactly("appid", f.config.CorpID), exactly("agentid", f.config.AgentID))
	case path == webLoginPath:
		loginType = "ServiceApp"
		rules = append(rules, exactly("appid", f.config.LoginSuiteID))
	default:
		rules = append(rules, exactly("appid", f.config.SuiteID))
	}
	if path == webLoginPath {
		return append(rules, exactly("login_type", loginType))
	}
	return append(rules, exactly("response_type", "code"), rule{
		"scope", text{"snsapi_base 或 snsapi_privateinfo", "snsapi_base or snsapi_privateinfo"},
		func(s string) bool {
			return s == "snsapi_base" || s == "snsapi_privateinfo" || s == "snsapi_userinfo"
		},
	})
}

// checkSignIn checks every parameter, each of which must be there exactly once.
func (f *Fake) checkSignIn(r *http.Request) (*signInRequest, *wrong) {
	address := "https://" + r.Host + r.URL.RequestURI() + "#wechat_redirect"
	if len(address) > maxURL {
		return nil, &wrong{Status: http.StatusRequestURITooLong, Name: "URL", Sent: fmt.Sprint(len(address)),
			Want: text{fmt.Sprintf("不超过 %d 字节", maxURL), fmt.Sprintf("at most %d bytes", maxURL)}}
	}
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, &wrong{Status: http.StatusBadRequest, Name: "URL", Sent: r.URL.RawQuery,
			Want: text{"编码正确的查询参数", "a well-encoded query"}}
	}
	if uri := q["redirect_uri"]; len(uri) == 1 && !f.trusted(uri[0]) {
		return nil, &wrong{Status: http.StatusOK, Domain: true, Sent: uri[0], Trusted: f.trustedHosts(),
			Encoded: hasEncodedScheme(uri[0])}
	}
	suite := ""
	if id := q.Get("appid"); id == f.config.SuiteID || id == f.config.LoginSuiteID {
		suite = id
	}
	for _, rule := range f.rules(r.URL.Path, suite) {
		if values := q[rule.name]; len(values) != 1 || !rule.ok(values[0]) {
			return nil, &wrong{Status: http.StatusBadRequest, Name: rule.name,
				Sent: strings.Join(values, ", "), Want: rule.want}
		}
	}
	return &signInRequest{
		redirectURI: q.Get("redirect_uri"),
		state:       q.Get("state"),
		details:     r.URL.Path == authorizePath && q.Get("scope") == "snsapi_privateinfo",
		suite:       suite,
	}, nil
}

func validRedirect(uri string) bool {
	u, err := url.Parse(uri)
	if err != nil || u.User != nil {
		return false
	}
	q := u.Query()
	return !q.Has("code") && !q.Has("state")
}
