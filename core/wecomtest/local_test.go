package wecomtest_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestOnlyThisMachineIsAnswered(t *testing.T) {
	tcp := func(ip string) net.Addr { return &net.TCPAddr{IP: net.ParseIP(ip), Port: 9000} }
	tests := []struct {
		name   string
		local  net.Addr
		remote string
		status int
	}{
		{"no server at all", nil, "192.0.2.1:1234", 200},
		{"loopback to loopback", tcp("127.0.0.1"), "127.0.0.1:50000", 200},
		{"loopback to loopback, version 6", tcp("::1"), "[::1]:50000", 200},
		{"loopback in a version 6 socket", tcp("::ffff:127.0.0.1"), "[::ffff:127.0.0.1]:50000", 200},
		{"a Unix socket", &net.UnixAddr{Name: "/tmp/x", Net: "unix"}, "@", 200},
		{"an address of the local network", tcp("192.168.1.2"), "192.168.1.2:50000", 403},
		{"a public address", tcp("2001:db8::1"), "[2001:db8::2]:50000", 403},
		{"an address of the local network, from this machine", tcp("192.168.1.2"), "127.0.0.1:50000", 403},
		{"a peer that a middleware has rewritten", tcp("127.0.0.1"), "192.168.1.3", 403},
		{"a remote peer on a loopback address", tcp("127.0.0.1"), "192.168.1.3:50000", 403},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "http://localhost:9000/", nil)
			r.RemoteAddr = tt.remote
			if tt.local != nil {
				r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, tt.local))
			}
			w := httptest.NewRecorder()
			newFake(t).ServeHTTP(w, r)
			if w.Code != tt.status {
				t.Errorf("got %d, want %d", w.Code, tt.status)
			}
			if w.Code == 403 && !strings.Contains(w.Body.String(), "loopback") {
				t.Errorf("no reason: %s", w.Body)
			}
		})
	}
}

func TestWhatAProxyOrATunnelHandsOnIsRefused(t *testing.T) {
	fake := newFake(t)
	fake.Serve("https://oa.example.com", http.NotFoundHandler())
	for _, tt := range []struct {
		name, host, header string
		status             int
	}{
		{"the machine's name", "localhost:9000", "", 200},
		{"a name below it", "wecom.localhost", "", 200},
		{"an address", "127.0.0.1:9000", "", 200},
		{"an address, version 6", "[::1]:9000", "", 200},
		{"WeCom's host, by a browser that is told so", "open.weixin.qq.com", "", 200},
		{"the app's host", "oa.example.com", "", 200},
		{"a tunnel's name", "abc.ngrok.example", "", 403},
		{"a name that an attacker has made lead here", "evil.example:9000", "", 403},
		{"none", "", "", 403},
		{"a proxy that sets the Host anew", "localhost:9000", "X-Forwarded-For", 403},
		{"a proxy that speaks by the standard", "localhost:9000", "Forwarded", 403},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.Host, r.RemoteAddr = tt.host, "127.0.0.1:50000"
			if tt.header != "" {
				r.Header.Set(tt.header, "203.0.113.7")
			}
			r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, &net.TCPAddr{IP: net.ParseIP("127.0.0.1"), Port: 9000}))
			w := httptest.NewRecorder()
			fake.ServeHTTP(w, r)
			if w.Code != tt.status {
				t.Errorf("got %d, want %d", w.Code, tt.status)
			}
		})
	}
}

func TestRealServerOnALoopbackPort(t *testing.T) {
	server := httptest.NewServer(newFake(t))
	defer server.Close()
	res, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	if body := readAll(t, res); res.StatusCode != 200 || !strings.Contains(body, "wecomtest") {
		t.Errorf("%s\n%s", res.Status, body)
	}
}
