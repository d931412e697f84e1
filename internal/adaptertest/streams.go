package adaptertest

import (
	"bufio"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core"
)

// stream sends one event and waits for the client to have read it.
func stream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	rc := http.NewResponseController(w)
	_, _ = io.WriteString(w, "data: first\n\n")
	if err := rc.Flush(); err != nil {
		_, _ = io.WriteString(w, "flush: "+err.Error())
		return
	}
	<-r.Context().Done() // ends when the client has seen enough
}

// upgrade takes over the connection, as a WebSocket does.
func upgrade(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, "hijack: "+err.Error(), http.StatusInternalServerError)
		return
	}
	defer func() { _ = conn.Close() }()
	_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello")
}

// testStreams runs over real connections.
func testStreams(t *testing.T, mount Mount) {
	srv := httptest.NewUnstartedServer(nil)
	srv.Start()
	defer srv.Close()
	w := newWorld(t, mount, func(c *core.Config) { c.BaseURL = srv.URL })
	srv.Config.Handler = w.app
	v := w.visitor("zhangsan").open(srv.URL+"/me").want(200, "user=zhangsan")
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	jar.SetCookies(v.res.Request.URL, v.Jar.Cookies(v.res.Request.URL))
	client := &http.Client{Jar: jar}

	t.Run("server-sent events arrive while the handler runs", func(t *testing.T) {
		res, err := client.Get(srv.URL + "/stream")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		line, err := bufio.NewReader(res.Body).ReadString('\n')
		if err != nil || line != "data: first\n" {
			t.Errorf("read %q, %v", line, err)
		}
	})
	t.Run("a connection can be taken over", func(t *testing.T) {
		req, _ := http.NewRequest("GET", srv.URL+"/upgrade", nil)
		req.Header.Set("Connection", "Upgrade")
		req.Header.Set("Upgrade", "websocket")
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		b, _ := io.ReadAll(res.Body)
		if res.StatusCode != 101 || string(b) != "hello" {
			t.Errorf("status %d, %q", res.StatusCode, b)
		}
	})
	t.Run("without a session both are refused before they begin", func(t *testing.T) {
		for _, path := range []string{"/stream", "/upgrade"} {
			req, _ := http.NewRequest("GET", srv.URL+path, nil)
			req.Header.Set("Connection", "Upgrade")
			req.Header.Set("Upgrade", "websocket")
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			b, _ := io.ReadAll(res.Body)
			_ = res.Body.Close()
			if res.StatusCode != 401 || !strings.Contains(string(b), "login_required") {
				t.Errorf("%s: status %d, %q", path, res.StatusCode, b)
			}
		}
	})
}
