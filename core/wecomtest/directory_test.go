package wecomtest_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
)

func TestDepartmentsOfTheSmallCompany(t *testing.T) {
	fake := wecomtest.New(wecomtest.Config{Secret: secret})
	_, body := call(fake, "department/simplelist", "access_token", newToken(t, fake))
	want := `{"errcode":0,"errmsg":"ok","department_id":[{"id":1,"parentid":0,"order":100000000},{"id":2,"parentid":1,"order":100000000},` +
		`{"id":3,"parentid":1,"order":99999999},{"id":4,"parentid":1,"order":99999998},{"id":5,"parentid":2,"order":99999997}]}`
	if body != want {
		t.Errorf("got  %s\nwant %s", body, want)
	}
	dir := client(t, fake.App()).(core.Directory)
	id, err := dir.Member(t.Context(), corpID, "zhaoliu")
	if err != nil || id.Name != "赵六" || !slices.Equal(id.Departments, []int{5}) {
		t.Errorf("%+v, %v", id, err)
	}
	if _, page := visit(t, fake, "", signInURL("redirect_uri", "http://localhost/")); !strings.Contains(page, "前端组") {
		t.Error("the department has no name on the page")
	}
	if n := fake.Calls("department/simplelist"); n != 1 {
		t.Errorf("%d calls, want 1", n)
	}
}

func TestDepartmentsAreThoseOfTheConfig(t *testing.T) {
	tests := []struct {
		name        string
		departments []wecomtest.Department
		want        map[int]int
	}{
		{"none but the root", []wecomtest.Department{}, map[int]int{1: 0}},
		{"the root may have a name", []wecomtest.Department{{ID: 1, Name: "总部"}, {ID: 9}}, map[int]int{1: 0, 9: 1}},
		{"a child before its parent", []wecomtest.Department{{ID: 3, Parent: 2}, {ID: 2, Parent: 1}}, map[int]int{1: 0, 2: 1, 3: 2}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fake := wecomtest.New(wecomtest.Config{Departments: tt.departments})
			got, err := client(t, fake.App()).(core.Directory).DepartmentParents(t.Context(), corpID)
			if err != nil || !maps.Equal(got, tt.want) {
				t.Errorf("%v, %v; want %v", got, err, tt.want)
			}
		})
	}
}

func TestTagBodies(t *testing.T) {
	fake := wecomtest.New(wecomtest.Config{
		Secret: secret,
		Employees: []wecomtest.Employee{
			{UserID: "ZhangSan", Name: "张三"}, {UserID: "hidden", NotVisible: true}, {UserID: "gone"},
			{Corp: linkedCorp, UserID: "lisi"}, {OpenID: "OPENID"},
		},
		Tags: []wecomtest.Tag{
			{ID: 1, Name: "乒乓球协会", UserIDs: []string{"zhangsan", "hidden", "gone", "lisi", linkedCorp + "/lisi", "OPENID", ""}, Departments: []int{2, 3}},
			{ID: 2, Name: "空"},
		},
	})
	fake.Remove("gone")
	token := newToken(t, fake)
	tests := []struct{ name, tagID, want string }{
		{"people in the visible range only, as WeCom spells them", "1", `{"errcode":0,"errmsg":"ok","tagname":"乒乓球协会","userlist":[{"userid":"ZhangSan","name":"张三"}],"partylist":[2,3]}`},
		{"nobody", "2", `{"errcode":0,"errmsg":"ok","tagname":"空","userlist":[],"partylist":[]}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, body := call(fake, "tag/get", "access_token", token, "tagid", tt.tagID); body != tt.want {
				t.Errorf("got  %s\nwant %s", body, tt.want)
			}
		})
	}
	for _, tagID := range []string{"", "0", "3", "-1", "x", "1.0"} {
		_, body := call(fake, "tag/get", "access_token", token, "tagid", tagID)
		wantErrcode(t, body, "40068")
	}
}

func TestTagOfTheSmallCompany(t *testing.T) {
	dir := client(t, wecomtest.New(wecomtest.Config{}).App()).(core.Directory)
	got, err := dir.TagMembers(t.Context(), corpID, 1)
	if err != nil || !slices.Equal(got.UserIDs, []string{"wangwu"}) || len(got.Departments) != 0 {
		t.Errorf("%v, %v", got, err)
	}
}

func TestLookupsCheckTheToken(t *testing.T) {
	fake := newFake(t)
	token := newToken(t, fake)
	for _, api := range []string{"department/simplelist", "tag/get"} {
		_, body := call(fake, api, "tagid", "1")
		wantErrcode(t, body, "41001")
		_, body = call(fake, api, "tagid", "1", "access_token", "x")
		wantErrcode(t, body, "40014")
		fake.Fail(wecomtest.Fault{API: api, Code: 45009, Times: 1})
		_, body = call(fake, api, "tagid", "1", "access_token", token)
		wantErrcode(t, body, "45009")
		_, body = call(fake, api, "tagid", "1", "access_token", token)
		wantErrcode(t, body, "0")
		if n := fake.Calls(api); n != 4 {
			t.Errorf("%d calls of %s, want 4", n, api)
		}
	}
}

func TestDirectoryOutlivesRevokedTokens(t *testing.T) {
	fake := newFake(t, wecomtest.Employee{UserID: "zhangsan"})
	dir := client(t, fake.App()).(core.Directory)
	for range 2 {
		if _, err := dir.Member(t.Context(), corpID, "zhangsan"); err != nil {
			t.Error(err)
		}
		fake.RevokeTokens()
	}
}
