package wecom_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom"
)

const (
	okDepartments = `{"errcode":0,"errmsg":"ok","department_id":[{"id":2,"parentid":1,"order":10},{"id":3,"parentid":2,"order":40}]}`
	okTag         = `{"errcode":0,"errmsg":"ok","tagname":"乒乓球协会","userlist":[{"userid":"zhangsan","name":"李四"}],"partylist":[2]}`
)

// lookups are what a Directory can be asked.
var lookups = []struct {
	name, ok string
	do       func(context.Context, core.Directory) error
}{
	{"user/get", okMember, func(ctx context.Context, dir core.Directory) error {
		_, err := dir.Member(ctx, corpID, "USERID")
		return err
	}},
	{"department/simplelist", okDepartments, func(ctx context.Context, dir core.Directory) error {
		_, err := dir.DepartmentParents(ctx, corpID)
		return err
	}},
	{"tag/get", okTag, func(ctx context.Context, dir core.Directory) error {
		_, err := dir.TagMembers(ctx, corpID, 7)
		return err
	}},
}

func TestDepartmentParents(t *testing.T) {
	list := func(entries string) string { return `{"errcode":0,"department_id":[` + entries + `]}` }
	tests := []struct {
		name, body string
		want       map[int]int // nil: a bad answer
	}{
		{"the documented answer", okDepartments, map[int]int{2: 1, 3: 2}},
		{"the root", list(`{"id":1,"parentid":0,"order":0}`), map[int]int{1: 0}},
		{"no department in the range", list(``), map[int]int{}},
		{"the largest id", list(`{"id":4294967295,"parentid":1}`), map[int]int{4294967295: 1}},
		{"the same twice", list(`{"id":2,"parentid":1},{"id":2,"parentid":1}`), map[int]int{2: 1}},
		{"a circle is told as it is", list(`{"id":2,"parentid":3},{"id":3,"parentid":2}`), map[int]int{2: 3, 3: 2}},
		{"capitals", `{"Department_Id":[{"Id":2,"ParentId":1}]}`, map[int]int{2: 1}},
		{"more than other answers may hold", list(manyDepartments(30_000)), parentsUpTo(30_000)},
		{"two parents", list(`{"id":2,"parentid":1},{"id":2,"parentid":3}`), nil},
		{"two parents of the root, one of them 0", list(`{"id":2,"parentid":0},{"id":2,"parentid":3}`), nil},
		{"id 0", list(`{"id":0,"parentid":1}`), nil},
		{"a negative id", list(`{"id":-2,"parentid":1}`), nil},
		{"a negative parent", list(`{"id":2,"parentid":-1}`), nil},
		{"a quoted id", list(`{"id":"2","parentid":1}`), nil},
		{"a fraction", list(`{"id":2.0,"parentid":1}`), nil},
		{"an exponent", list(`{"id":2e0,"parentid":1}`), nil},
		{"an id of 11 digits", list(`{"id":12345678901,"parentid":1}`), nil},
		{"no id", list(`{"parentid":1}`), nil},
		{"no parent", list(`{"id":2}`), nil},
		{"the parent null", list(`{"id":2,"parentid":null}`), nil},
		{"two ids in one entry", list(`{"id":2,"ID":3,"parentid":1}`), nil},
		{"numbers for entries", list(`2`), nil},
		{"null for an entry", list(`null`), nil},
		{"no list", `{"errcode":0,"errmsg":"ok"}`, nil},
		{"a list that is null", `{"department_id":null}`, nil},
		{"an object for a list", `{"department_id":{}}`, nil},
		{"HTML", `<html>`, nil},
		{"more than 16 MiB", okDepartments + strings.Repeat(" ", 16<<20), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake()
			f.on("department/simplelist", body(tt.body))
			got, err := directory(t, f.app()).DepartmentParents(t.Context(), corpID)
			if !maps.Equal(got, tt.want) || (got == nil) != (tt.want == nil) {
				t.Errorf("got %d departments, want %d", len(got), len(tt.want))
			}
			if tt.want == nil {
				saysNothing(t, err, core.ErrBadAnswer)
			} else if err != nil {
				t.Error(err)
			}
			if q := f.calls["department/simplelist"][0].URL.RawQuery; q != "access_token=accesstoken000001" {
				t.Errorf("the query is %s", q)
			}
		})
	}
}

func manyDepartments(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,{"id":%d,"parentid":%d,"order":100000000}`, i+1, i)
	}
	return b.String()[1:]
}

func parentsUpTo(n int) map[int]int {
	parents := make(map[int]int, n)
	for i := range n {
		parents[i+1] = i
	}
	return parents
}

func TestTagMembers(t *testing.T) {
	list := func(users, departments string) string {
		return `{"errcode":0,"tagname":"x","userlist":[` + users + `],"partylist":[` + departments + `]}`
	}
	tests := []struct {
		name, body  string
		users       []string
		departments []int
		bad         bool
	}{
		{"the documented answer", okTag, []string{"zhangsan"}, []int{2}, false},
		{"nobody", list(``, ``), nil, nil, false},
		{"people without names", list(`{"userid":"a"},{"userid":"B@c"}`, ``), []string{"a", "B@c"}, nil, false},
		{"departments only", `{"tagname":"x","partylist":[2,3]}`, nil, []int{2, 3}, false},
		{"people only", `{"UserList":[{"UserId":"a"}],"partylist":null}`, []string{"a"}, nil, false},
		{"as many as may be", list(``, strings.Repeat(`,2`, 100_000)[1:]), nil, slices.Repeat([]int{2}, 100_000), false},
		{"one more than that", list(``, strings.Repeat(`,2`, 100_001)[1:]), nil, nil, true},
		{"a person of another company", list(`{"userid":"CorpId/userid"}`, ``), nil, nil, true},
		{"a userid with a blank", list(`{"userid":"a b"}`, ``), nil, nil, true},
		{"an empty userid", list(`{"userid":""}`, ``), nil, nil, true},
		{"an entry without a userid", list(`{"name":"a"}`, ``), nil, nil, true},
		{"a userid that is a number", list(`{"userid":1}`, ``), nil, nil, true},
		{"strings for entries", list(`"a"`, ``), nil, nil, true},
		{"department 0", list(``, `0`), nil, nil, true},
		{"a quoted department", list(``, `"2"`), nil, nil, true},
		{"a department that is null", list(``, `null`), nil, nil, true},
		{"neither list", `{"errcode":0,"errmsg":"ok","tagname":"x"}`, nil, nil, true},
		{"lists that are strings", `{"userlist":"a","partylist":"2"}`, nil, nil, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake()
			f.on("tag/get", body(tt.body))
			got, err := directory(t, f.app()).TagMembers(t.Context(), corpID, 7)
			if !slices.Equal(got.UserIDs, tt.users) || !slices.Equal(got.Departments, tt.departments) {
				t.Errorf("got %d people, departments %v", len(got.UserIDs), got.Departments)
			}
			if tt.bad {
				saysNothing(t, err, core.ErrBadAnswer)
			} else if err != nil {
				t.Error(err)
			}
			if q := f.calls["tag/get"][0].URL.RawQuery; q != "access_token=accesstoken000001&tagid=7" {
				t.Errorf("the query is %s", q)
			}
		})
	}
}

func TestTagIDsArePositive(t *testing.T) {
	f := newFake()
	for _, id := range []int{0, -1} {
		_, err := directory(t, f.app()).TagMembers(t.Context(), corpID, id)
		saysNothing(t, err, core.ErrMisconfigured)
	}
	if n := f.count("gettoken") + f.count("tag/get"); n != 0 {
		t.Errorf("%d calls, want none", n)
	}
}

func TestARefusedListSaysNothingAboutPeople(t *testing.T) {
	tests := []struct {
		name, body string
		kind       *core.Kind
	}{
		{"no such tag", `{"errcode":40068,"errmsg":"invalid tagid"}`, core.ErrMisconfigured},
		{"no privilege", `{"errcode":60011,"errmsg":"no privilege to access/modify contact/party/agent "}`, core.ErrMisconfigured},
		{"a code about people", `{"errcode":60111,"errmsg":"userid not found"}`, core.ErrMisconfigured},
		{"an address that is not trusted", `{"errcode":60020,"errmsg":"x"}`, core.ErrMisconfigured},
		{"busy", `{"errcode":-1}`, core.ErrUnavailable},
		{"limited", `{"errcode":45009}`, core.ErrUnavailable},
	}
	for _, tt := range tests {
		for _, api := range lookups[1:] {
			t.Run(tt.name+" at "+api.name, func(t *testing.T) {
				f := newFake()
				f.on(api.name, body(tt.body))
				err := api.do(t.Context(), directory(t, f.app()))
				saysNothing(t, err, tt.kind)
				var coded *wecom.APIError
				if !errors.As(err, &coded) || coded.API != api.name {
					t.Errorf("error = %v holds no APIError", err)
				}
			})
		}
	}
}

func TestLinkedCompaniesCannotBeLookedUp(t *testing.T) {
	f := newFake()
	app := f.app()
	app.LinkedCorps = []string{"wwlinked"}
	dir := directory(t, app)
	for _, corp := range []string{"wwlinked", "", strings.ToUpper(corpID)} {
		_, err1 := dir.Member(t.Context(), corp, "USERID")
		_, err2 := dir.DepartmentParents(t.Context(), corp)
		_, err3 := dir.TagMembers(t.Context(), corp, 1)
		for _, err := range []error{err1, err2, err3} {
			saysNothing(t, err, core.ErrMisconfigured)
			if !strings.Contains(err.Error(), "linked companies cannot be looked up") {
				t.Errorf("error = %v", err)
			}
		}
	}
	if f.count("gettoken") != 0 {
		t.Error("WeCom was called")
	}
}
