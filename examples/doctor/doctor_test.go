package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
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
		want   []string // "" is health
	}{
		"nothing is wrong":             {want: nil},
		"the secret was forgotten":     {harm: func(w *ward) { w.app.Secret = "" }, want: []string{"✗ settings", "WECOM_SECRET"}},
		"no way to WeCom":              {harm: func(w *ward) { w.app.HTTPClient = &http.Client{Transport: wall{}} }, want: []string{"✗ the way to WeCom", "connection refused", "firewall"}},
		"the clock is slow":            {harm: func(w *ward) { w.date = w.date.Add(5*time.Minute + 30*time.Second) }, want: []string{"✗ clock", "off by -5m", "NTP"}},
		"another company's id":         {harm: func(w *ward) { w.app.CorpID = "ww0000000000000000" }, want: []string{"✗ CorpID", "40013"}},
		"another app's secret":         {harm: func(w *ward) { w.app.Secret = strings.Repeat("x", 43) }, want: []string{"✗ CorpID and Secret", "40001"}},
		"this address is not listed":   {harm: func(w *ward) { w.fake.Fail(wecomtest.Fault{API: "agent/get", Code: 60020}) }, want: []string{"✗ trusted IP", "60020", "企业可信IP"}},
		"another app's AgentID":        {harm: func(w *ward) { w.app.AgentID = "1000003" }, want: []string{"✗ trusted IP and AgentID", "301002"}},
		"the app is switched off":      {harm: func(w *ward) { w.fake.Fail(wecomtest.Fault{API: "agent/get", Body: `{"name":"x","close":1}`}) }, want: []string{"✗ the app is switched on", "启用"}},
		"nobody sees the app":          {config: wecomtest.Config{Employees: []wecomtest.Employee{{UserID: "a", NotVisible: true}}, Tags: []wecomtest.Tag{}}, want: []string{"✗ visible range", "nobody"}},
		"the trusted domain is other":  {config: wecomtest.Config{TrustedDomain: host + ":8443"}, want: []string{"✗ trusted domain", "8443"}},
		"BASE_URL is http":             {harm: func(w *ward) { w.baseURL, w.verifyFile = "http://"+host, "" }, want: []string{"! settings", "http"}},
		"the domain does not resolve":  {harm: func(w *ward) { w.lookup = nowhere }, want: []string{"✗ BaseURL: DNS", "no such host"}},
		"the certificate is not valid": {harm: func(w *ward) { *w.roots = *x509.NewCertPool() }, want: []string{"✗ BaseURL: the service answers", "certificate", "证书"}},
		"the proxy finds no service":   {harm: func(w *ward) { w.service.HandleFunc("/", status(502)) }, want: []string{"✗ BaseURL: the service answers", "upstream"}},
		"WW_verify is behind a login":  {harm: func(w *ward) { w.verifyFile = "WW_verify_other.txt"; w.service.HandleFunc("/", status(302)) }, want: []string{"✗ WW_verify", "302"}},
		"nothing answers for Redis":    {harm: func(w *ward) { w.redisAddr = "127.0.0.1:1" }, want: []string{"✗ Redis", "connection refused"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWard(t, tc.config)
			secret := w.app.Secret
			if tc.harm != nil {
				tc.harm(w)
			}
			var out strings.Builder
			healthy := w.examine(t.Context(), &out)
			if healthy != (tc.want == nil || strings.HasPrefix(tc.want[0], "!")) {
				t.Errorf("healthy %t:\n%s", healthy, &out)
			}
			for _, want := range tc.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("no %q in\n%s", want, &out)
				}
			}
			if strings.Contains(out.String(), secret) || w.token != "" && strings.Contains(out.String(), w.token) {
				t.Error("a secret is printed")
			}
		})
	}
}

type wall struct{}

func (wall) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("dial tcp 203.0.113.9:443: connect: connection refused")
}

func nowhere(_ context.Context, name string) ([]string, error) {
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}
