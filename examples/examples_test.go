// Package examples holds the test that runs every example as its users do.
package examples

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// start builds an example, runs it on a free port with a person signed in at
// the fake WeCom, and returns its address once it answers.
func start(t *testing.T, name, person string) string {
	t.Helper()
	return run(t, name, nil, "-addr", "127.0.0.1:"+freePort(t), "-auto", person)
}

func freePort(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	return port
}

// run builds an example, runs it with env beside the environment, and returns the
// address that it prints.
func run(t *testing.T, name string, env []string, args ...string) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), name)
	if out, err := exec.Command("go", "build", "-o", bin, "./"+name).CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	cmd := exec.Command(bin, args...)
	cmd.Env = append(os.Environ(), env...)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		if _, base, ok := strings.Cut(lines.Text(), "open "); ok {
			go func() { _, _ = io.Copy(io.Discard, stderr) }()
			return base
		}
	}
	t.Fatal("the example ended without saying where it is")
	return ""
}

// get loads a page as a browser does, or as a program that accepts JSON. The
// example may need a moment between saying its address and listening.
func get(t *testing.T, client *http.Client, url string, page bool) (status int, body, end string) {
	t.Helper()
	req, err := http.NewRequest("GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/json")
	if page {
		req.Header.Set("Sec-Fetch-Mode", "navigate")
		req.Header.Set("Sec-Fetch-Dest", "document")
	}
	res, err := client.Do(req)
	for err != nil && t.Context().Err() == nil && strings.Contains(err.Error(), "refused") {
		res, err = client.Do(req)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b), res.Request.URL.String()
}

func TestExamples(t *testing.T) {
	for _, name := range []string{"gin", "echo", "echov5", "nethttp"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := start(t, name, "zhangsan")
			jar, err := cookiejar.New(nil)
			if err != nil {
				t.Fatal(err)
			}
			client := &http.Client{Jar: jar}
			for _, tc := range []struct {
				path   string
				page   bool
				status int
				text   string
			}{
				{"/", true, 200, "public"},
				{"/api/me", false, 401, "login_required"},
				{"/me?week=3", true, 200, "zhangsan"},
				{"/api/me", false, 200, `"user_id":"zhangsan"`},
				{"/admin", true, 200, "zhangsan"},
				{"/login?return_to=%2Fadmin", true, 200, "zhangsan"},
			} {
				status, body, end := get(t, client, base+tc.path, tc.page)
				if status != tc.status || !strings.Contains(body, tc.text) {
					t.Errorf("%s: status %d, want %d with %q; body %.200s", tc.path, status, tc.status, tc.text, body)
				}
				if strings.HasPrefix(tc.path, "/me") && end != base+tc.path {
					t.Errorf("%s ended at %s", tc.path, end)
				}
			}
			res, err := client.Post(base+"/logout", "", nil)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			if status, _, _ := get(t, client, base+"/api/me", false); status != 401 {
				t.Errorf("after logout: status %d", status)
			}
		})
	}
}

// TestAdminRevokes: whoever is revoked on the admin page is out in every browser.
func TestAdminRevokes(t *testing.T) {
	base := start(t, "gin", "zhangsan")
	var browsers []*http.Client
	for range 2 {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		browsers = append(browsers, &http.Client{Jar: jar})
		if status, body, _ := get(t, browsers[len(browsers)-1], base+"/admin", true); status != 200 || strings.Count(body, `name="user_id"`) != 1 {
			t.Fatalf("status %d: %.300s", status, body)
		}
	}
	for _, user := range []string{"lisi", "nobody", "zhangsan"} { // lisi has not signed in, and is of another department
		res, err := browsers[0].PostForm(base+"/admin/revoke", url.Values{"user_id": {user}})
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if user != "zhangsan" && res.StatusCode != http.StatusForbidden {
			t.Errorf("revoking %s: status %d", user, res.StatusCode)
		}
	}
	for i, b := range browsers {
		if status, _, _ := get(t, b, base+"/api/me", false); status != 401 {
			t.Errorf("browser %d: status %d after the revocation", i, status)
		}
	}
}

// TestExamplesInAContainer: with credentials an example serves all addresses, and
// sends people to the WeCom that is named.
func TestExamplesInAContainer(t *testing.T) {
	port := freePort(t)
	base := run(t, "echov5", []string{
		"WECOM_CORP_ID=ww1234567890abcdef", "WECOM_AGENT_ID=1000002", "WECOM_SECRET=this-is-not-a-real-secret-0123456789",
		"BASE_URL=http://localhost:" + port, "WECOM_LOGIN_URL=https://wecom.example.com",
	}, "-addr", ":"+port)
	var wecom *url.URL
	client := &http.Client{CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		wecom = r.URL
		return http.ErrUseLastResponse
	}}
	if status, body, _ := get(t, client, base+"/", true); status != 200 || !strings.Contains(body, "public") {
		t.Errorf("status %d: %.300s", status, body)
	}
	if status, _, _ := get(t, client, base+"/me", true); status != 302 || wecom == nil || wecom.Host != "wecom.example.com" {
		t.Errorf("status %d, sent to %v", status, wecom)
	}
}

// TestExamplesRefuseOtherAddresses: a forgotten variable lets nobody in.
func TestExamplesRefuseOtherAddresses(t *testing.T) {
	out, err := exec.Command("go", "run", "./nethttp", "-addr", "0.0.0.0:18091").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "not a loopback address") {
		t.Errorf("%v: %s", err, out)
	}
}
