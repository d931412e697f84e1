package wecom_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"unicode"
	"unicode/utf8"
)

var userIDForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_\-@.]{0,63}$`)

var openIDForm = regexp.MustCompile(`^[!-~]{1,64}$`)

func FuzzUserInfo(f *testing.F) {
	for _, seed := range []string{
		okUser, `{"UserId":"USERID"}`, `{"errcode":"40029","errmsg":"invalid code"}`,
		`{"errcode":0,"errmsg":"ok","openid":"OPENID"}`, `{"errcode":0,"userid":"CorpId/userid"}`,
		`{"userid":"a","UserId":"b"}`, `{"errcode":0,"errmsg":"ok"}`, `{"errcode":null,"userid":"a"}`,
		`{"errcode":60020,"errmsg":"x, hint: [1], from ip: 1.2.3.4, more"}`, `[]`, `null`, ``, `<html>`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		wecom := newFake()
		wecom.on("auth/getuserinfo", body(string(answer)))
		app := wecom.app()
		app.NoProfile = true
		id, err := open(t, app).Exchange(context.Background(), "CODE")
		if (err == nil) != userIDForm.MatchString(id.UserID) || err == nil && id.CorpID != corpID {
			t.Errorf("identity %q with error %v", id.UserID, err)
		}
		app.LinkedCorps, app.NonMembers = []string{"CorpId"}, true
		wide, wideErr := open(t, app).Exchange(context.Background(), "CODE")
		switch {
		case err == nil && (wideErr != nil || wide.UserID != id.UserID || wide.CorpID != corpID || wide.OpenID != ""):
			t.Errorf("employee %q of %q with openid %q and error %v", wide.UserID, wide.CorpID, wide.OpenID, wideErr)
		case wideErr == nil && userIDForm.MatchString(wide.UserID) == openIDForm.MatchString(wide.OpenID):
			t.Errorf("userid %q and openid %q", wide.UserID, wide.OpenID)
		case wideErr == nil && wide.CorpID != corpID && (wide.CorpID != "CorpId" || wide.OpenID != ""):
			t.Errorf("%q and %q of %q", wide.UserID, wide.OpenID, wide.CorpID)
		}
		if err != nil && (id.UserID != "" || id.CorpID != "" || len(err.Error()) > 1000) {
			t.Errorf("identity %q with error of %d bytes", id.UserID, len(err.Error()))
		}
	})
}

func FuzzGetToken(f *testing.F) {
	for _, seed := range []string{
		okToken, `{"access_token":"T"}`, `{"access_token":"T","expires_in":-1}`, `{"access_token":"T","expires_in":1e9}`,
		`{"access_token":"a b"}`, `{"access_token":""}`, `{"errcode":40001}`, `{"errcode":"40013"}`, `{}`, `null`, `<html>`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		synctest.Test(t, func(t *testing.T) { // a busy WeCom is asked again, after a pause
			wecom := newFake()
			wecom.on("gettoken", body(string(answer)))
			token, err := source(t, wecom.app()).Token(context.Background(), "")
			if (err == nil) != (token != "") || len(token) > 4096 {
				t.Errorf("token %q with error %v", token, err)
			}
			if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
				t.Errorf("token %q", token)
			}
		})
	})
}

func FuzzUserDetail(f *testing.F) {
	for _, seed := range []string{
		`{"errcode":0,"errmsg":"ok","userid":"lisi","gender":"1","avatar":"http://shp.qpic.cn/bizmp/x/0","qr_code":"https://h/?a=b","mobile":"13800000000","email":"a@b","biz_mail":"c@d","address":"广州"}`,
		`{"userid":"wangwu"}`, `{"errcode":84014}`, `{"gender":9}`, `{"mobile":1}`, `{"avatar":"javascript:1"}`, `{}`, `null`, `<html>`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		wecom := newFake()
		wecom.on("auth/getuserinfo", body(okTicket))
		wecom.on("auth/getuserdetail", body(string(answer)))
		app := wecom.app()
		app.NoProfile, app.PrivateInfo = true, true
		id, err := open(t, app).Exchange(context.Background(), "CODE")
		if err != nil || id.UserID != "lisi" {
			t.Errorf("the login failed: %v", err)
		}
		d := id.Details
		if d == nil {
			return
		}
		for _, s := range []string{d.Mobile, d.Email, d.BizMail, d.Address, d.Avatar, d.QRCode} {
			if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) || len(s) > 1024 {
				t.Errorf("a field is %q", s)
			}
		}
		if d.Gender < 0 || d.Gender > 2 || len(d.Mobile)+len(d.Email)+len(d.BizMail) > 3*128 || len(d.Address) > 256 {
			t.Error("a field is out of range")
		}
		for _, s := range []string{d.Avatar, d.QRCode} {
			if s != "" && !strings.HasPrefix(strings.ToLower(s), "http") {
				t.Errorf("a link is %q", s)
			}
		}
	})
}
