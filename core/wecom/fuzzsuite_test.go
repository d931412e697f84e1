package wecom_test

import (
	"context"
	"regexp"
	"testing"
)

var corpIDForm = regexp.MustCompile(`^[!-.0-~]{1,128}$`)

// FuzzSuiteUser: whatever WeCom answers, in either dialect. Who is let in has a
// company and a UserID, and Allow was asked about that company and no other.
func FuzzSuiteUser(f *testing.F) {
	for _, seed := range []string{
		okCustomer, `{"errcode":0,"errmsg":"ok","corpid":"CORPID","userid":"USERID","user_ticket":"USER_TICKET","expires_in":7200,"open_userid":"wwxxxx"}`,
		`{"errcode":0,"errmsg":"ok","openid":"OPENID"}`, `{"CorpId":"wwcustomer","UserId":"USERID","DeviceId":"DEVICEID"}`,
		`{"errcode":"40029","errmsg":"invalid code"}`, `{"corpid":"a","CorpId":"b","userid":"u"}`, `{"corpid":"wwcustomer","userid":"a/b"}`,
		`{"corpid":"a/b","userid":"u"}`, `{"corpid":"wwcustomer","userid":"u","openid":"o"}`, `{"corpid":1,"userid":"u"}`, `{"userid":"u"}`, `[]`, `null`, ``, `<html>`,
	} {
		f.Add([]byte(seed), false)
		f.Add([]byte(seed), true)
	}
	f.Fuzz(func(t *testing.T, answer []byte, legacy bool) {
		wecom, asked := newFake(), ""
		s := withTickets(t, wecom.suite(), nil)
		setTicket(t, s.Tickets)
		s.LegacyUserInfo = legacy
		s.Allow = func(_ context.Context, corpID string) (bool, error) {
			if asked != "" {
				t.Error("Allow was asked twice")
			}
			asked = corpID
			return corpID != "wwstranger", nil
		}
		wecom.on("service/auth/getuserinfo3rd", body(string(answer)))
		wecom.on("service/getuserinfo3rd", body(string(answer)))
		id, err := openSuite(t, s).Exchange(context.Background(), "CODE")
		switch {
		case err == nil && (!corpIDForm.MatchString(id.CorpID) || id.CorpID != asked || id.CorpID == "wwstranger"):
			t.Errorf("company %q, Allow was asked about %q", id.CorpID, asked)
		case err == nil && (!userIDForm.MatchString(id.UserID) || id.OpenID != ""):
			t.Errorf("userid %q, openid %q", id.UserID, id.OpenID)
		case err != nil && (id.UserID != "" || id.CorpID != "" || id.OpenID != "" || len(err.Error()) > 1000):
			t.Errorf("identity %q of %q with error of %d bytes", id.UserID, id.CorpID, len(err.Error()))
		}
	})
}
