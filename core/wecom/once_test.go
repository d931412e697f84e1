package wecom_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core"
)

// TestABrokenConnectionSendsNoCodeAgain needs a real listener: it is net/http that
// sends a GET again when a kept connection breaks.
func TestABrokenConnectionSendsNoCodeAgain(t *testing.T) {
	for _, legacy := range []bool{false, true} {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		codes := make(chan *http.Request, 10)
		go func() {
			for {
				conn, err := ln.Accept()
				if err != nil {
					return
				}
				go breakAtTheCode(conn, codes)
			}
		}()
		app := newFake().app()
		app.APIURL, app.HTTPClient, app.LegacyUserInfo = "http://"+ln.Addr().String(), nil, legacy
		_, err = open(t, app).Exchange(t.Context(), "CODE1")
		_ = ln.Close()
		if !errors.Is(err, core.ErrUnavailable) {
			t.Errorf("error = %v", err)
		}
		if len(codes) != 1 {
			t.Fatalf("legacy %t: the code was sent %d times", legacy, len(codes))
		}
		if r := <-codes; r.ContentLength != 0 || len(r.TransferEncoding) != 0 || r.Header.Get("Content-Length") != "" {
			t.Errorf("the GET has a body: %d, %v", r.ContentLength, r.TransferEncoding)
		}
	}
}

// breakAtTheCode answers gettoken, and ends the connection when it has read a code.
func breakAtTheCode(conn net.Conn, codes chan<- *http.Request) {
	defer func() { _ = conn.Close() }()
	for in := bufio.NewReader(conn); ; {
		req, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		if strings.HasSuffix(req.URL.Path, "getuserinfo") {
			codes <- req
			return
		}
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(okToken), okToken)
	}
}
