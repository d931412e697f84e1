package echov5_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v5"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
	"github.com/wecomauth/wecomauth/echomw/echov5"
)

// TestRefusalsReachEchosErrorHandler: with an OnError that writes nothing, the
// application's HTTPErrorHandler answers.
func TestRefusalsReachEchosErrorHandler(t *testing.T) {
	auth, err := core.New(core.Config{
		Provider: wecomtest.New(wecomtest.Config{}).App(), BaseURL: "https://oa.example.com",
		OnError: func(http.ResponseWriter, *http.Request, *core.Error) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	e := echo.New()
	e.HTTPErrorHandler = func(c *echo.Context, err error) {
		var he *echo.HTTPError
		if !errors.As(err, &he) {
			t.Fatalf("got %v", err)
		}
		_ = c.String(he.Code, map[bool]string{true: "mine"}[errors.Is(err, core.ErrLoginRequired)])
	}
	e.GET("/me", func(*echo.Context) error { t.Error("the handler ran"); return nil }, echov5.Require(auth))
	rec := httptest.NewRecorder()
	e.ServeHTTP(rec, httptest.NewRequest("GET", "/me", nil))
	if rec.Code != 401 || rec.Body.String() != "mine" {
		t.Errorf("status %d, body %s", rec.Code, rec.Body)
	}
}
