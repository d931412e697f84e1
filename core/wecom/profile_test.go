package wecom_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/wecomauth/wecomauth/core"
)

func TestProfile(t *testing.T) {
	hundredOne := strings.TrimSuffix(strings.Repeat("7,", 101), ",")
	tests := []struct {
		name        string
		body        string
		displayName string
		departments []int
		warns       bool
	}{
		{"D4 an old app's answer", `{"errcode":0,"errmsg":"ok","userid":"USERID","name":"张三","department":[1,2],"order":[1,2],"gender":"1","is_leader_in_dept":[1,0],"direct_leader":["lisi"],"main_department":1,"extattr":{"attrs":[]},"status":1,"external_profile":{}}`, "张三", []int{1, 2}, false},
		{"D5 a new app's answer", `{"errcode":0,"errmsg":"ok","userid":"USERID","name":"张三","department":[1,2],"position":"","status":1,"isleader":0,"enable":1,"order":[0,0],"alias":""}`, "张三", []int{1, 2}, false},
		{"no permission for the call", `{"errcode":48002,"errmsg":"api forbidden"}`, "", nil, true},
		{"D8 defaults beside an error", `{"errcode":41001,"errmsg":"access_token missing","department":[],"order":[]}`, "", nil, true},
		{"nothing readable", `{"errcode":0,"errmsg":"ok"}`, "", []int{}, false},
		{"department null", `{"department":null,"name":null}`, "", []int{}, false},
		{"not activated", `{"status":4,"name":"a"}`, "a", []int{}, false},
		{"another spelling of the userid", `{"userid":"userid","name":"a"}`, "a", []int{}, false},
		{"another person", `{"userid":"other","name":"a","department":[1]}`, "", nil, true},
		{"departments that are no integers", `{"name":"a","department":["1"]}`, "", nil, true},
		{"a name that is no string", `{"name":1,"department":[1]}`, "", nil, true},
		{"control characters", `{"name":"a\u0000\r\n\u001b[31mb\u0085"}`, "a[31mb", []int{}, false},
		{"a long name is cut between characters", `{"name":"` + strings.Repeat("张", 50) + `"}`, strings.Repeat("张", 42), []int{}, false},
		{"too many departments", `{"department":[` + hundredOne + `]}`, "", slices.Repeat([]int{7}, 100), false},
		{"HTML", `<html>`, "", nil, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake()
			f.on("user/get", body(tt.body))
			c, log := openLogged(t, f.app())
			id, err := c.Exchange(t.Context(), "CODE")
			checkOutcome(t, id, err, "USERID", nil)
			if id.Name != tt.displayName || !utf8.ValidString(id.Name) {
				t.Errorf("name = %q, want %q", id.Name, tt.displayName)
			}
			if !slices.Equal(id.Departments, tt.departments) || (id.Departments == nil) != (tt.departments == nil) {
				t.Errorf("departments = %#v, want %#v", id.Departments, tt.departments)
			}
			lines := strings.Count(log.String(), "\n")
			if tt.warns && (lines != 1 || !strings.Contains(log.String(), "level=WARN")) || !tt.warns && lines != 0 {
				t.Errorf("log = %q, want a warning: %t", log, tt.warns)
			}
		})
	}
}

// TestPeopleOutsideTheVisibleRange: getuserinfo names them, user/get does not.
func TestPeopleOutsideTheVisibleRange(t *testing.T) {
	for text, kind := range map[string]*core.Kind{
		`{"errcode":60111,"errmsg":"userid not found"}`:                                   core.ErrNotMember,
		`{"errcode":60011,"errmsg":"no privilege to access/modify contact/party/agent "}`: core.ErrNotVisible,
		`{"errcode":60021,"errmsg":"userid not in app's visible range","department":[1]}`: core.ErrNotVisible,
	} {
		f := newFake()
		f.on("user/get", body(text))
		id, err := open(t, f.app()).Exchange(t.Context(), "CODE")
		checkOutcome(t, id, err, "", kind)
	}
}

// TestAHangingProfileLeavesTimeForTheLogin: what the login can do without takes
// half of its time at most.
func TestAHangingProfileLeavesTimeForTheLogin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.on("user/get", func(req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			return nil, req.Context().Err()
		})
		for limit, most := range map[time.Duration]time.Duration{15 * time.Second: 3 * time.Second, 2 * time.Second: time.Second} {
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			began := time.Now()
			id, err := open(t, f.app()).Exchange(ctx, "CODE")
			checkOutcome(t, id, err, "USERID", nil)
			if took := time.Since(began); took > most {
				t.Errorf("of %v the profile took %v, want at most %v", limit, took, most)
			}
			cancel()
		}
	})
}

func TestAccountsThatAreDisabledOrGone(t *testing.T) {
	for _, text := range []string{
		`{"errcode":0,"userid":"USERID","status":2}`,
		`{"errcode":0,"userid":"USERID","status":5}`,
		`{"errcode":0,"status":"2","department":"broken"}`,
	} {
		f := newFake()
		f.on("user/get", body(text))
		id, err := open(t, f.app()).Exchange(t.Context(), "CODE")
		checkOutcome(t, id, err, "", core.ErrNotMember)
	}
}

func TestAStatusIsObeyedOfTheNamedPersonOnly(t *testing.T) {
	f := newFake()
	f.on("user/get", body(`{"errcode":0,"userid":"other","status":5,"name":"x"}`))
	id, err := open(t, f.app()).Exchange(t.Context(), "CODE")
	checkOutcome(t, id, err, "USERID", nil)
	if id.Name != "" {
		t.Errorf("the name of somebody else: %q", id.Name)
	}
}

func TestDepartmentsOutOfRangeKeepNobodyOut(t *testing.T) {
	for _, department := range []string{"-1", "0", "1099511627776"} {
		f := newFake()
		f.on("user/get", body(`{"errcode":0,"userid":"USERID","department":[`+department+`]}`))
		id, err := open(t, f.app()).Exchange(t.Context(), "CODE")
		checkOutcome(t, id, err, "USERID", nil)
		if id.Departments != nil {
			t.Errorf("departments %v", id.Departments)
		}
	}
}

func TestNoProfileSavesTheCall(t *testing.T) {
	f := newFake()
	app := f.app()
	app.NoProfile = true
	id, err := open(t, app).Exchange(t.Context(), "CODE")
	checkOutcome(t, id, err, "USERID", nil)
	if f.count("user/get") != 0 || id.Departments != nil {
		t.Errorf("calls = %d, departments = %v", f.count("user/get"), id.Departments)
	}
}

func TestProfileIsOfTheNamedPerson(t *testing.T) {
	f := newFake()
	if _, err := open(t, f.app()).Exchange(t.Context(), "CODE"); err != nil {
		t.Fatal(err)
	}
	if got, want := f.calls["user/get"][0].URL.RawQuery, "access_token=accesstoken000001&userid=USERID"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
