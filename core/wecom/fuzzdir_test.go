package wecom_test

import (
	"context"
	"errors"
	"regexp"
	"testing"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom"
)

// reply is a Directory to which one API answers with text.
func reply(t *testing.T, api string, text []byte) core.Directory {
	t.Helper()
	f := newFake()
	f.on(api, body(string(text)))
	app := f.app()
	app.Tokens = endless{new(int)}
	return directory(t, app)
}

// goneForm is in every answer that ends a person's access; an escape may hide it.
var goneForm = regexp.MustCompile(`60111|60011|60021|50002|"(?i:status)"|\\u`)

func FuzzMember(f *testing.F) {
	for _, seed := range []string{
		okMember, `{"UserId":"userid","Status":"5"}`, `{"userid":"USERID","status":2}`, `{"userid":"other","status":5}`, `{"errcode":60111}`,
		`{"errcode":"60011","department":[]}`, `{"errcode":40003}`, `{"errcode":92000}`, `{"errcode":43004}`, `{"status":5}`, `{}`, `null`, ``, `<html>`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		id, err := reply(t, "user/get", answer).Member(context.Background(), corpID, "USERID")
		if (err == nil) != (id.UserID == "USERID" && id.CorpID == corpID && id.Departments != nil) {
			t.Errorf("identity %+v with error %v", id, err)
		}
		if !errors.Is(err, core.ErrNotMember) && !errors.Is(err, core.ErrNotVisible) {
			return
		}
		var coded *wecom.APIError
		if errors.As(err, &coded) && coded.Code != 60111 && coded.Code != 60011 && coded.Code != 60021 && coded.Code != 50002 {
			t.Errorf("code %d is the end of a person", coded.Code)
		}
		if !goneForm.Match(answer) {
			t.Errorf("nothing says so: %v", err)
		}
	})
}

func FuzzDepartments(f *testing.F) {
	for _, seed := range []string{
		okDepartments, `{"department_id":[]}`, `{"department_id":[{"id":1,"parentid":0}]}`, `{"department_id":[{"id":2,"parentid":1},{"id":2,"parentid":3}]}`,
		`{"department_id":[{"id":"2","parentid":1}]}`, `{"department_id":[{"id":1e9,"parentid":-1}]}`, `{"department_id":null}`, `{"errcode":60011}`, `null`, `<html>`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		parents, err := reply(t, "department/simplelist", answer).DepartmentParents(context.Background(), corpID)
		if (err == nil) != (parents != nil) || errors.Is(err, core.ErrNotMember) || errors.Is(err, core.ErrNotVisible) {
			t.Errorf("%v with error %v", parents, err)
		}
		for id, parent := range parents {
			if id <= 0 || parent < 0 {
				t.Errorf("department %d below %d", id, parent)
			}
		}
	})
}

func FuzzTag(f *testing.F) {
	for _, seed := range []string{
		okTag, `{"userlist":[]}`, `{"partylist":[1]}`, `{"UserList":[{"UserId":"a"}]}`, `{"userlist":[{"userid":"CorpId/userid"}]}`,
		`{"userlist":[{"userid":1}],"partylist":["2"]}`, `{"userlist":null}`, `{"errcode":40068}`, `{"errcode":60011}`, `null`, `<html>`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		members, err := reply(t, "tag/get", answer).TagMembers(context.Background(), corpID, 1)
		if err != nil && len(members.UserIDs)+len(members.Departments) > 0 || errors.Is(err, core.ErrNotMember) || errors.Is(err, core.ErrNotVisible) {
			t.Errorf("%v with error %v", members, err)
		}
		for _, userID := range members.UserIDs {
			if !userIDForm.MatchString(userID) {
				t.Errorf("userid %q", userID)
			}
		}
		for _, id := range members.Departments {
			if id <= 0 {
				t.Errorf("department %d", id)
			}
		}
	})
}
