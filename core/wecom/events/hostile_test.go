package events_test

import (
	"encoding/binary"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/wecomauth/wecomauth/core/wecom/events"
)

var leaving = contact("delete_user", "alice")

// signed makes a good query for what is sealed, changed by f.
func signed(w *wire, sealed string, f func(url.Values)) string {
	q := w.sign(sealed)
	f(q)
	return q.Encode()
}

func enveloped(sealed string) string { return "<xml><Encrypt>" + sealed + "</Encrypt></xml>" }

// changed is a good event whose query f has changed after it was signed.
func changed(f func(url.Values)) func(*wire) *http.Request {
	return func(w *wire) *http.Request {
		sealed := w.seal(leaving)
		return post(signed(w, sealed, f), enveloped(sealed))
	}
}

// message is a good event with another text.
func message(text string) func(*wire) *http.Request {
	return func(w *wire) *http.Request { return w.post(w.seal(text)) }
}

// body is a good query with another body; %s is what is sealed.
func body(form string) func(*wire) *http.Request {
	return func(w *wire) *http.Request {
		sealed := w.seal(leaving)
		return post(w.sign(sealed).Encode(), strings.ReplaceAll(form, "%s", sealed))
	}
}

// plain is a good event, but for its plain text.
func plain(f func(good []byte) []byte) func(*wire) *http.Request {
	return func(w *wire) *http.Request {
		w.plain = f(w.framed(leaving))
		return w.post(w.seal(""))
	}
}

func method(name string) func(*wire) *http.Request {
	return func(w *wire) *http.Request {
		r := w.post(w.seal(leaving))
		r.Method = name
		return r
	}
}

var hostile = []struct {
	name   string
	status int
	make   func(*wire) *http.Request
}{
	{"HEAD is not answered as GET", 405, method("HEAD")},
	{"PUT is not an event", 405, method("PUT")},
	{"a signature with another token", 403, func(w *wire) *http.Request { w.token = "other"; return w.post(w.seal(leaving)) }},
	{"a signature of nothing", 400, changed(func(q url.Values) { q.Set("msg_signature", "") })},
	{"a signature that is missing", 400, changed(func(q url.Values) { q.Del("msg_signature") })},
	{"two signatures, the first one good", 400, changed(func(q url.Values) { q.Add("msg_signature", "x") })},
	{"a signature in capitals", 403, changed(func(q url.Values) { q.Set("msg_signature", strings.ToUpper(q.Get("msg_signature"))) })},
	{"the beginning of the signature", 403, changed(func(q url.Values) { q.Set("msg_signature", q.Get("msg_signature")[:39]) })},
	{"a signature of a megabyte", 400, changed(func(q url.Values) { q.Set("msg_signature", strings.Repeat("a", 1<<20)) })},
	{"another timestamp than the signed one", 403, changed(func(q url.Values) { q.Set("timestamp", "1") })},
	{"another nonce than the signed one", 403, changed(func(q url.Values) { q.Set("nonce", "1") })},
	{"a timestamp in another notation", 400, func(w *wire) *http.Request { w.stamp = "+" + w.stamp; return w.post(w.seal(leaving)) }},
	{"a nonce that could hold the front of a ciphertext", 400, func(w *wire) *http.Request {
		w.nonce = strings.Repeat("A", 64)
		return w.post(w.seal(leaving))
	}},
	{"a nonce that is no word", 400, func(w *wire) *http.Request { w.nonce = "1 2"; return w.post(w.seal(leaving)) }},
	{"a megabyte of parameters of one's own", 400, changed(func(q url.Values) { q.Set("tenant", strings.Repeat("7", 1<<20)) })},
	{"two nonces", 400, changed(func(q url.Values) { q.Add("nonce", q.Get("nonce")) })},
	{"a query that does not parse", 400, func(w *wire) *http.Request {
		sealed := w.seal(leaving)
		return post(w.sign(sealed).Encode()+"&a;b", enveloped(sealed))
	}},
	{"a request of yesterday", 403, func(w *wire) *http.Request {
		w.stamp = stamp(-24 * time.Hour)
		return w.post(w.seal(leaving))
	}},
	{"a request of tomorrow", 403, func(w *wire) *http.Request {
		w.stamp = stamp(24 * time.Hour)
		return w.post(w.seal(leaving))
	}},

	{"an empty body", 400, func(w *wire) *http.Request { return post(w.sign("").Encode(), "") }},
	{"a body of a megabyte", 413, body("<xml><Encrypt>%s</Encrypt>" + strings.Repeat(" ", 1<<20) + "</xml>")},
	{"JSON", 400, body(`{"encrypt":"%s"}`)},
	{"no Encrypt", 400, body("<xml></xml>")},
	{"an Encrypt deeper down", 400, body("<xml><a><Encrypt>%s</Encrypt></a></xml>")},
	{"an Encrypt of another namespace", 400, body(`<xml><Encrypt xmlns="x">%s</Encrypt></xml>`)},
	{"two Encrypts", 400, body("<xml><Encrypt>%s</Encrypt><Encrypt>%s</Encrypt></xml>")},
	{"another root", 400, body("<html><Encrypt>%s</Encrypt></html>")},
	{"a second root", 400, body("<xml><Encrypt>%s</Encrypt></xml><xml/>")},
	{"text behind the root", 400, body("<xml><Encrypt>%s</Encrypt></xml>x")},
	{"a root that does not end", 400, body("<xml><Encrypt>%s</Encrypt>")},
	{"a declaration of entities", 400, body(`<!DOCTYPE xml [<!ENTITY e "x">]><xml><Encrypt>%s</Encrypt></xml>`)},
	{"an entity", 400, body(`<xml><Encrypt>%s</Encrypt><a>&e;</a></xml>`)},
	{"a comment inside a value", 400, body("<xml><Encrypt>%s<!-- --></Encrypt></xml>")},
	{"an instruction", 400, body("<?php x?><xml><Encrypt>%s</Encrypt></xml>")},
	{"another character set", 400, body(`<?xml version="1.0" encoding="gbk"?><xml><Encrypt>%s</Encrypt></xml>`)},
	{"elements nested a thousand deep", 400, body("<xml><Encrypt>%s</Encrypt>" + strings.Repeat("<a>", 1000) + strings.Repeat("</a>", 1000) + "</xml>")},

	{"what is not base64", 400, func(w *wire) *http.Request { return w.post("!!!!") }},
	{"a ciphertext of no bytes", 400, func(w *wire) *http.Request { return w.post("\n") }},
	{"a ciphertext that is no whole blocks", 400, func(w *wire) *http.Request { return w.post("AAAA") }},
	{"a ciphertext under another key", 400, func(w *wire) *http.Request { w.key = otherKey; return w.post(w.seal(leaving)) }},
	{"a pad of 0", 400, plain(func(b []byte) []byte { return append(blocks(b), make([]byte, 32)...) })},
	{"a pad of 33", 400, plain(func(b []byte) []byte { return append(blocks(b), repeat(33, 48)...) })},
	{"a pad longer than the text", 400, plain(func([]byte) []byte { return repeat(17, 16) })},
	{"a pad of different bytes", 400, plain(func(b []byte) []byte { return append(blocks(b), append(repeat(1, 15), 16)...) })},
	{"a text shorter than its header", 400, plain(func(b []byte) []byte { return padded(b[:19]) })},
	{"a length beyond the text", 400, plain(func(b []byte) []byte { return padded(length(b, 1<<16)) })},
	{"a length that is negative", 400, plain(func(b []byte) []byte { return padded(length(b, 1<<32-1)) })},
	{"a receive id in the message that ends too early", 403, plain(func(b []byte) []byte { return padded(length(b, 1)) })},
	{"another company's message", 403, func(w *wire) *http.Request { w.receiveID = otherCorp; return w.post(w.seal(leaving)) }},
	{"a message for nobody", 403, func(w *wire) *http.Request { w.receiveID = ""; return w.post(w.seal(leaving)) }},
	{"a receive id with more behind it", 403, func(w *wire) *http.Request { w.receiveID += "x"; return w.post(w.seal(leaving)) }},

	{"an event of another company inside", 403, message(strings.ReplaceAll(leaving, corpID, otherCorp))},
	{"an event of no company", 403, message("<xml><Event>change_contact</Event></xml>")},
	{"two companies", 400, message(strings.ReplaceAll(leaving, "</xml>", "<ToUserName>"+otherCorp+"</ToUserName></xml>"))},
	{"two UserIDs", 400, message(contact("delete_user", "bob", "<UserID>alice</UserID>"))},
	{"a suite's message at a company's URL", 403, message("<xml><SuiteId>ww1</SuiteId><InfoType>change_contact</InfoType><AuthCorpId>" + corpID + "</AuthCorpId></xml>")},
	{"an event and an instruction at once", 400, message(contact("delete_user", "alice", "<InfoType>x</InfoType><SuiteId>"+corpID+"</SuiteId>"))},
	{"a message of no type", 400, message("<xml><ToUserName>" + corpID + "</ToUserName></xml>")},
	{"an event that does not say which", 400, message("<xml><ToUserName>" + corpID + "</ToUserName><MsgType>event</MsgType></xml>")},
	{"a message that is not XML", 400, message("1616140317555161061")},
	{"a UserID with a control character", 400, message(contact("delete_user", "al\x00ice"))},

	{"a check without echostr", 400, func(w *wire) *http.Request {
		return httptest.NewRequest("GET", "/wecom/events?"+w.sign("").Encode(), nil)
	}},
	{"a check with a wrong signature", 403, func(w *wire) *http.Request { w.token = "other"; return w.get(w.seal("1")) }},
	{"a check for somebody else", 403, func(w *wire) *http.Request { w.receiveID = otherCorp; return w.get(w.seal("1")) }},
	{"a check of last year", 403, func(w *wire) *http.Request { w.stamp = stamp(-365 * 24 * time.Hour); return w.get(w.seal("1")) }},
	{"a copied event, to have it decrypted", 400, func(w *wire) *http.Request { return w.get(w.seal(leaving)) }},
	{"a check whose text is a page", 400, func(w *wire) *http.Request { return w.get(w.seal("<script>")) }},
	{"a check whose text is a novel", 400, func(w *wire) *http.Request { return w.get(w.seal(strings.Repeat("1", 129))) }},
	{"a query of a megabyte", 400, func(w *wire) *http.Request { return w.get(w.seal(strings.Repeat("1", 1<<20))) }},
}

func TestHostileRequests(t *testing.T) {
	for _, c := range hostile {
		t.Run(c.name, func(t *testing.T) {
			in := new(inbox)
			w := serve(receiver(t, in), c.make(newWire()))
			if w.Code != c.status || len(in.got) != 0 {
				t.Errorf("answer %d, want %d; %d events; %s", w.Code, c.status, len(in.got), &in.log)
			}
			if got := strings.TrimSpace(w.Body.String()); got != http.StatusText(c.status) {
				t.Errorf("the answer says %q", got)
			}
			if n := strings.Count(in.log.String(), "\n"); n != 1 || in.log.Len() > 1000 {
				t.Errorf("%d records: %s", n, &in.log)
			}
		})
	}
}

// TestGoodRequests: each is one step from a hostile one.
func TestGoodRequests(t *testing.T) {
	for name, mk := range map[string]func(*wire) *http.Request{
		"a plain one":                            message(leaving),
		"a query with parameters of one's own":   changed(func(q url.Values) { q.Set("tenant", "7") }),
		"59 minutes ago":                         func(w *wire) *http.Request { w.stamp = stamp(-59 * time.Minute); return w.post(w.seal(leaving)) },
		"59 minutes ahead":                       func(w *wire) *http.Request { w.stamp = stamp(59 * time.Minute); return w.post(w.seal(leaving)) },
		"a declaration of XML and a line break":  body("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<xml>\n<Encrypt>%s</Encrypt>\n</xml>\n"),
		"elements that concern other software":   message(contact("delete_user", "alice", "<ExtAttr><Item><Name>x</Name></Item><UserID>bob</UserID></ExtAttr>")),
		"details that cannot be read":            message(contact("delete_user", "alice", "<Department>x</Department><Status>y</Status>")),
		"an envelope that names another company": body("<xml><ToUserName>" + otherCorp + "</ToUserName><Encrypt>%s</Encrypt></xml>"),
	} {
		t.Run(name, func(t *testing.T) {
			in := new(inbox)
			w := serve(receiver(t, in), mk(newWire()))
			if w.Code != 200 || w.Body.String() != "success" || len(in.got) != 1 || in.got[0].UserID != "alice" || in.log.Len() > 0 {
				t.Errorf("answer %d %q, events %v; %s", w.Code, w.Body, in.got, &in.log)
			}
		})
	}
}

// A service provider's URL is checked before there is a suite.
func TestTheCheckMayBeForTheServiceProvider(t *testing.T) {
	rc := receiver(t, new(inbox), func(c *events.Config) { c.ReceiveID, c.CheckID = "ww-suite", "ww-provider" })
	w := newWire()
	w.receiveID = "ww-provider"
	if a := serve(rc, w.get(w.seal("123"))); a.Code != 200 || a.Body.String() != "123" {
		t.Errorf("the provider's check: %d", a.Code)
	}
	if a := serve(rc, w.post(w.seal("<xml><SuiteId>ww-suite</SuiteId><InfoType>suite_ticket</InfoType></xml>"))); a.Code != 403 {
		t.Errorf("an event for the provider: %d", a.Code)
	}
	w.receiveID = "ww-suite"
	if a := serve(rc, w.get(w.seal("123"))); a.Code != 403 {
		t.Errorf("the suite's check: %d", a.Code)
	}
}

func blocks(b []byte) []byte { return append(b, repeat(0, (16-len(b)%16)%16)...) }

func repeat(c byte, n int) []byte { return []byte(strings.Repeat(string(rune(c)), n)) }

func length(b []byte, n uint32) []byte {
	binary.BigEndian.PutUint32(b[16:], n)
	return b
}
