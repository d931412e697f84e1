package wecomtest_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
)

// closer records that a request's body was closed.
type closer struct {
	*strings.Reader
	closed bool
}

func (c *closer) Close() error {
	c.closed = true
	return nil
}

func TestServedHostIsFoundInAnySpelling(t *testing.T) {
	fake := newFake(t)
	fake.Serve("http://OA.example.com:80/base", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
		if _, err := w.Write([]byte("x")); !errors.Is(err, http.ErrBodyNotAllowed) {
			t.Errorf("a body with 204: %v", err)
		}
	}))
	for _, address := range []string{"http://oa.example.com/", "http://oa.example.com:80/", "http://Oa.Example.com/"} {
		if res, body := visit(t, fake, "", address); res.StatusCode != 204 || body != "" {
			t.Errorf("%s: %s %q", address, res.Status, body)
		}
	}
}

func TestHeadHasNoBody(t *testing.T) {
	fake := newFake(t)
	fake.Serve(site, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("body")) }))
	res, err := fake.Browser("").Head(site)
	if err != nil {
		t.Fatal(err)
	}
	if body := readAll(t, res); body != "" {
		t.Errorf("got %q", body)
	}
}

func TestRequestBodyIsClosed(t *testing.T) {
	fake := newFake(t)
	fake.Serve(site, http.NotFoundHandler())
	body := &closer{Reader: strings.NewReader("unread")}
	if _, err := fake.Browser("").Post(site, "text/plain", body); err != nil {
		t.Fatal(err)
	}
	if !body.closed {
		t.Error("the body is still open")
	}
}
