package wecom_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom"
)

const (
	suiteID     = "ww5u17e00000000000"
	suiteSecret = "s3cret-of-the-suite-0123456789abcdef"
	okCustomer  = `{"errcode":0,"errmsg":"ok","corpid":"wwcustomer","userid":"zhangsan"}`
)

// suite is a third-party app that lets in wwcustomer, without Tickets.
func (f *fake) suite() wecom.Suite {
	f.on("service/get_suite_token", body(`{"suite_access_token":"SUITETOKEN","expires_in":7200}`))
	f.on("service/auth/getuserinfo3rd", body(okCustomer))
	return wecom.Suite{SuiteID: suiteID, SuiteSecret: suiteSecret, Allow: wecom.AllowCorps("wwcustomer"),
		HTTPClient: &http.Client{Transport: f}}
}

func withTickets(t testing.TB, s wecom.Suite, store wecom.TicketStore) wecom.Suite {
	t.Helper()
	var err error
	if s.Tickets, err = s.NewTickets(store); err != nil {
		t.Fatal(err)
	}
	return s
}

func openSuite(t testing.TB, s wecom.Suite) core.Client {
	t.Helper()
	c, err := s.Open(env(slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// ticketSent returns the suite_ticket of the next token, "" if none is asked for.
func (f *fake) ticketSent(t *testing.T, s wecom.Suite) (ticket string) {
	t.Helper()
	f.on("service/get_suite_token", func(req *http.Request) (*http.Response, error) {
		var asked struct {
			Ticket string `json:"suite_ticket"`
		}
		if err := json.NewDecoder(req.Body).Decode(&asked); err != nil {
			t.Error(err)
		}
		ticket = asked.Ticket
		return body(`{"suite_access_token":"SUITETOKEN","expires_in":7200}`)(req)
	})
	_, _ = openSuite(t, s).Exchange(t.Context(), "CODE")
	return ticket
}

func TestSuiteSettings(t *testing.T) {
	good := withTickets(t, newFake().suite(), nil)
	other := good
	other.SuiteID = "ww5u17e11111111111"
	reset := good
	reset.SuiteSecret = strings.ToUpper(suiteSecret)
	for name, c := range map[string]struct {
		change func(*wecom.Suite)
		want   []string // the fields that are named
	}{
		"all is well":                   {func(*wecom.Suite) {}, nil},
		"nothing is set":                {func(s *wecom.Suite) { *s = wecom.Suite{} }, []string{"SuiteID", "SuiteSecret", "Suite.Allow", "Suite.Tickets"}},
		"tickets that nobody made":      {func(s *wecom.Suite) { s.Tickets = new(wecom.Tickets) }, []string{"Suite.Tickets"}},
		"another suite's tickets":       {func(s *wecom.Suite) { s.Tickets = withTickets(t, other, nil).Tickets }, []string{"Suite.Tickets"}},
		"tickets of the former secret":  {func(s *wecom.Suite) { s.Tickets = withTickets(t, reset, nil).Tickets }, []string{"Suite.Tickets"}},
		"tickets of a copy of the same": {func(s *wecom.Suite) { s.Tickets = withTickets(t, good, nil).Tickets }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := good
			c.change(&s)
			_, err := s.Open(env(slog.New(slog.DiscardHandler)))
			if err == nil {
				err = errors.New("")
			}
			lines := strings.Split(strings.TrimSpace(err.Error()), "\n")
			if len(c.want) == 0 && err.Error() != "" || len(c.want) > 0 && len(lines) != len(c.want) {
				t.Fatalf("the error is %q", err)
			}
			for i, field := range c.want {
				if !strings.HasPrefix(lines[i], "wecom: "+field+" ") {
					t.Errorf("line %d is %q, want one about %s", i, lines[i], field)
				}
			}
		})
	}
}

// Which page a login is sent to, and what a person sees, is not Allow's to say.
func TestAnErrorOfAllowHasNoKindOfItsOwn(t *testing.T) {
	for name, failure := range map[string]error{
		"of the application":   errors.New("the database is down"),
		"that starts again":    fmt.Errorf("%w: x", core.ErrCodeInvalid),
		"that refuses":         core.ErrRefused,
		"with a kind within":   &core.Error{Kind: core.ErrLoop, Err: core.ErrCodeInvalid},
		"of a call of its own": context.DeadlineExceeded,
	} {
		t.Run(name, func(t *testing.T) {
			s := withTickets(t, newFake().suite(), nil)
			s.Allow = func(context.Context, string) (bool, error) { return true, failure }
			setTicket(t, s.Tickets)
			id, err := openSuite(t, s).Exchange(t.Context(), "CODE")
			for _, kind := range []*core.Kind{core.ErrCodeInvalid, core.ErrRefused, core.ErrLoop} {
				if errors.Is(err, kind) {
					t.Errorf("the error is of %v", kind)
				}
			}
			if !errors.Is(err, core.ErrUnavailable) || !strings.Contains(err.Error(), failure.Error()) || id.UserID != "" {
				t.Errorf("%q with error %v", id.UserID, err)
			}
		})
	}
}

// The former interface has two calls.
func TestTheDetailsComeFromTheSameInterface(t *testing.T) {
	for legacy, apis := range map[bool][2]string{
		false: {"service/auth/getuserinfo3rd", "service/auth/getuserdetail3rd"},
		true:  {"service/getuserinfo3rd", "service/getuserdetail3rd"},
	} {
		f := newFake()
		s := withTickets(t, f.suite(), nil)
		setTicket(t, s.Tickets)
		s.LegacyUserInfo, s.PrivateInfo = legacy, true
		f.on(apis[0], body(`{"errcode":0,"CorpId":"wwcustomer","UserId":"zhangsan","user_ticket":"TICKET"}`))
		f.on(apis[1], body(`{"errcode":0,"errmsg":"ok","corpid":"wwcustomer","userid":"zhangsan","gender":"1"}`))
		id, err := openSuite(t, s).Exchange(t.Context(), "CODE")
		if err != nil || id.Details == nil || id.Details.Gender != 1 || f.count(apis[1]) != 1 {
			t.Errorf("legacy %t: details %+v, error %v, %d calls of %s", legacy, id.Details, err, f.count(apis[1]), apis[1])
		}
	}
}

// Each suite has one page of WeCom's, and none at the other.
func TestASuiteHasOnePage(t *testing.T) {
	const (
		inWeCom = "Mozilla/5.0 (Linux; Android 13) Mobile wxwork/4.1.22 MicroMessenger/7.0.1"
		desktop = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0 Safari/537.36"
		phone   = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148 Safari/604.1"
		client  = "https://open.weixin.qq.com/connect/oauth2/authorize?appid=ww5u17e00000000000&redirect_uri=https%3A%2F%2Fa%2Fb&response_type=code&scope=snsapi_base&state=s#wechat_redirect"
		consent = "https://open.weixin.qq.com/connect/oauth2/authorize?appid=ww5u17e00000000000&redirect_uri=https%3A%2F%2Fa%2Fb&response_type=code&scope=snsapi_privateinfo&state=s#wechat_redirect"
		code    = "https://login.work.weixin.qq.com/wwlogin/sso/login?login_type=ServiceApp&appid=ww5u17e00000000000&redirect_uri=https%3A%2F%2Fa%2Fb&state=s"
	)
	page := func(p wecom.Page) func(string) wecom.Page { return func(string) wecom.Page { return p } }
	for name, c := range map[string]struct {
		change    func(*wecom.Suite)
		userAgent string
		want      string
	}{
		"the app's, in WeCom":                    {func(*wecom.Suite) {}, inWeCom, client},
		"the app's, with consent":                {func(s *wecom.Suite) { s.PrivateInfo = true }, inWeCom, consent},
		"the app's, on a desktop":                {func(*wecom.Suite) {}, desktop, ""},
		"the app's, on a phone":                  {func(*wecom.Suite) {}, phone, ""},
		"the app's, whose Page knows better":     {func(s *wecom.Suite) { s.Page = page(wecom.InClient) }, desktop, client},
		"the app's, whose Page picks the other":  {func(s *wecom.Suite) { s.Page = page(wecom.WebLogin) }, inWeCom, ""},
		"the login's, on a desktop":              {func(s *wecom.Suite) { s.WebLogin = true }, desktop, code},
		"the login's has no consent":             {func(s *wecom.Suite) { s.WebLogin, s.PrivateInfo = true, true }, desktop, code},
		"the login's, in WeCom":                  {func(s *wecom.Suite) { s.WebLogin = true }, inWeCom, ""},
		"the login's, on a phone":                {func(s *wecom.Suite) { s.WebLogin = true }, phone, ""},
		"the login's, whose Page knows better":   {func(s *wecom.Suite) { s.WebLogin, s.Page = true, page(wecom.WebLogin) }, phone, code},
		"the login's, whose Page picks no other": {func(s *wecom.Suite) { s.WebLogin, s.Page = true, page(wecom.InClient) }, desktop, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := withTickets(t, newFake().suite(), nil)
			c.change(&s)
			got := openSuite(t, s).AuthCodeURL(core.AuthRequest{RedirectURL: "https://a/b", State: "s", UserAgent: c.userAgent})
			if got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}
