package wecom_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom"
)

// apiError returns the error of a login that getuserinfo answers with text.
func apiError(t *testing.T, text string) *wecom.APIError {
	t.Helper()
	f := newFake()
	f.on("auth/getuserinfo", body(text))
	_, err := open(t, f.app()).Exchange(t.Context(), "CODE")
	var e *wecom.APIError
	if !errors.As(err, &e) {
		t.Fatalf("error = %v, want an APIError", err)
	}
	return e
}

func TestEveryCodeHasAKindAndARemedy(t *testing.T) {
	rows := append(wecom.ErrorCodes(), wecom.ErrorCode{Code: 1}, wecom.ErrorCode{Code: 123456})
	for _, row := range rows {
		code := row.Code
		e := &wecom.APIError{API: "gettoken", Code: code}
		if r := e.Remedy(); len(r) < 20 || !strings.HasSuffix(r, ".") {
			t.Errorf("code %d: remedy = %q", code, r)
		}
		var kind *core.Kind
		if !errors.As(e, &kind) || kind == nil {
			t.Errorf("code %d has no kind", code)
		}
	}
}

func TestAPIErrorFindsHintAndAddress(t *testing.T) {
	tests := []struct {
		name, body, hint, ip string
	}{
		{"U8", `{"errcode":40029,"errmsg":"invalid code, hint: [1607658081_80_bb459aff9bb8823036851dbe0cf270ff], from ip: 47.93.204.58, more info at https://open.work.weixin.qq.com/devtool/query?e=40029"}`,
			"1607658081_80_bb459aff9bb8823036851dbe0cf270ff", "47.93.204.58"},
		{"IPv6", `{"errcode":60020,"errmsg":"x, hint: [1], from ip: 2001:db8::1, more"}`, "1", "2001:db8::1"},
		{"neither", `{"errcode":40029,"errmsg":"invalid code"}`, "", ""},
		{"no address", `{"errcode":40029,"errmsg":"x, hint: [], from ip: 1.2.3.4.5, more"}`, "", ""},
		{"errmsg is no string", `{"errcode":40029,"errmsg":["x"]}`, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := apiError(t, tt.body)
			if e.API != "auth/getuserinfo" || e.Hint != tt.hint || e.IP != tt.ip {
				t.Errorf("got %+v hint %q ip %q", e, e.Hint, e.IP)
			}
		})
	}
}

func TestRemedyNamesTheAddress(t *testing.T) {
	e := apiError(t, `{"errcode":60020,"errmsg":"not allow to access from your ip, hint: [1], from ip: 221.182.171.162, more"}`)
	if !strings.Contains(e.Remedy(), "221.182.171.162") || !strings.Contains(e.Error(), e.Remedy()) {
		t.Errorf("remedy = %q, error = %q", e.Remedy(), e)
	}
	if r := (&wecom.APIError{Code: 60020}).Remedy(); !strings.Contains(r, "this server's IP address") {
		t.Errorf("remedy = %q", r)
	}
}

func TestMessagesAreBoundedAndPrintable(t *testing.T) {
	e := apiError(t, `{"errcode":50001,"errmsg":"a\n\u001b[31m\u202e`+strings.Repeat("域", 1000)+`"}`)
	if len(e.Msg) > 256 || !utf8.ValidString(e.Msg) || strings.ContainsAny(e.Msg, "\n\x1b\u202e") {
		t.Errorf("Msg = %q", e.Msg)
	}
}

func TestUnavailableSaysHowLongToWait(t *testing.T) {
	tests := []struct {
		name  string
		reply func(*http.Request) (*http.Response, error)
		want  time.Duration
	}{
		{"blocked", body(`{"errcode":45009}`), time.Minute},
		{"too many calls at once", body(`{"errcode":45033}`), 5 * time.Second},
		{"busy", body(`{"errcode":-1}`), 5 * time.Second},
		{"no connection", down, 5 * time.Second},
		{"a gateway's 502", status(502, ""), 5 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake()
			f.on("auth/getuserinfo", tt.reply)
			_, err := open(t, f.app()).Exchange(t.Context(), "CODE")
			// core keeps the wait to itself; its form in print shows it.
			if !errors.Is(err, core.ErrUnavailable) || !strings.Contains(fmt.Sprintf("%#v", err), fmt.Sprintf("after:%d", tt.want)) {
				t.Errorf("error = %#v, want a wait of %v", err, tt.want)
			}
			if n := f.count("auth/getuserinfo"); n != 1 {
				t.Errorf("the code was sent %d times, want once", n)
			}
		})
	}
}

func TestAPIErrorInALogIsAGroup(t *testing.T) {
	tests := []struct {
		name string
		err  *wecom.APIError
		want string
	}{
		{"all fields", &wecom.APIError{API: "user/get", Code: 60020, Msg: "not allow", Hint: "1_2", IP: "192.0.2.1"},
			`{"wecom":{"api":"user/get","errcode":60020,"msg":"not allow","hint":"1_2","ip":"192.0.2.1",` +
				`"remedy":"Add the address 192.0.2.1 to the app's trusted IPs (企业可信IP) in the WeCom console and wait a minute."}}`},
		{"empty fields are left out", &wecom.APIError{Code: 43003},
			`{"wecom":{"errcode":43003,"remedy":"Use https in APIURL."}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			onlyWeCom := func(groups []string, a slog.Attr) slog.Attr {
				if len(groups) == 0 && a.Key != "wecom" {
					return slog.Attr{}
				}
				return a
			}
			slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{ReplaceAttr: onlyWeCom})).Info("x", "wecom", tt.err)
			if got := strings.TrimSpace(out.String()); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestAWarningHoldsTheErrorCodeAsFields(t *testing.T) {
	f := newFake()
	f.on("user/get", body(`{"errcode":48002,"errmsg":"no privilege, hint: [1_2], from ip: 192.0.2.1"}`))
	c, log := openLogged(t, f.app())
	if _, err := c.Exchange(t.Context(), "CODE"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`err="wecom: user/get: errcode 48002`, "wecom.api=user/get", "wecom.errcode=48002", "wecom.hint=1_2", "wecom.ip=192.0.2.1", "wecom.remedy="} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("log lacks %s: %s", want, log)
		}
	}
}
