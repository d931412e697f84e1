package main

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"

	"github.com/wecomauth/wecomauth/core/wecomtest"
)

const (
	host = "oa.example.com"
	base = "https://" + host
	page = "/me"
)

// sink is the response writer of every contender. Its header map is used again.
type sink struct {
	header http.Header
	status int
	bytes  int
}

func (w *sink) Header() http.Header { return w.header }

func (w *sink) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

func (w *sink) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	w.bytes += len(b)
	return len(b), nil
}

func (w *sink) reset() {
	clear(w.header)
	w.status, w.bytes = 0, 0
}

// visitor sends one request again and again. Each time the handler gets a fresh
// copy of it, as some peers keep what they know in the request.
type visitor struct {
	handler http.Handler
	request *http.Request
	copy    http.Request
	sink    sink
	leave   context.CancelFunc // of the request's context
}

func newVisitor(c contender) *visitor {
	ctx, cancel := connection()
	return &visitor{
		handler: c.handler, request: newRequest(ctx, http.MethodGet, page, c.cookie),
		sink: sink{header: make(http.Header)}, leave: cancel,
	}
}

func (v *visitor) serve(n int) {
	for range n {
		v.copy = *v.request
		v.sink.reset()
		v.handler.ServeHTTP(&v.sink, &v.copy)
	}
}

// check makes sure that the contender does its work before it is timed.
func (v *visitor) check(c contender) {
	v.serve(1)
	want := cmp.Or(c.status, http.StatusOK)
	if v.sink.status != want || want == http.StatusOK && v.sink.bytes != len(greeting) {
		panic(fmt.Sprintf("bench: %s answers %d with %d bytes, want %d", c.title(), v.sink.status, v.sink.bytes, want))
	}
}

// connection is a context like those of net/http's server.
func connection() (context.Context, context.CancelFunc) {
	ctx := context.WithValue(context.Background(), http.ServerContextKey, &http.Server{}) //nolint:gosec // listens nowhere
	ctx = context.WithValue(ctx, http.LocalAddrContextKey, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 443})
	return context.WithCancel(ctx)
}

// newRequest is a page load by WeCom's browser.
func newRequest(ctx context.Context, method, target, cookie string) *http.Request {
	r := must(http.NewRequestWithContext(ctx, method, target, http.NoBody))
	r.Host, r.RequestURI, r.RemoteAddr = host, target, "203.0.113.7:40000"
	r.Header = http.Header{
		"User-Agent":                {wecomtest.UserAgentWeCom},
		"Accept":                    {"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"},
		"Accept-Encoding":           {"gzip, deflate, br"},
		"Accept-Language":           {"zh-CN,zh;q=0.9,en;q=0.8"},
		"Upgrade-Insecure-Requests": {"1"},
		"X-Requested-With":          {"com.tencent.wework"},
		"Sec-Fetch-Site":            {"none"},
		"Sec-Fetch-Mode":            {"navigate"},
		"Sec-Fetch-User":            {"?1"},
		"Sec-Fetch-Dest":            {"document"},
	}
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	return r
}

var greeting = []byte("hello\n")

// answer is the body of every handler: it looks at who is asking and writes a
// few bytes.
func answer(w http.ResponseWriter, userID string) {
	if userID == "" {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	_, _ = w.Write(greeting)
}
