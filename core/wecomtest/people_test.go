package wecomtest_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom"
	"github.com/wecomauth/wecomauth/core/wecomtest"
)

const linkedCorp = "ww00000000000linked"

// client opens the fake's app.
func client(t *testing.T, app wecom.App) core.Client {
	t.Helper()
	c, err := app.Open(core.Env{Log: slog.New(slog.DiscardHandler), Observe: func(context.Context, core.Event) {}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestPeopleOfALinkedCompany(t *testing.T) {
	fake := newFake(t,
		wecomtest.Employee{UserID: "lisi", Name: "李四"},
		wecomtest.Employee{Corp: linkedCorp, UserID: "lisi", Name: "李思"},
		wecomtest.Employee{Corp: "wwother", UserID: "lisi"})
	tests := []struct {
		name, person, corpID string
		kind                 *core.Kind
	}{
		{"the company's own", "lisi", corpID, nil},
		{"one of a company that the app lets in, in any case", "WW00000000000LINKED/LiSi", linkedCorp, nil},
		{"one of another company", "wwother/lisi", "", core.ErrOtherCorp},
	}
	for _, legacy := range []bool{false, true} {
		app := fake.App()
		app.LegacyUserInfo, app.LinkedCorps = legacy, []string{linkedCorp}
		c := client(t, app)
		for _, tt := range tests {
			id, err := c.Exchange(t.Context(), newCode(t, fake, tt.person))
			if tt.kind == nil && err != nil || tt.kind != nil && !errors.Is(err, tt.kind) {
				t.Errorf("%s: error = %v", tt.name, err)
			}
			if id.CorpID != tt.corpID || err == nil && id.UserID != "lisi" || (id.Name != "") != (id.CorpID == corpID) {
				t.Errorf("%s: %+v", tt.name, id)
			}
		}
	}
	for _, userID := range []string{linkedCorp + "/lisi", "wwother/lisi"} {
		_, body := call(fake, "user/get", "access_token", newToken(t, fake), "userid", userID)
		wantErrcode(t, body, "60111")
	}
	if body := userInfo(t, fake, linkedCorp+"/lisi", signInURL("scope", private)); body != `{"errcode":0,"errmsg":"ok","userid":"`+linkedCorp+`/lisi"}` {
		t.Errorf("got %s", body)
	}
	_, page := visit(t, fake, "", signInURL())
	for _, want := range []string{"李思", "互联企业", `value="` + linkedCorp + `/lisi"`} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing on the page", want)
		}
	}
	_, callback := press(t, fake, signInURL(), "userid", linkedCorp+"/lisi")
	if callback == nil || callback.Query().Get("code") == "" {
		t.Error("the button of a linked company's person does not sign in")
	}
}

func TestPeopleWithAnOpenID(t *testing.T) {
	fake := newFake(t, wecomtest.Employee{OpenID: "OpenID_1"})
	app := fake.App()
	app.NonMembers = true
	id, err := client(t, app).Exchange(t.Context(), newCode(t, fake, "OpenID_1"))
	if err != nil || id.OpenID != "OpenID_1" || id.UserID != "" || id.CorpID != corpID {
		t.Errorf("%+v, %v", id, err)
	}
}

func TestChangeIsSeenAtOnce(t *testing.T) {
	zhangsan := wecomtest.Employee{UserID: "zhangsan", Name: "张三", Departments: []int{2}}
	with := func(change func(*wecomtest.Employee)) wecomtest.Employee {
		e := zhangsan
		change(&e)
		return e
	}
	tests := []struct {
		name    string
		change  wecomtest.Employee
		errcode string
		text    string // of user/get
		kind    *core.Kind
	}{
		{"a disabled account", with(func(e *wecomtest.Employee) { e.Status = 2 }), "0", `"status":2`, core.ErrNotMember},
		{"an account that has left", with(func(e *wecomtest.Employee) { e.Status = 5 }), "0", `"status":5`, core.ErrNotMember},
		{"out of the visible range", with(func(e *wecomtest.Employee) { e.NotVisible = true }), "60011", ``, core.ErrNotVisible},
		{"another department", with(func(e *wecomtest.Employee) { e.Departments = []int{3, 4} }), "0", `"department":[3,4]`, nil},
		{"another spelling of the userid", wecomtest.Employee{UserID: "ZhangSan", Name: "张三丰"}, "0", `"name":"张三丰"`, nil},
		{"somebody else", wecomtest.Employee{UserID: "sunqi"}, "0", `"name":"张三"`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fake := newFake(t, zhangsan)
			dir := client(t, fake.App()).(core.Directory)
			if id, err := dir.Member(t.Context(), corpID, "zhangsan"); err != nil || id.Name != "张三" || !slices.Equal(id.Departments, []int{2}) {
				t.Fatalf("%+v, %v", id, err)
			}
			fake.Change(tt.change)
			_, body := call(fake, "user/get", "access_token", newToken(t, fake), "userid", "zhangsan")
			wantErrcode(t, body, tt.errcode)
			if !strings.Contains(body, tt.text) {
				t.Errorf("got %s, want %s", body, tt.text)
			}
			_, err := dir.Member(t.Context(), corpID, "zhangsan")
			if tt.kind == nil && err != nil || tt.kind != nil && !errors.Is(err, tt.kind) {
				t.Errorf("error = %v", err)
			}
			newCode(t, fake, "zhangsan") // WeCom names them all the same
		})
	}
	fake := newFake(t)
	fake.Change(wecomtest.Employee{UserID: "sunqi", Name: "孙七"})
	if _, page := visit(t, fake, "", signInURL()); !strings.Contains(page, "孙七") {
		t.Error("who was added is not on the page")
	}
	newCode(t, fake, "sunqi")
}

func TestRemoveLetsAPersonLeave(t *testing.T) {
	fake := newFake(t, wecomtest.Employee{UserID: "zhangsan", Name: "张三"}, wecomtest.Employee{UserID: "lisi", Name: "李四"},
		wecomtest.Employee{Corp: linkedCorp, UserID: "zhangsan"})
	address := signInURL("scope", private)
	press(t, fake, address, "userid", "zhangsan", "consent", "yes")
	browser := fake.Browser("zhangsan")
	fake.Remove("ZhangSan")

	dir := client(t, fake.App()).(core.Directory)
	if _, err := dir.Member(t.Context(), corpID, "zhangsan"); !errors.Is(err, core.ErrNotMember) {
		t.Errorf("error = %v", err)
	}
	if res, err := browser.Get(signInURL()); err != nil || res.StatusCode != 400 {
		t.Errorf("their browser gets %v, %v", res, err)
	}
	fake.SignIn("zhangsan")
	if res, _ := visit(t, fake, "", signInURL()); res.StatusCode != 400 {
		t.Errorf("SignIn: %s", res.Status)
	}
	fake.SignIn("")
	if page, callback := press(t, fake, signInURL(), "userid", "zhangsan"); callback != nil || strings.Contains(page, "张三") {
		t.Errorf("the button: %s", page)
	}
	newCode(t, fake, "lisi")
	newCode(t, fake, linkedCorp+"/zhangsan")
	fake.Change(wecomtest.Employee{UserID: "zhangsan"})
	if page, _ := press(t, fake, address, "userid", "zhangsan"); !strings.Contains(page, "同意") {
		t.Error("a newcomer of the same name is not asked for their consent")
	}
}

func TestThePeopleAreTheFakesOwn(t *testing.T) {
	departments := []int{2}
	people := []wecomtest.Employee{{UserID: "zhangsan", Departments: departments}}
	fake := newFake(t, people...)
	lisi := wecomtest.Employee{UserID: "lisi", Departments: departments}
	fake.Change(lisi)
	people[0].UserID, departments[0] = "changed", 9
	for _, userID := range []string{"zhangsan", "lisi"} {
		_, body := call(fake, "user/get", "access_token", newToken(t, fake), "userid", userID)
		if !strings.Contains(body, `"department":[2]`) {
			t.Errorf("got %s", body)
		}
	}
}

func TestPeopleComeAndGoWhileTheFakeIsInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := wecomtest.New(wecomtest.Config{Secret: secret, TrustedDomain: "oa.example.com"})
		dir := client(t, fake.App()).(core.Directory)
		token := newToken(t, fake)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				newCode(t, fake, "lisi")
				visit(t, fake, "", signInURL("scope", private))
				press(t, fake, signInURL("scope", private), "userid", "zhangsan")
				call(fake, "user/get", "access_token", token, "userid", "zhangsan")
				_, _ = dir.Member(t.Context(), corpID, "zhangsan")
				_, _ = dir.TagMembers(t.Context(), corpID, 1)
				_, _ = dir.DepartmentParents(t.Context(), corpID)
			})
		}
		for i := range 8 {
			name := "new" + string(rune('a'+i))
			wg.Go(func() {
				fake.Change(wecomtest.Employee{UserID: "zhangsan", Name: name, Departments: []int{i + 2}, NotVisible: i%2 == 0})
				fake.Change(wecomtest.Employee{UserID: name})
				newCode(t, fake, name)
				fake.Remove(name)
			})
		}
		wg.Wait()
		if _, page := visit(t, fake, "", signInURL()); strings.Contains(page, `value="new`) {
			t.Error("somebody who has left is on the page")
		}
	})
}

func TestWhoLeavesTakesTheirCodesAndTicketsAlong(t *testing.T) {
	fake := newFake(t, wecomtest.Employee{UserID: "zhangsan"}, wecomtest.Employee{UserID: "lisi", Name: "before"})
	left, stays := newCode(t, fake, "zhangsan"), newCode(t, fake, "lisi")
	fake.Remove("zhangsan")
	fake.Change(wecomtest.Employee{UserID: "LISI", Name: "after"})
	_, body := call(fake, "auth/getuserinfo", "access_token", newToken(t, fake), "code", left)
	wantErrcode(t, body, "40029")
	_, body = call(fake, "auth/getuserinfo", "access_token", newToken(t, fake), "code", stays)
	if !strings.Contains(body, `"userid":"LISI"`) {
		t.Errorf("the person as they were: %s", body)
	}
}
