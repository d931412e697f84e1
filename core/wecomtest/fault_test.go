package wecomtest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wecomauth/wecomauth/core/wecomtest"
)

func TestFaultShapesTheAnswer(t *testing.T) {
	tests := []struct {
		name, api string
		fault     wecomtest.Fault
		status    int
		body      string // how it begins
	}{
		{"a code has its usual text", "gettoken", wecomtest.Fault{Code: 45009}, 200, `{"errcode":45009,"errmsg":"api freq out of limit, hint: [`},
		{"a message of one's own", "gettoken", wecomtest.Fault{Code: -1, Msg: "busy"}, 200, `{"errcode":-1,"errmsg":"busy"}`},
		{"a code that the fake does not know", "user/get", wecomtest.Fault{Code: 7}, 200, `{"errcode":7,"errmsg":"error, hint: [`},
		{"the old dialect quotes the code", "user/getuserinfo", wecomtest.Fault{Code: 40029}, 200, `{"errcode":"40029","errmsg":"invalid code"}`},
		{"the old dialect with a message", "user/getuserinfo", wecomtest.Fault{Code: 1, Msg: "m"}, 200, `{"errcode":"1","errmsg":"m"}`},
		{"a status alone has no body", "auth/getuserinfo", wecomtest.Fault{Status: 502}, 502, ``},
		{"a status with a code", "auth/getuserinfo", wecomtest.Fault{Status: 500, Code: 50001}, 500, `{"errcode":50001,`},
		{"a body is sent as it is", "gettoken", wecomtest.Fault{Body: "<html>portal</html>", Code: 1}, 200, `<html>portal</html>`},
		{"an empty API means any of them", "", wecomtest.Fault{Code: -1}, 200, `{"errcode":-1,`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fake := newFake(t)
			tt.fault.API = tt.api
			fake.Fail(tt.fault)
			api := tt.api
			if api == "" {
				api = "gettoken"
			}
			status, body := call(fake, api, "corpid", corpID, "corpsecret", secret)
			if status != tt.status || !strings.HasPrefix(body, tt.body) || tt.body == "" && body != "" {
				t.Errorf("got %d %s", status, body)
			}
		})
	}
}

func TestFaultsEndAfterTheirTimesOrAtHeal(t *testing.T) {
	fake := newFake(t)
	fake.Fail(wecomtest.Fault{API: "user/get", Code: 1})
	fake.Fail(wecomtest.Fault{API: "gettoken", Code: 2, Times: 2})
	fake.Fail(wecomtest.Fault{Code: 3})
	for _, want := range []string{"2", "2", "3", "3"} {
		_, body := call(fake, "gettoken", "corpid", corpID, "corpsecret", secret)
		wantErrcode(t, body, want)
	}
	fake.Heal()
	newToken(t, fake)
	if got := fake.Calls("gettoken"); got != 5 {
		t.Errorf("Calls(gettoken) is %d, want 5", got)
	}
	call(fake, "user/get")
	visit(t, fake, "", signInURL())
	if got := fake.Calls(""); got != 6 {
		t.Errorf(`Calls("") is %d, want 6: the APIs without the pages`, got)
	}
	if got := fake.Calls("authorize"); got != 1 {
		t.Errorf("Calls(authorize) is %d, want 1", got)
	}
}

func TestFaultOfThePagesIsAPage(t *testing.T) {
	fake := newFake(t, wecomtest.Employee{UserID: "zhangsan"})
	fake.Fail(wecomtest.Fault{Code: -1}) // not of the pages
	newCode(t, fake, "zhangsan")
	fake.Fail(wecomtest.Fault{API: "authorize", Code: 50001, Msg: "<b>", Status: 503})
	res, body := visit(t, fake, "zhangsan", signInURL())
	if res.StatusCode != 503 || !strings.Contains(body, "50001") || !strings.Contains(body, "&lt;b&gt;") {
		t.Errorf("%s\n%s", res.Status, body)
	}
}

func TestDelayIsASlowSuccess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := newFake(t)
		fake.Fail(wecomtest.Fault{Delay: time.Minute})
		start := time.Now()
		newToken(t, fake)
		if got := time.Since(start); got != time.Minute {
			t.Errorf("took %v", got)
		}
	})
}

func TestDelayEndsWithTheRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := newFake(t)
		fake.Fail(wecomtest.Fault{Delay: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		req, _ := http.NewRequestWithContext(ctx, "GET", "https://qyapi.weixin.qq.com/cgi-bin/gettoken", nil)
		_, err := fake.App().HTTPClient.Do(req)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

func TestDropLosesTheAnswerButSpendsTheCode(t *testing.T) {
	fake := newFake(t, wecomtest.Employee{UserID: "zhangsan"})
	token, code := newToken(t, fake), newCode(t, fake, "zhangsan")
	fake.Fail(wecomtest.Fault{API: "auth/getuserinfo", Drop: true, Times: 1})
	address := "https://qyapi.weixin.qq.com/cgi-bin/auth/getuserinfo?access_token=" + token + "&code=" + code
	if _, err := fake.App().HTTPClient.Get(address); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("in process: %v", err)
	}
	_, body := call(fake, "auth/getuserinfo", "access_token", token, "code", code)
	wantErrcode(t, body, "40029")
}

func TestDropBreaksARealConnection(t *testing.T) {
	fake := newFake(t)
	server := httptest.NewServer(fake)
	defer server.Close()
	fake.Fail(wecomtest.Fault{API: "gettoken", Drop: true, Times: 1})
	_, err := server.Client().Post(server.URL+"/cgi-bin/gettoken", "", nil)
	if !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want the end of the connection", err)
	}
}
