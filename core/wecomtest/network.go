package wecomtest

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
)

// Serve puts the application under test into the fake's network: the browsers
// of [Fake.Browser] reach it at baseURL, such as "https://oa.example.com",
// without a socket. Its host is trusted when Config.TrustedDomain is empty.
// Serve panics if baseURL is not an absolute http or https address.
func (f *Fake) Serve(baseURL string, h http.Handler) {
	u, err := url.Parse(baseURL)
	if err != nil || !absolute(u) {
		panic(fmt.Sprintf("wecomtest: Serve: %q is not an absolute http or https address", baseURL))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.apps[hostOf(u)] = h
}

// Browser returns a client with cookies that acts like the built-in browser of
// the WeCom client on Android, in which the person is signed in silently; ""
// stands for nobody, who gets the sign-in page.
//
// WeCom's hosts and those of [Fake.Serve] are reached in process, any other
// host over the network. Each request carries the headers of a page load,
// unless the caller sets them; setting one to nil leaves it out.
func (f *Fake) Browser(userID string) *http.Client {
	return f.BrowserAs(userID, UserAgentWeCom)
}

// BrowserAs is [Fake.Browser] with another User-Agent, such as
// [UserAgentDesktop]; "" sends none. The person is then signed in without a page
// as if they had scanned the QR code. The page of the WeCom client does not work
// in an ordinary browser, as [core.ParseAgent] knows them: it shows the list of
// employees there, and that it is the wrong page.
//
// BrowserAs panics if there is no such person, so that a typo does not look like
// a refusal; "" is nobody.
//
// [core.ParseAgent]: https://pkg.go.dev/github.com/wecomauth/wecomauth/core#ParseAgent
func (f *Fake) BrowserAs(userID, userAgent string) *http.Client {
	if _, _, ok := f.find(userID); !ok && userID != "" {
		panic(fmt.Sprintf("wecomtest: Browser: there is no employee %q", userID))
	}
	jar, _ := cookiejar.New(nil) // never fails
	return &http.Client{Jar: jar, Transport: &browser{fake: f, userID: userID, userAgent: userAgent}}
}

type browser struct {
	fake      *Fake
	userID    string
	userAgent string
}

var pageLoad = map[string]string{
	"Accept":         "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
	"Sec-Fetch-Mode": "navigate",
	"Sec-Fetch-Dest": "document",
}

func (b *browser) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	if _, set := req.Header["User-Agent"]; !set {
		req.Header.Set("User-Agent", b.userAgent)
	}
	for name, value := range pageLoad {
		if _, set := req.Header[name]; !set {
			req.Header.Set(name, value)
		}
	}
	host := hostOf(req.URL)
	switch app := b.fake.app(host).(type) {
	case nil:
		if official(host) {
			return roundTrip(req, b.userID, b.fake.serve)
		}
		return http.DefaultTransport.RoundTrip(req)
	case *Fake:
		return roundTrip(req, b.userID, app.serve)
	default:
		return roundTrip(req, b.userID, func(w http.ResponseWriter, r *http.Request) bool {
			app.ServeHTTP(w, r)
			return false
		})
	}
}

// apiTransport sends every request to the fake.
type apiTransport struct{ fake *Fake }

func (t apiTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	return roundTrip(req, "", t.fake.serve)
}

// roundTrip lets serve answer a client's request, as if over a connection that
// breaks if serve returns true.
func roundTrip(req *http.Request, userID string, serve func(http.ResponseWriter, *http.Request) bool) (*http.Response, error) {
	if req.Body != nil {
		defer func() { _ = req.Body.Close() }()
	}
	r, err := received(req, userID)
	if err != nil {
		return nil, err
	}
	w := newRecorder()
	lost := serve(w, r)
	if err := context.Cause(req.Context()); err != nil {
		return nil, err
	}
	if lost {
		return nil, io.ErrUnexpectedEOF
	}
	return w.response(req), nil
}

// received turns a client's request into the one that a server would see.
func received(req *http.Request, userID string) (*http.Request, error) {
	u, err := url.ParseRequestURI(req.URL.RequestURI())
	if err != nil {
		return nil, err
	}
	r := req.Clone(serverContext{req.Context(), userID})
	r.URL, r.RequestURI = u, req.URL.RequestURI()
	r.GetBody, r.Response = nil, nil
	r.RemoteAddr = "127.0.0.1:1"
	r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/1.1", 1, 1
	if r.Host == "" {
		r.Host = req.URL.Host
	}
	if r.Body == nil {
		r.Body = http.NoBody
	}
	if req.URL.Scheme == "https" {
		r.TLS = &tls.ConnectionState{Version: tls.VersionTLS13, HandshakeComplete: true, ServerName: req.URL.Hostname()}
	}
	return r, nil
}

// serverContext ends with the client's context, whose values stay behind. Its
// only value is the person whom the WeCom client has signed in.
type serverContext struct {
	context.Context
	userID string
}

type personKey struct{}

func (c serverContext) Value(key any) any {
	if key == (personKey{}) {
		return c.userID
	}
	return nil
}

func (f *Fake) app(host string) http.Handler {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.apps[host]
}

func official(host string) bool {
	return host == apiHost || host == openHost || host == webLoginHost
}

func absolute(u *url.URL) bool {
	return (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}

// hostOf returns a URL's host in lower case, without the scheme's own port.
func hostOf(u *url.URL) string {
	host := strings.ToLower(u.Host)
	switch u.Scheme {
	case "https":
		return strings.TrimSuffix(host, ":443")
	case "http":
		return strings.TrimSuffix(host, ":80")
	}
	return host
}
