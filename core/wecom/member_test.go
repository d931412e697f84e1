package wecom_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom"
)

const okMember = `{"errcode":0,"errmsg":"ok","userid":"USERID","name":"张三","department":[1,2],"status":1}`

func TestMemberReadsWhoIsThere(t *testing.T) {
	tests := []struct {
		name, body, displayName string
		departments             []int
	}{
		{"an active account", okMember, "张三", []int{1, 2}},
		{"an account that is not activated", `{"userid":"USERID","status":4}`, "", []int{}},
		{"a status that is absent means nothing", `{"userid":"USERID","name":"a"}`, "a", []int{}},
		{"a status that is null means nothing", `{"userid":"USERID","status":null}`, "", []int{}},
		{"a status that WeCom does not document", `{"userid":"USERID","status":3}`, "", []int{}},
		{"another spelling of the userid", `{"UserId":"userid","Name":"a","Status":"1"}`, "a", []int{}},
		{"a name with control characters", `{"userid":"USERID","name":"a\u0000\u001b[31mb"}`, "a[31mb", []int{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake()
			f.on("user/get", body(tt.body))
			id, err := directory(t, f.app()).Member(t.Context(), corpID, "USERID")
			checkOutcome(t, id, err, "USERID", nil)
			if id.Name != tt.displayName || !slices.Equal(id.Departments, tt.departments) || id.Departments == nil {
				t.Errorf("got %q of %#v", id.Name, id.Departments)
			}
			if got, want := f.calls["user/get"][0].URL.RawQuery, "access_token=accesstoken000001&userid=USERID"; got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestMemberSaysWhoMayNotEnterAnyMore(t *testing.T) {
	tests := []struct {
		name, body string
		kind       *core.Kind
	}{
		{"an unknown userid", `{"errcode":60111,"errmsg":"userid not found","department":[]}`, core.ErrNotMember},
		{"a disabled account", `{"errcode":0,"userid":"USERID","status":2}`, core.ErrNotMember},
		{"an account that has left", `{"errcode":0,"userid":"USERID","status":5}`, core.ErrNotMember},
		{"a quoted status, beside departments that cannot be read", `{"userid":"userid","status":"5","department":"x"}`, core.ErrNotMember},
		{"no privilege on the member", `{"errcode":60011,"errmsg":"no privilege"}`, core.ErrNotVisible},
		{"out of the visible range", `{"errcode":60021}`, core.ErrNotVisible},
		{"out of the permission range", `{"errcode":"50002"}`, core.ErrNotVisible},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake()
			f.on("user/get", body(tt.body))
			id, err := directory(t, f.app()).Member(t.Context(), corpID, "USERID")
			checkOutcome(t, id, err, "", tt.kind)
			if errors.Is(err, core.ErrNotMember) == errors.Is(err, core.ErrNotVisible) {
				t.Errorf("error = %v, want one of the two kinds", err)
			}
		})
	}
}

// saysNothing wants an error that tells nothing about a person.
func saysNothing(t *testing.T, err error, kind *core.Kind) {
	t.Helper()
	var got *core.Kind
	if !errors.Is(err, kind) || !errors.As(err, &got) || got != kind {
		t.Errorf("error = %v of kind %v, want %v", err, got, kind)
	}
	if errors.Is(err, core.ErrNotMember) || errors.Is(err, core.ErrNotVisible) {
		t.Errorf("error = %v says something about the person", err)
	}
}

func TestNoOtherCodeSaysAnythingAboutThePerson(t *testing.T) {
	definite := []int{60111, 60011, 60021, 50002}
	for _, row := range append(wecom.ErrorCodes(), wecom.ErrorCode{Code: 987654, Kind: core.ErrBadAnswer}) {
		t.Run(fmt.Sprint(row.Code), func(t *testing.T) {
			f := newFake()
			f.on("user/get", body(fmt.Sprintf(`{"errcode":%d,"errmsg":"m","userid":"USERID","status":5}`, row.Code)))
			app := f.app()
			app.Tokens = endless{new(int)} // a refused token is replaced
			_, err := directory(t, app).Member(t.Context(), corpID, "USERID")
			var coded *wecom.APIError
			if !errors.As(err, &coded) || coded.Code != row.Code || coded.API != "user/get" {
				t.Errorf("error = %v holds no APIError", err)
			}
			var logged slog.LogValuer
			if !errors.As(err, &logged) || logged != coded || !strings.Contains(err.Error(), coded.Error()) {
				t.Errorf("a log of %v lacks the fields or the text", err)
			}
			if slices.Contains(definite, row.Code) {
				return
			}
			kind := row.Kind
			if kind == core.ErrNotMember || kind == core.ErrNotVisible {
				kind = core.ErrUnavailable
			}
			saysNothing(t, err, kind)
		})
	}
}

func TestNoOtherFailureSaysAnythingAboutThePerson(t *testing.T) {
	tests := []struct {
		name  string
		reply func(*http.Request) (*http.Response, error)
		kind  *core.Kind
	}{
		{"another person", body(`{"userid":"other","status":1}`), core.ErrBadAnswer},
		{"another person, who has left", body(`{"userid":"other","status":5}`), core.ErrBadAnswer},
		{"nobody", body(`{"errcode":0,"errmsg":"ok"}`), core.ErrBadAnswer},
		{"nobody, who has left", body(`{"errcode":0,"status":5}`), core.ErrBadAnswer},
		{"a userid that is no string", body(`{"userid":1,"status":5}`), core.ErrBadAnswer},
		{"departments that are no integers", body(`{"userid":"USERID","department":["1"]}`), core.ErrBadAnswer},
		{"a name that is no string", body(`{"userid":"USERID","name":1}`), core.ErrBadAnswer},
		{"two statuses", body(`{"userid":"USERID","status":1,"Status":5}`), core.ErrBadAnswer},
		{"HTML", body(`<html>60111`), core.ErrBadAnswer},
		{"nothing", body(``), core.ErrBadAnswer},
		{"too large an answer", body(okMember + strings.Repeat(" ", 1<<20)), core.ErrBadAnswer},
		{"a status of HTTP", status(404, `{"errcode":60111}`), core.ErrBadAnswer},
		{"a gateway's error", status(502, `{"errcode":60111}`), core.ErrUnavailable},
		{"no connection", down, core.ErrUnavailable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake()
			f.on("user/get", tt.reply)
			id, err := directory(t, f.app()).Member(t.Context(), corpID, "USERID")
			saysNothing(t, err, tt.kind)
			if id.UserID != "" || id.CorpID != "" {
				t.Errorf("identity = %+v", id)
			}
		})
	}
}

func TestNoFailureOfTheTokenSaysAnythingAboutThePerson(t *testing.T) {
	tests := []struct {
		name   string
		tokens wecom.TokenSource
		kind   *core.Kind
	}{
		{"a source that is down", failing{errors.New("redis is down")}, core.ErrUnavailable},
		{"a source that knows a kind", failing{core.ErrStore}, core.ErrStore},
		{"a source that has no business to know the person", failing{fmt.Errorf("x: %w", core.ErrNotMember)}, core.ErrUnavailable},
		{"a source that passes on an answer", failing{&wecom.APIError{API: "user/get", Code: 60111}}, core.ErrUnavailable},
		{"a source that has more to say", failing{errors.Join(core.ErrMisconfigured, core.ErrNotVisible)}, core.ErrUnavailable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake()
			app := f.app()
			app.Tokens = tt.tokens
			_, err := directory(t, app).Member(t.Context(), corpID, "USERID")
			saysNothing(t, err, tt.kind)
		})
	}
	f := newFake()
	f.on("gettoken", body(`{"errcode":60111,"errmsg":"userid not found"}`))
	_, err := directory(t, f.app()).Member(t.Context(), corpID, "USERID")
	saysNothing(t, err, core.ErrUnavailable)
}

func TestLookupsRenewARefusedTokenOnce(t *testing.T) {
	refused := `{"errcode":42001,"errmsg":"access_token expired"}`
	for _, api := range lookups {
		t.Run(api.name+" with a token that fell early", func(t *testing.T) {
			f := newFake()
			f.on("gettoken", inTurn(okToken, `{"access_token":"second","expires_in":7200}`))
			f.on(api.name, inTurn(refused, api.ok))
			if err := api.do(t.Context(), directory(t, f.app())); err != nil || f.param(api.name, "access_token") != "second" {
				t.Errorf("error = %v, last token %q", err, f.param(api.name, "access_token"))
			}
		})
		t.Run(api.name+" with tokens that all fall", func(t *testing.T) {
			f := newFake()
			f.on(api.name, body(refused))
			app := f.app()
			app.Tokens = endless{new(int)}
			saysNothing(t, api.do(t.Context(), directory(t, app)), core.ErrMisconfigured)
			if n := f.count(api.name); n != 2 {
				t.Errorf("%d calls, want 2", n)
			}
		})
	}
}

func TestMemberLooksUpUserIDsOnly(t *testing.T) {
	f := newFake()
	for _, userID := range []string{"", "a b", "CorpId/userid", "../x", "张三", strings.Repeat("a", 65)} {
		_, err := directory(t, f.app()).Member(t.Context(), corpID, userID)
		saysNothing(t, err, core.ErrInternal)
		if userID != "" && strings.Contains(err.Error(), userID) {
			t.Errorf("the error repeats %q", userID)
		}
	}
	if n := f.count("gettoken") + f.count("user/get"); n != 0 {
		t.Errorf("%d calls, want none", n)
	}
}

func TestLookupsObeyTheContextAndEndInTime(t *testing.T) {
	hang := func(req *http.Request) (*http.Response, error) {
		<-req.Context().Done()
		return nil, req.Context().Err()
	}
	for _, api := range lookups {
		for _, slow := range []string{"gettoken", api.name} {
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				f.on(slow, hang)
				start := time.Now()
				err := api.do(t.Context(), directory(t, f.app()))
				saysNothing(t, err, core.ErrUnavailable)
				if took := time.Since(start); took != 5*time.Second || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%s: %v after %v, want 5s", api.name, err, took)
				}
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				if err := api.do(ctx, directory(t, f.app())); !errors.Is(err, context.Canceled) {
					t.Errorf("%s: error = %v of a context that has ended", api.name, err)
				}
				time.Sleep(time.Minute) // the flight of the token ends
			})
		}
	}
}
