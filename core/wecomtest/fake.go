package wecomtest

import (
	"io"
	"net/http"
	"net/url"
	"sync"
)

// Fake is a fake WeCom with one company and one app. It is an [http.Handler],
// safe for concurrent use. Make one with [New].
type Fake struct {
	config Config // without its Employees
	routes map[string]route

	mu       sync.Mutex // guards what follows
	people   []Employee
	apps     map[string]http.Handler // of Serve, by host
	signedIn string
	refusing bool
	agreed   map[string]bool // who has consented on the page, by id
	calls    map[string]int
	faults   []Fault
	trouble  string // switched on by hand
	credentials
}

// A route is what one path does. Exactly one of api, post and page is set.
type route struct {
	name string // as in Fault.API
	host string // where the real one lives
	api  func(q url.Values) any
	post func(q url.Values, body []byte) any
	page http.HandlerFunc
}

const (
	apiHost      = "qyapi.weixin.qq.com"
	openHost     = "open.weixin.qq.com"
	webLoginHost = "login.work.weixin.qq.com"

	authorizePath = "/connect/oauth2/authorize"
	webLoginPath  = "/wwlogin/sso/login"

	apiPrefix      = "/cgi-bin/"
	newUserInfo    = "auth/getuserinfo"
	oldUserInfo    = "user/getuserinfo"
	oldUserInfo3rd = "service/getuserinfo3rd"
	userDetail     = "auth/getuserdetail"
	pageName       = "authorize"
)

// New returns a fake WeCom. It panics on a company that could not exist: two
// employees, departments, tags or suites with the same id, an employee with none,
// or departments that are no tree.
func New(c Config) *Fake {
	c = c.withDefaults()
	c.check()
	c, people := c.kept()
	f := &Fake{
		config: c,
		people: people,
		apps:   make(map[string]http.Handler),
		agreed: make(map[string]bool),
		calls:  make(map[string]int),
	}
	f.suites = [2]suite{{id: c.SuiteID, secret: c.SuiteSecret}, {id: c.LoginSuiteID, secret: c.LoginSuiteSecret}}
	f.routes = map[string]route{
		authorizePath: {name: pageName, host: openHost, page: f.authorize},
		webLoginPath:  {name: pageName, host: webLoginHost, page: f.authorize},
	}
	for name, api := range map[string]func(url.Values) any{
		"gettoken":                    f.getToken,
		newUserInfo:                   f.getUserInfo,
		oldUserInfo:                   f.getUserInfoOld,
		"user/get":                    f.getUser,
		"department/simplelist":       f.getDepartments,
		"tag/get":                     f.getTag,
		"agent/get":                   f.getAgent,
		"service/auth/getuserinfo3rd": f.getUserInfo3rd,
		oldUserInfo3rd:                f.getUserInfo3rdOld,
	} {
		f.routes[apiPrefix+name] = route{name: name, host: apiHost, api: api}
	}
	for name, post := range map[string]func(url.Values, []byte) any{
		userDetail:                      f.getUserDetail,
		"service/get_suite_token":       f.getSuiteToken,
		"service/auth/getuserdetail3rd": f.getUserDetail3rd,
		"service/getuserdetail3rd":      f.getUserDetail3rd,
	} {
		f.routes[apiPrefix+name] = route{name: name, host: apiHost, post: post}
	}
	return f
}

// ServeHTTP answers as WeCom does. A request that came over a network from
// outside the machine is refused with 403, and so is one that a proxy or a tunnel on
// the machine hands on, as far as that can be told: by its Host, which has to be a
// loopback name, one of WeCom's or one of [Fake.Serve], and by X-Forwarded-For.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !f.local(r) {
		http.Error(w, "wecomtest: this is a fake WeCom, without any authentication; it answers only requests from and to a loopback address, by a loopback name.", http.StatusForbidden)
		return
	}
	if f.serve(w, r) {
		panic(http.ErrAbortHandler)
	}
}

// serve answers a request and reports whether the answer is lost on the way.
func (f *Fake) serve(w http.ResponseWriter, r *http.Request) (lost bool) {
	route, ok := f.routes[r.URL.Path]
	if !ok || official(r.Host) && r.Host != route.host {
		f.serveOther(w, r)
		return false
	}
	fault := f.called(route.name)
	if !wait(r.Context(), fault.Delay) {
		return true
	}
	if fault.Drop {
		f.answer(newRecorder(), r, route)
		return true
	}
	if fault.answers() {
		f.answerFault(w, r, route, fault)
		return false
	}
	f.answer(w, r, route)
	return false
}

// serveOther answers the paths that are not part of a login. WeCom answers an
// unknown path with 404 and no body.
func (f *Fake) serveOther(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/" {
		f.render(w, r, http.StatusOK, "index", nil)
		return
	}
	w.WriteHeader(http.StatusNotFound)
}

func (f *Fake) answer(w http.ResponseWriter, r *http.Request, route route) {
	if route.page != nil {
		route.page(w, r)
		return
	}
	method := http.MethodGet
	if route.post != nil {
		method = http.MethodPost
	}
	if r.Method != method {
		w.Header().Set("Allow", method)
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	if route.post == nil {
		writeJSON(w, http.StatusOK, route.api(r.URL.Query()))
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	writeJSON(w, http.StatusOK, route.post(r.URL.Query(), body))
}

// SignIn signs everyone in silently as this employee, as the WeCom client does,
// whatever browser they use; "" shows the sign-in page again. A [Fake.Browser] of
// somebody keeps its own.
func (f *Fake) SignIn(userID string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.signedIn = userID
}

// Refuse lets the next person who would be signed in silently refuse instead:
// the app is called back with the state and no code.
func (f *Fake) Refuse() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refusing = true
}

// takeRefusal reports whether this sign-in is to be refused.
func (f *Fake) takeRefusal() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	refused := f.refusing
	f.refusing = false
	return refused
}

func writeText(w http.ResponseWriter, status int, body string) {
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}
