package demo

import (
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core/wecom"
)

func TestConfigure(t *testing.T) {
	whole := map[string]string{"WECOM_CORP_ID": "ww1", "WECOM_AGENT_ID": "1000002", "WECOM_SECRET": "hunter2", "BASE_URL": "https://oa.example.com"}
	without := func(name string) map[string]string {
		env := make(map[string]string)
		for k, v := range whole {
			if k != name {
				env[k] = v
			}
		}
		return env
	}
	for _, tc := range []struct {
		name, addr, auto string
		env              map[string]string
		want             string // in the error; "" is success
	}{
		{"nothing set: the fake", "localhost:18090", "", nil, ""},
		{"the fake on an IP of this machine", "127.0.0.1:18090", "zhangsan", nil, ""},
		{"the fake on IPv6", "[::1]:18090", "", nil, ""},
		{"the fake on all addresses", ":8080", "", nil, "not a loopback address"},
		{"the fake on all IPv4 addresses", "0.0.0.0:8080", "", nil, "not a loopback address"},
		{"the fake on a private address", "192.168.1.2:8080", "", nil, "not a loopback address"},
		{"the fake on a name that may resolve to anything", "localhost.example.com:8080", "", nil, "not a loopback address"},
		{"the fake without a port", "localhost", "", nil, "host:port"},
		{"the fake on any port", "localhost:0", "", nil, "host:port"},
		{"all set: the real one, on any address", "0.0.0.0:8080", "", whole, ""},
		{"all set: the real one in a container", ":8080", "", whole, ""},
		{"a private edition's address alone", "localhost:8080", "", map[string]string{"WECOM_API_URL": "https://wecom.example.com"}, "also set WECOM_CORP_ID"},
		{"the real one and -auto", "localhost:8080", "zhangsan", whole, "-auto works with the fake"},
		{"the secret forgotten", "localhost:8080", "", without("WECOM_SECRET"), "also set WECOM_SECRET"},
		{"the secret forgotten, with -auto, on all addresses", "0.0.0.0:8080", "zhangsan", without("WECOM_SECRET"), "also set WECOM_SECRET"},
		{"BASE_URL alone", "localhost:8080", "", map[string]string{"BASE_URL": "https://oa.example.com"}, "also set WECOM_CORP_ID"},
	} {
		c, err := configure(tc.addr, tc.auto, func(name string) string { return tc.env[name] })
		switch {
		case tc.want == "" && (err != nil || c.Provider == nil):
			t.Errorf("%s: %v", tc.name, err)
		case tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want) || c.Provider != nil):
			t.Errorf("%s: got %v, want an error with %q", tc.name, err, tc.want)
		case err != nil && strings.Contains(err.Error(), "hunter2"):
			t.Errorf("%s: the error repeats the secret", tc.name)
		}
	}
}

// TestPrivateEdition: browsers and calls go where the environment says.
func TestPrivateEdition(t *testing.T) {
	c, err := configure("localhost:8080", "", func(name string) string { return "the value of " + name })
	if err != nil {
		t.Fatal(err)
	}
	app, ok := c.Provider.(wecom.App)
	if !ok || app.APIURL != "the value of WECOM_API_URL" || app.OpenURL != "the value of WECOM_OPEN_URL" || app.LoginURL != "the value of WECOM_LOGIN_URL" {
		t.Errorf("got %q, %q, %q", app.APIURL, app.OpenURL, app.LoginURL)
	}
}
