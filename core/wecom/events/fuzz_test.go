package events_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core/wecom/events"
)

// FuzzReceiver: any request. Nobody but WeCom can sign one, and the vectors that
// it is seeded with are too old.
func FuzzReceiver(f *testing.F) {
	sample := "<xml><Encrypt><![CDATA[" + messageSealed + "]]></Encrypt></xml>"
	f.Add("POST", messageQuery, sample)
	f.Add("GET", strings.TrimPrefix(echoRequest(), "/wecom/events?"), "")
	f.Add("HEAD", messageQuery, "")
	f.Add("POST", messageQuery+"&nonce=1", sample)
	f.Add("POST", "msg_signature=x&timestamp=1&nonce=%zz;", "<xml><Encrypt/><Encrypt/></xml>")
	f.Add("POST", "", "<!DOCTYPE x><xml><a><b/></a></xml>")
	f.Fuzz(func(t *testing.T, method, query, body string) {
		in := new(inbox)
		r := httptest.NewRequest("POST", "/wecom/events", strings.NewReader(body))
		r.Method, r.URL.RawQuery = method, query
		w := serve(receiver(t, in), r)
		if len(in.got) > 0 || w.Code < 400 || w.Code >= 500 {
			t.Errorf("answer %d, %d events", w.Code, len(in.got))
		}
		if strings.TrimSpace(w.Body.String()) != http.StatusText(w.Code) || strings.Count(in.log.String(), "\n") != 1 {
			t.Errorf("answer %q; %s", w.Body, &in.log)
		}
	})
}

// FuzzMessage: anything in an authentic event. Handle hears of the company's own
// events only, and of each that was taken unless it is somebody's message.
func FuzzMessage(f *testing.F) {
	f.Add(leaving)
	f.Add(contact("update_user", "alice", "<NewUserID>bob</NewUserID><Department>1,2</Department><Status>2</Status>"))
	f.Add(strings.ReplaceAll(leaving, corpID, otherCorp))
	f.Add("<xml><ToUserName>" + corpID + "</ToUserName><MsgType>text</MsgType><Content>hello</Content></xml>")
	f.Add("<xml><SuiteId>" + corpID + "</SuiteId><InfoType>suite_ticket</InfoType><SuiteTicket>T</SuiteTicket></xml>")
	f.Add("<xml><a><b><c/></b></a>&lt;</xml>")
	f.Fuzz(func(t *testing.T, text string) {
		in, w := new(inbox), newWire()
		a := serve(receiver(t, in), w.post(w.seal(text)))
		if a.Code != 200 && a.Code != 400 && a.Code != 403 && a.Code != 413 || a.Code != 200 && len(in.got) > 0 || len(in.got) > 1 {
			t.Errorf("answer %d, %d events", a.Code, len(in.got))
		}
		if len(in.got) == 0 {
			return
		}
		if e := in.got[0]; e.Type == "" || e.CorpID != corpID && e.SuiteID != corpID {
			t.Errorf("event %v", e)
		}
	})
}

// FuzzDecrypt: anything under the signature, and any plain text under the key.
func FuzzDecrypt(f *testing.F) {
	good := newWire()
	f.Add(messageSealed, padded(good.framed(leaving)))
	f.Add(echoSealed, repeat(32, 32))
	f.Add("AAAA", []byte("0123456789abcdef\xff\xff\xff\xff0123456789a\x01"))
	f.Add("", []byte{})
	f.Fuzz(func(t *testing.T, sealed string, plain []byte) {
		in, w := new(inbox), newWire()
		rc := receiver(t, in, func(c *events.Config) { c.Token = "another" })
		w.token = "another"
		check(t, in, serve(rc, w.post(sealed)), "")
		check(t, in, serve(rc, w.get(sealed)), "")
		if len(plain) == 0 || len(plain)%16 != 0 {
			return
		}
		w.plain = plain
		check(t, in, serve(rc, w.post(w.seal(""))), string(plain))
		check(t, in, serve(rc, w.get(w.seal(""))), string(plain))
	})
}

// check: an answer that is not a refusal is for plain text with the receive id in it.
func check(t *testing.T, in *inbox, w *httptest.ResponseRecorder, plain string) {
	t.Helper()
	vector := w.Body.String() == "1616140317555161061" || w.Body.String() == "success" && len(in.got) == 0
	if w.Code == 200 && !vector && !strings.Contains(plain, corpID) || w.Code >= 500 {
		t.Errorf("answer %d %q, %d events", w.Code, w.Body, len(in.got))
	}
}
