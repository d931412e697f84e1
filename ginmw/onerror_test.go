package ginmw_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecomtest"
	"github.com/wecomauth/wecomauth/ginmw"
)

// TestRefusalsReachGinsErrors: with an OnError that writes nothing, the
// application's error middleware answers.
func TestRefusalsReachGinsErrors(t *testing.T) {
	auth, err := core.New(core.Config{
		Provider: wecomtest.New(wecomtest.Config{}).App(), BaseURL: "https://oa.example.com",
		OnError: func(http.ResponseWriter, *http.Request, *core.Error) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	r := gin.New()
	r.Use(func(c *gin.Context) {
		c.Next()
		if last := c.Errors.Last(); last != nil {
			c.JSON(c.Writer.Status(), gin.H{"mine": errors.Is(last.Err, core.ErrLoginRequired)})
		}
	})
	r.GET("/me", ginmw.Require(auth), func(*gin.Context) { t.Error("the handler ran") })
	rec := httptest.NewRecorder()
	r.ServeHTTP(rec, httptest.NewRequest("GET", "/me", nil))
	if rec.Code != 401 || rec.Body.String() != `{"mine":true}` {
		t.Errorf("status %d, body %s", rec.Code, rec.Body)
	}
}
