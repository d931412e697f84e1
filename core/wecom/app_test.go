package wecom_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core/wecom"
)

func TestOpenReportsEveryMistake(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(*wecom.App)
		want  []string
	}{
		{"everything at once", func(a *wecom.App) {
			*a = wecom.App{AgentID: "-1", APIURL: "qyapi.weixin.qq.com", OpenURL: "ftp://h", LoginURL: "https://h?x"}
		}, []string{"CorpID is empty", "AgentID must be", "Secret is empty", "APIURL must be", "OpenURL must be", "LoginURL must not"}},
		{"a line break from a secret file", func(a *wecom.App) { a.Secret = secret + "\n" }, []string{"Secret begins or ends with a blank or a line break, as the content of a secret file often does"}},
		{"a blank inside", func(a *wecom.App) { a.CorpID = "ww 1" }, []string{"CorpID holds a blank"}},
		{"a control character inside", func(a *wecom.App) { a.Secret = "a\x00b" }, []string{"Secret holds a blank or a control"}},
		{"too long", func(a *wecom.App) { a.Secret = strings.Repeat("x", 129) }, []string{"Secret has 129 bytes"}},
		{"AgentID 0", func(a *wecom.App) { a.AgentID = "0" }, []string{"AgentID must be"}},
		{"AgentID with a leading zero", func(a *wecom.App) { a.AgentID = "01" }, []string{"AgentID must be"}},
		{"AgentID with a sign", func(a *wecom.App) { a.AgentID = "+1" }, []string{"AgentID must be"}},
		{"AgentID too large", func(a *wecom.App) { a.AgentID = "9999999999999999999" }, []string{"AgentID must be"}},
		{"a password in an address", func(a *wecom.App) { a.APIURL = "https://u:hunter2@h" }, []string{"APIURL must not hold a user name"}},
		{"an empty fragment", func(a *wecom.App) { a.OpenURL = "https://h/#" }, []string{"OpenURL must not"}},
		{"no host", func(a *wecom.App) { a.APIURL = "https://:443/x" }, []string{"APIURL must be"}},
		{"a bad secret beside Tokens", func(a *wecom.App) { a.Secret, a.Tokens = "se cret", fixed("t") }, []string{"Secret holds"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			app := newFake().app()
			tt.spoil(&app)
			c, err := app.Open(env(slog.New(slog.DiscardHandler)))
			if err == nil || c != nil {
				t.Fatalf("Open = %v, %v; want nil and an error", c, err)
			}
			if got := len(strings.Split(err.Error(), "\n")); got != len(tt.want) {
				t.Errorf("%d mistakes reported, want %d:\n%v", got, len(tt.want), err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error lacks %q:\n%v", want, err)
				}
			}
			if app.Secret != "" && strings.Contains(err.Error(), app.Secret) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("error holds a secret: %v", err)
			}
		})
	}
}

func TestOpenTellsWhichApp(t *testing.T) {
	app := newFake().app()
	if info := open(t, app).App(); info.CorpID != corpID || info.AgentID != agentID || string(info.KeyMaterial) != secret {
		t.Error("App() differs from the settings")
	}
	app.Secret, app.Tokens = "", fixed("t")
	if info := open(t, app).App(); info.KeyMaterial != nil {
		t.Errorf("KeyMaterial = %v without a secret, want nil", info.KeyMaterial)
	}
	if _, err := app.NewTokenSource(); err == nil {
		t.Error("NewTokenSource without a secret succeeded")
	}
}

func TestNothingPrintsTheSecret(t *testing.T) {
	app := newFake().app()
	holder := struct {
		App  wecom.App
		Ptr  *wecom.App
		List []wecom.App
		Any  any
	}{app, &app, []wecom.App{app}, app}
	src := source(t, app)
	if _, err := src.Token(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, v := range []any{app, &app, holder, &holder, map[string]any{"a": app}, open(t, app), src} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "v", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "v", v)
		text, err := json.Marshal(v)
		if err != nil {
			t.Errorf("json.Marshal(%T): %v", v, err)
		}
		out.Write(text)
	}
	for _, leak := range []string{secret, fmt.Sprintf("%x", secret), tokenA} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("the output holds %q:\n%s", leak, &out)
		}
	}
	if !strings.Contains(out.String(), corpID) {
		t.Error("the output does not say which app it is")
	}
}

func TestJSONSettingsStillHoldTheSecret(t *testing.T) {
	var app wecom.App
	err := json.Unmarshal([]byte(`{"CorpID":"ww1","AgentID":"1","Secret":"abc"}`), &app)
	if err != nil || app.Secret != "abc" {
		t.Errorf("Unmarshal: %v, secret read: %v", err, app.Secret != "")
	}
}
