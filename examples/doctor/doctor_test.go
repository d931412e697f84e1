package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/wecomauth/wecomauth/core/wecom"
	"github.com/wecomauth/wecomauth/core/wecomtest"
)

// host is what the certificate of httptest's servers is for.
const host = "example.com"

const verifyFile = "WW_verify_agFRemnEVeHcITzc.txt"

// ward is a healthy service, and what a test may break of it.
type ward struct {
	*patient
	fake    *wecomtest.Fake
	secret  string
	service *http.ServeMux
	roots   *x509.CertPool
	date    time.Time // of WeCom's answers
}

func newWard(t *testing.T, c wecomtest.Config) *ward {
	t.Helper()
	if c.TrustedDomain == "" {
		c.TrustedDomain = host
	}
	w := &ward{fake: wecomtest.New(c), service: http.NewServeMux(), roots: x509.NewCertPool(), date: time.Now()}
	file, err := wecom.VerifyFile(verifyFile)
	if err != nil {
		t.Fatal(err)
	}
	w.service.Handle("/"+verifyFile, file)
	server := httptest.NewTLSServer(w.service)
	t.Cleanup(server.Close)
	w.roots.AddCert(server.Certificate())
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, server.Listener.Addr().String())
	}
	app := w.fake.App()
	app.HTTPClient = &http.Client{Transport: dated{w, app.HTTPClient.Transport}}
	w.patient = &patient{
		app: app, baseURL: "https://" + host, verifyFile: verifyFile, now: time.Now,
		site:   &http.Client{Transport: &http.Transport{DialContext: dial, TLSClientConfig: &tls.Config{RootCAs: w.roots}}},
		lookup: func(context.Context, string) ([]string, error) { return []string{"203.0.113.7"}, nil },
	}
	return w
}

// dated puts a Date on answers, as every real server does.
type dated struct {
	w    *ward
	next http.RoundTripper
}

func (d dated) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := d.next.RoundTrip(r)
	if err == nil {
		res.Header.Set("Date", d.w.date.UTC().Format(http.TimeFormat))
	}
	return res, err
}

func TestMisconfigurations(t *testing.T) {
	for name, tc := range map[string]struct {
		config wecomtest.Config
		harm   func(w *ward)
		want   []string // none is health
	}{
		"nothing is wrong":                {want: nil},
		"the secret was forgotten":        {harm: func(w *ward) { w.app.Secret = "" }, want: []string{"✗ settings", "WECOM_SECRET"}},
		"BASE_URL was forgotten":          {harm: func(w *ward) { w.baseURL = "" }, want: []string{"✗ settings", "BASE_URL", "- trusted domain", "- WW_verify", "未检查：请先解决前面的问题"}},
		"a password in BASE_URL":          {harm: func(w *ward) { w.baseURL = "https://u:hunter2@" + host }, want: []string{"✗ settings", "user name", "- BaseURL: DNS"}},
		"WECOM_API_URL is no address":     {harm: func(w *ward) { w.app.APIURL = "qyapi.example.com" }, want: []string{"✗ settings", "APIURL", "- the way to WeCom"}},
		"no way to WeCom":                 {harm: func(w *ward) { w.app.HTTPClient = wall("") }, want: []string{"✗ the way to WeCom", "connection refused", "firewall", "放通", "- CorpID and Secret"}},
		"a login portal on the way":       {harm: func(w *ward) { w.fake.Fail(wecomtest.Fault{Body: "<html>"}) }, want: []string{"✗ the way to WeCom", "WECOM_API_URL", "- CorpID and Secret"}},
		"gettoken alone is unreachable":   {harm: func(w *ward) { w.app.HTTPClient = w.wallAt("gettoken") }, want: []string{"✗ CorpID and Secret", "connection refused", "放通"}},
		"gettoken is not JSON":            {harm: func(w *ward) { w.fake.Fail(wecomtest.Fault{API: "gettoken", Body: "<html>"}) }, want: []string{"✗ CorpID and Secret", "WECOM_API_URL"}},
		"the clock is slow":               {harm: func(w *ward) { w.date = w.date.Add(5*time.Minute + 30*time.Second) }, want: []string{"✗ clock", "off by -5m", "偏差 -5m", "NTP"}},
		"another company's id":            {harm: func(w *ward) { w.app.CorpID = "ww0000000000000000" }, want: []string{"✗ CorpID", "40013", "不合法的 CorpID"}},
		"another app's secret":            {harm: func(w *ward) { w.app.Secret = strings.Repeat("x", 43) }, want: []string{"✗ CorpID and Secret", "40001"}},
		"a code outside the table":        {harm: func(w *ward) { w.fake.Fail(wecomtest.Fault{API: "gettoken", Code: 987654}) }, want: []string{"✗ CorpID and Secret", "query?e=987654.\n", "query?e=987654 查询"}},
		"this address is not listed":      {harm: func(w *ward) { w.fake.Fail(wecomtest.Fault{API: "agent/get", Code: 60020}) }, want: []string{"✗ trusted IP", "60020", "企业可信IP"}},
		"another app's AgentID":           {harm: func(w *ward) { w.app.AgentID = "1000003" }, want: []string{"✗ trusted IP and AgentID", "301002"}},
		"agent/get alone is unreachable":  {harm: func(w *ward) { w.app.HTTPClient = w.wallAt("agent/get") }, want: []string{"✗ trusted IP and AgentID", "connection refused", "***", "放通"}},
		"agent/get is not JSON":           {harm: func(w *ward) { w.fake.Fail(wecomtest.Fault{API: "agent/get", Body: "<html>"}) }, want: []string{"✗ trusted IP and AgentID", "上网认证"}},
		"agent/get is empty":              {harm: func(w *ward) { w.fake.Fail(wecomtest.Fault{API: "agent/get", Body: "{}"}) }, want: []string{"✗ trusted IP and AgentID", "- visible range"}},
		"the app is switched off":         {harm: func(w *ward) { w.fake.Fail(wecomtest.Fault{API: "agent/get", Body: `{"name":"x","close":1}`}) }, want: []string{"✗ the app is switched on", "switched off · 已停用", "启用"}},
		"nobody sees the app":             {config: wecomtest.Config{Employees: []wecomtest.Employee{{UserID: "a", NotVisible: true}}, Tags: []wecomtest.Tag{}}, want: []string{"✗ visible range", "nobody · 无人可见"}},
		"no trusted domain":               {harm: func(w *ward) { w.fake.Fail(wecomtest.Fault{API: "agent/get", Body: `{"name":"x"}`}) }, want: []string{"✗ trusted domain", "none is set · 未设置"}},
		"the trusted domain is other":     {config: wecomtest.Config{TrustedDomain: host + ":8443"}, want: []string{"✗ trusted domain", "8443，而"}},
		"BASE_URL has the scheme's port":  {harm: func(w *ward) { w.baseURL += ":443" }, want: nil},
		"BASE_URL is http":                {harm: func(w *ward) { w.baseURL, w.verifyFile = "http://"+host, "" }, want: []string{"! settings", "http", "未设置 WW_VERIFY"}},
		"the domain does not resolve":     {harm: func(w *ward) { w.lookup = nowhere }, want: []string{"✗ BaseURL: DNS", "no such host"}},
		"the certificate is not valid":    {harm: func(w *ward) { *w.roots = *x509.NewCertPool() }, want: []string{"✗ BaseURL: the service answers", "certificate", "证书"}},
		"the proxy finds no service":      {harm: func(w *ward) { w.service.HandleFunc("/", status(502)) }, want: []string{"✗ BaseURL: the service answers", "upstream"}},
		"WW_verify is behind a login":     {harm: func(w *ward) { w.verifyFile = "WW_verify_other.txt"; w.service.HandleFunc("/", status(302)) }, want: []string{"✗ WW_verify", "302"}},
		"WW_verify holds something else":  {harm: func(w *ward) { w.verifyFile = "WW_verify_other.txt"; w.service.HandleFunc("/", status(200)) }, want: []string{"✗ WW_verify", "something else · 文件内容不符"}},
		"WW_VERIFY is a path":             {harm: func(w *ward) { w.verifyFile = "/srv/" + verifyFile }, want: []string{"✗ WW_verify", "文件名"}},
		"REDIS_URL is no address":         {harm: func(w *ward) { w.redisURL = "redis://u:hunter2@h:6379/a/b" }, want: []string{"✗ session store", "不是 Redis 地址"}},
		"a # in Redis's password":         {harm: func(w *ward) { w.redisURL = "redis://:61234#hunter2@127.0.0.1:6379" }, want: []string{"✗ session store", "connection refused"}},
		"nothing answers for Redis":       {harm: func(w *ward) { w.redisURL = "redis://hunter2@127.0.0.1:1" }, want: []string{"✗ session store", "connection refused", "无法连接"}},
		"Redis's host does not resolve":   {harm: func(w *ward) { w.redisURL = "redis://hunter2.invalid" }, want: []string{"✗ session store", "无法连接"}},
		"REDIS_URL forbids copies":        {harm: func(w *ward) { w.redisURL = "redis://127.0.0.1:1?client_cache=0" }, want: []string{"✗ session store", "DisableCache", "client_cache"}},
		"redirects to who gets the token": {harm: func(w *ward) { w.app.HTTPClient = w.lure() }, want: []string{"✗ trusted IP and AgentID", "302"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWard(t, tc.config)
			w.secret = w.app.Secret
			if tc.harm != nil {
				tc.harm(w)
			}
			w.visit(t, tc.want...)
		})
	}
}

// visit wants the findings, and of all that is found remedies in both languages
// and no secrets.
func (w *ward) visit(t *testing.T, want ...string) {
	t.Helper()
	var text strings.Builder
	healthy := w.examine(t.Context(), &text)
	out := text.String()
	if healthy != (len(want) == 0 || strings.HasPrefix(want[0], "!")) {
		t.Errorf("healthy %t:\n%s", healthy, out)
	}
	if len(want) == 0 && strings.ContainsAny(out, "✗!") {
		t.Errorf("a healthy service:\n%s", out)
	}
	for _, one := range want {
		if !strings.Contains(out, one) {
			t.Errorf("no %q in\n%s", one, out)
		}
	}
	for _, found := range strings.Split(strings.ReplaceAll(strings.TrimSpace(out), "\n    ", "\r"), "\n") {
		lines := strings.Split(found, "\r")
		if !strings.HasPrefix(found, "✗") && !strings.HasPrefix(found, "!") {
			continue
		}
		if len(lines) < 3 || lines[len(lines)-2] == "" || !han.MatchString(lines[len(lines)-1]) {
			t.Errorf("without a remedy in both languages: %q", lines)
		}
	}
	for _, secret := range []string{w.secret, w.token, "hunter2", "61234"} {
		if secret != "" && strings.Contains(out, secret) {
			t.Errorf("%q is printed:\n%s", secret, out)
		}
	}
}

var han = regexp.MustCompile(`\p{Han}`)

// transport is a RoundTripper.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// wall is a client that reaches nothing, and says what it tried.
func wall(what string) *http.Client {
	return &http.Client{Transport: transport(func(*http.Request) (*http.Response, error) {
		return nil, errors.New("dial " + what + ": connect: connection refused")
	})}
}

// wallAt is a client that reaches everything but one API. Its error repeats the
// address twice, as those of nested clients do.
func (w *ward) wallAt(api string) *http.Client {
	next := w.app.HTTPClient.Transport
	return &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
		if strings.HasSuffix(r.URL.Path, api) {
			_, err := wall(r.URL.String()).Get(r.URL.String())
			return nil, err
		}
		return next.RoundTrip(r)
	})}
}

// lure is a client whose agent/get leads to another host, where all is well.
func (w *ward) lure() *http.Client {
	next := w.app.HTTPClient.Transport
	return &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
		if strings.HasSuffix(r.URL.Path, "agent/get") {
			rec := httptest.NewRecorder()
			http.Redirect(rec, r, "https://lure.example.com/", http.StatusFound)
			return rec.Result(), nil
		}
		if r.URL.Host == "lure.example.com" {
			return nil, errors.New("the token went elsewhere, by the Referer " + r.Referer())
		}
		return next.RoundTrip(r)
	})}
}

func nowhere(_ context.Context, name string) ([]string, error) {
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}
