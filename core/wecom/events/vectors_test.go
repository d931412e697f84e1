package events_test

import (
	"net/http/httptest"
	"net/url"
	"testing"
	"testing/synctest"

	"github.com/wecomauth/wecomauth/core/wecom/events"
)

// Published test vectors: those of WeCom's sample code and documentation, and one
// of another library.
const (
	echoSealed    = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="
	echoQuery     = "msg_signature=5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3&timestamp=1409659589&nonce=263014780"
	echoTime      = 1409659589
	messageSealed = "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q=="
	messageQuery  = "msg_signature=477715d11cdb4164915debcba66cb864d751f3e6&timestamp=1409659813&nonce=1372623149"
	messageTime   = 1409659813
	otherKey      = "4Ma3YBrSBbX2aez8MJpXGBne5LSDwgGqHbhM9WPYIws"
	otherSealed   = "6KmUQuPVu7UhjyVqRdbo5SfcRqaHvbUlKSHFvBV2ZuR6TIlKsygcfeSd1GDplg1C5KSKr6UPHCaC/nIX3ZNt9w=="
	otherCorp     = "ww6a112864f8022910"
)

func echoRequest() string {
	return "/wecom/events?" + echoQuery + "&echostr=" + url.QueryEscape(echoSealed)
}

func TestTheSampleCheckOfTheURLIsAnsweredBare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at(echoTime)
		w := serve(receiver(t, new(inbox)), httptest.NewRequest("GET", echoRequest(), nil))
		if w.Code != 200 || w.Body.String() != "1616140317555161061" || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Errorf("answer %d %q %v", w.Code, w.Body, w.Header())
		}
	})
}

// The sample message is a person's text, "hello": authentic, and no event.
func TestTheSampleMessageIsTakenAndIsNoEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at(messageTime)
		in := new(inbox)
		w := serve(receiver(t, in), post(messageQuery, "<xml><Encrypt><![CDATA["+messageSealed+"]]></Encrypt></xml>"))
		if w.Code != 200 || w.Body.String() != "success" || len(in.got) != 0 {
			t.Errorf("answer %d %q, %d events; %s", w.Code, w.Body, len(in.got), &in.log)
		}
	})
}

func TestTheVectorOfAnotherLibrary(t *testing.T) {
	w := newWire() // the vector has no signature of its own
	rc := receiver(t, new(inbox), func(c *events.Config) { c.EncodingAESKey, c.ReceiveID = otherKey, otherCorp })
	if a := serve(rc, w.get(otherSealed)); a.Code != 200 || a.Body.String() != "94966531020182955848408" {
		t.Errorf("answer %d %q", a.Code, a.Body)
	}
}
