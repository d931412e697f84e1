package wecom_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core/wecom"
)

func TestVerifyFileServesItsOwnTokenOnly(t *testing.T) {
	const name, token = "WW_verify_agFRemnEVeHcITzc.txt", "agFRemnEVeHcITzc"
	file, err := wecom.VerifyFile(name)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, method, target string
		status               int
	}{
		{"at the root", "GET", "/" + name, 200},
		{"HEAD", "HEAD", "/" + name, 200},
		{"behind a prefix", "GET", "/wecom/" + name, 200},
		{"with a query", "GET", "/" + name + "?x=1", 200},
		{"another token", "GET", "/WW_verify_aaaaaaaaaaaaaaaa.txt", 404},
		{"a longer name", "GET", "/x" + name, 404},
		{"something after the name", "GET", "/" + name + "/x", 404},
		{"another case", "GET", strings.ToLower("/" + name), 404},
		{"the name in the query only", "GET", "/?/" + name, 404},
		{"the root", "GET", "/", 404},
		{"a POST", "POST", "/" + name, 405},
		{"a POST of another token", "POST", "/WW_verify_aaaaaaaaaaaaaaaa.txt", 404},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := httptest.NewServer(file)
			defer srv.Close()
			req, _ := http.NewRequest(tt.method, srv.URL+tt.target, nil)
			resp, err := srv.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			var got strings.Builder
			_ = resp.Write(&got)
			_, text, _ := strings.Cut(got.String(), "\r\n\r\n")
			if resp.StatusCode != tt.status || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("status = %d, want %d; header %v", resp.StatusCode, tt.status, resp.Header)
			}
			if tt.status == 200 && (resp.Header.Get("Content-Type") != "text/plain; charset=utf-8" || resp.ContentLength != int64(len(token)) ||
				tt.method == "GET" && text != token) {
				t.Errorf("answer = %q", got.String())
			}
			if tt.status != 200 && strings.Contains(text, token) {
				t.Errorf("the token is in %q", text)
			}
			if allow := resp.Header.Get("Allow"); (allow == "GET, HEAD") != (tt.status == 405) {
				t.Errorf("Allow = %q", allow)
			}
		})
	}
}

func TestVerifyFileWantsTheNameOfAFile(t *testing.T) {
	for _, name := range []string{
		"", "agFRemnEVeHcITzc", "WW_verify_.txt", "WW_verify_a.txt\n", "/WW_verify_a.txt", "WW_verify_a b.txt",
		"WW_verify_a/b.txt", "WW_verify_a.TXT", "WW_verify_é.txt", "MP_verify_a.txt", "WW_verify_" + strings.Repeat("a", 65) + ".txt",
	} {
		if h, err := wecom.VerifyFile(name); err == nil || h != nil || !strings.Contains(err.Error(), "such as WW_verify_") {
			t.Errorf("VerifyFile(%q) = %v, %v", name, h, err)
		}
	}
	if _, err := wecom.VerifyFile("WW_verify_" + strings.Repeat("a", 64) + ".txt"); err != nil {
		t.Error(err)
	}
}
