package doctest

import (
	"context"
	"net/http"
	"os"

	"github.com/gin-gonic/gin"
	"github.com/labstack/echo/v4"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom/events"
)

// receiving, handling and dataURL are the fragments of docs/events.md.
func receiving(r *gin.Engine, mux *http.ServeMux, e *echo.Echo, auth *core.Authenticator) error {
	receiver, err := events.New(events.Config{
		Token:          os.Getenv("WECOM_EVENT_TOKEN"),
		EncodingAESKey: os.Getenv("WECOM_EVENT_KEY"),
		ReceiveID:      os.Getenv("WECOM_CORP_ID"), // at an instruction URL the SuiteID
		Handle:         events.Revoke(auth),        // auth, or the gate of core.NewCorps
	})
	if err != nil {
		return err
	}
	r.Match([]string{"GET", "POST"}, "/wecom/events", gin.WrapH(receiver)) // Gin
	mux.Handle("/wecom/events", receiver)                                  // net/http
	e.Any("/wecom/events", echo.WrapHandler(receiver))                     // Echo
	return nil
}

func handling(auth *core.Authenticator, closeAccount func(context.Context, string, string) error) func(context.Context, events.Event) error {
	revoke := events.Revoke(auth)
	handle := func(ctx context.Context, e events.Event) error {
		if e.Type == events.TypeContact && e.Change == events.ChangeDeleteUser {
			if err := closeAccount(ctx, e.CorpID, e.UserID); err != nil {
				return err // 500: WeCom sends the event again
			}
		}
		return revoke(ctx, e)
	}
	return handle
}

func dataURL(gate *core.Corps, providerCorpID string, isCustomer func(string) bool) error {
	data, err := events.New(events.Config{ // 数据回调URL
		Token:          os.Getenv("WECOM_DATA_TOKEN"),
		EncodingAESKey: os.Getenv("WECOM_DATA_KEY"),
		ReceiveIDs:     func(id string) bool { return id == providerCorpID || isCustomer(id) },
		Handle:         events.Revoke(gate), // Event.CorpID is the customer
	})
	_ = data
	return err
}

var _, _, _ = receiving, handling, dataURL
