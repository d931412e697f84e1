package wecom_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom"
)

// dialects are the two interfaces that name a person.
var dialects = []struct {
	name, api, userID, openID string
	legacy                    bool
}{
	{"today's interface", "auth/getuserinfo", "userid", "openid", false},
	{"the former interface", "user/getuserinfo", "UserId", "OpenId", true},
}

func TestPeopleOfOtherCompanies(t *testing.T) {
	tests := []struct {
		name, userID string
		linked       []string
		want         core.Identity
		kind         *core.Kind
	}{
		{"a company on the list", "wwlinked/lisi", []string{"wwother", "wwlinked"}, core.Identity{CorpID: "wwlinked", UserID: "lisi"}, nil},
		{"the longest of names", strings.Repeat("w", 128) + "/" + strings.Repeat("a", 64), []string{strings.Repeat("w", 128)},
			core.Identity{CorpID: strings.Repeat("w", 128), UserID: strings.Repeat("a", 64)}, nil},
		{"the app's own company, no list", corpID + "/lisi", nil, core.Identity{CorpID: corpID, UserID: "lisi"}, nil},
		{"the app's own company, and a list", corpID + "/lisi", []string{"wwlinked"}, core.Identity{CorpID: corpID, UserID: "lisi"}, nil},
		{"no list", "wwlinked/lisi", nil, core.Identity{}, core.ErrOtherCorp},
		{"a company that is not on the list", "wwother/lisi", []string{"wwlinked"}, core.Identity{}, core.ErrOtherCorp},
		{"a company in other letters", "WWlinked/lisi", []string{"wwlinked"}, core.Identity{}, core.ErrOtherCorp},
		{"a company on the list whose name is longer", "wwlinked2/lisi", []string{"wwlinked"}, core.Identity{}, core.ErrOtherCorp},
		{"two slashes", "wwlinked/lisi/x", []string{"wwlinked"}, core.Identity{}, core.ErrBadAnswer},
		{"two companies", "wwlinked/wwlinked/lisi", []string{"wwlinked"}, core.Identity{}, core.ErrBadAnswer},
		{"no company", "/lisi", []string{"wwlinked"}, core.Identity{}, core.ErrBadAnswer},
		{"no person", "wwlinked/", []string{"wwlinked"}, core.Identity{}, core.ErrBadAnswer},
		{"neither", "/", []string{"wwlinked"}, core.Identity{}, core.ErrBadAnswer},
		{"a person with a blank", "wwlinked/li si", []string{"wwlinked"}, core.Identity{}, core.ErrBadAnswer},
		{"a person with a long name", "wwlinked/" + strings.Repeat("a", 65), []string{"wwlinked"}, core.Identity{}, core.ErrBadAnswer},
		{"a company with a blank", "ww linked/lisi", []string{"wwlinked"}, core.Identity{}, core.ErrBadAnswer},
		{"a company with a long name", strings.Repeat("w", 129) + "/lisi", []string{"wwlinked"}, core.Identity{}, core.ErrBadAnswer},
	}
	for _, tt := range tests {
		for _, d := range dialects {
			t.Run(tt.name+" in "+d.name, func(t *testing.T) {
				f := newFake()
				f.on(d.api, body(`{"`+d.userID+`":"`+tt.userID+`","user_ticket":"T"}`))
				f.on("auth/getuserdetail", body(`{"mobile":"1"}`))
				app := f.app()
				app.LegacyUserInfo, app.PrivateInfo, app.LinkedCorps = d.legacy, true, tt.linked
				got, err := open(t, app).Exchange(t.Context(), "CODE")
				checkIdentity(t, got, err, tt.want, tt.kind)
				own := tt.want.CorpID == corpID
				if (f.count("user/get") == 1) != own || (f.count("auth/getuserdetail") == 1) != own || (got.Details != nil) != own {
					t.Errorf("profile %d times, details %d times: %v", f.count("user/get"), f.count("auth/getuserdetail"), got.Details != nil)
				}
			})
		}
	}
}

func checkIdentity(t *testing.T, got core.Identity, err error, want core.Identity, kind *core.Kind) {
	t.Helper()
	checkOutcome(t, core.Identity{}, err, "", kind)
	if got.CorpID != want.CorpID || got.UserID != want.UserID || got.OpenID != want.OpenID || got.Name != want.Name {
		t.Errorf("identity = %+v, want %+v", got, want)
	}
}

func TestPeopleWhoAreNoEmployees(t *testing.T) {
	openID := strings.Repeat("o", 64)
	tests := []struct {
		name, openID string
		more         string
		let          bool
		want         core.Identity
		kind         *core.Kind
	}{
		{"refused by default", "OPENID", "", false, core.Identity{}, core.ErrNotMember},
		{"let in", "OpenID-_1", "", true, core.Identity{CorpID: corpID, OpenID: "OpenID-_1"}, nil},
		{"a customer has no other name", "o", `,"external_userid":"EXTERNAL"`, true, core.Identity{CorpID: corpID, OpenID: "o"}, nil},
		{"an openid of 64 bytes", openID, "", true, core.Identity{CorpID: corpID, OpenID: openID}, nil},
		{"an openid of 65 bytes", openID + "o", "", true, core.Identity{}, core.ErrBadAnswer},
		{"an openid with a blank", "o o", "", true, core.Identity{}, core.ErrBadAnswer},
		{"an openid that is not ASCII", "张三", "", true, core.Identity{}, core.ErrBadAnswer},
		{"nobody at all", "", `,"external_userid":"EXTERNAL"`, true, core.Identity{}, core.ErrBadAnswer},
		{"both ids", "o", `,"userid":"lisi"`, true, core.Identity{}, core.ErrBadAnswer},
		{"a malformed openid is refused by default like any", "o o", "", false, core.Identity{}, core.ErrNotMember},
	}
	for _, tt := range tests {
		for _, d := range dialects {
			t.Run(tt.name+" in "+d.name, func(t *testing.T) {
				f := newFake()
				f.on(d.api, body(`{"`+d.openID+`":"`+tt.openID+`"`+tt.more+`,"user_ticket":"T"}`))
				app := f.app()
				app.LegacyUserInfo, app.PrivateInfo, app.NonMembers = d.legacy, true, tt.let
				got, err := open(t, app).Exchange(t.Context(), "CODE")
				checkIdentity(t, got, err, tt.want, tt.kind)
				if f.count("user/get")+f.count("auth/getuserdetail") != 0 {
					t.Error("WeCom was asked about somebody whom it does not know")
				}
			})
		}
	}
}

func TestEmployeesComeAsBeforeWhereOthersMayToo(t *testing.T) {
	f := newFake()
	f.on("user/get", body(okMember))
	app := f.app()
	app.LinkedCorps, app.NonMembers = []string{"wwlinked"}, true
	got, err := open(t, app).Exchange(t.Context(), "CODE")
	checkIdentity(t, got, err, core.Identity{CorpID: corpID, UserID: "USERID", Name: "张三"}, nil)
	if !slices.Equal(got.Departments, []int{1, 2}) {
		t.Errorf("departments = %v", got.Departments)
	}
}

func TestTheListOfCompaniesIsTheClientsOwn(t *testing.T) {
	app := newFake().app()
	app.LinkedCorps = []string{"wwlinked"}
	c := open(t, app)
	app.LinkedCorps[0] = "wwchanged"
	c.App().LinkedCorps[0] = "wwchanged"
	if got := c.App().LinkedCorps; !slices.Equal(got, []string{"wwlinked"}) {
		t.Errorf("LinkedCorps = %q", got)
	}
	if got := open(t, newFake().app()).App().LinkedCorps; got != nil {
		t.Errorf("LinkedCorps = %q without any", got)
	}
}

func TestOpenChecksTheListOfCompanies(t *testing.T) {
	tests := []struct {
		name   string
		linked []string
		want   string // nothing: it is accepted
	}{
		{"one", []string{"wwlinked"}, ""},
		{"several", []string{"wwa", "wwb", "WWA"}, ""},
		{"an empty one", []string{"wwa", ""}, "LinkedCorps[1] is empty: copy"},
		{"a blank inside", []string{"ww a"}, "LinkedCorps[0] holds a blank or a control character: copy"},
		{"a line break at the end", []string{"wwa\n"}, "LinkedCorps[0] begins or ends with a blank"},
		{"a long one", []string{strings.Repeat("w", 129)}, "LinkedCorps[0] has 129 bytes, more than 128: copy"},
		{"a person's id", []string{"wwa/lisi"}, "LinkedCorps[0] holds a slash: write the CorpID alone"},
		{"the app's own", []string{"wwa", corpID}, "LinkedCorps[1] is the app's own CorpID: leave it out"},
		{"one twice", []string{"wwa", "wwb", "wwa"}, "LinkedCorps[2] repeats an earlier one: leave it out"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			app := wecom.App{CorpID: corpID, AgentID: agentID, Secret: secret, LinkedCorps: tt.linked}
			_, err := app.NewTokenSource()
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n")):
				t.Errorf("error = %v, want one sentence with %q", err, tt.want)
			}
		})
	}
	app := wecom.App{CorpID: corpID, AgentID: agentID, Secret: secret, LinkedCorps: []string{"", corpID, "a/b"}}
	if _, err := app.NewTokenSource(); strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("error = %v, want three sentences", err)
	}
}
