package events_test

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wecomauth/wecomauth/core/wecom/events"
)

// The credentials of WeCom's own sample code.
const (
	corpID = "wx5823bf96d3bd56c7"
	token  = "QDG6eK"
	aesKey = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
)

// wire makes requests by hand, so that each of their parts can be wrong.
type wire struct {
	token, key, receiveID string
	stamp, nonce          string
	plain                 []byte // instead of what the message comes to
}

func newWire() *wire {
	return &wire{token: token, key: aesKey, receiveID: corpID, stamp: stamp(0), nonce: "1372623149"}
}

// framed is the plain text of a message, without padding.
func (w *wire) framed(message string) []byte {
	b := binary.BigEndian.AppendUint32([]byte("0123456789abcdef"), uint32(len(message)))
	return append(append(b, message...), w.receiveID...)
}

func padded(b []byte) []byte {
	n := 32 - len(b)%32
	return append(b, bytes.Repeat([]byte{byte(n)}, n)...)
}

func (w *wire) seal(message string) string {
	plain := w.plain
	if plain == nil {
		plain = padded(w.framed(message))
	}
	key, _ := base64.StdEncoding.DecodeString(w.key + "=")
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err)
	}
	out := make([]byte, len(plain))
	cipher.NewCBCEncrypter(block, key[:16]).CryptBlocks(out, plain)
	return base64.StdEncoding.EncodeToString(out)
}

func (w *wire) sign(sealed string) url.Values {
	parts := []string{w.token, w.stamp, w.nonce, sealed}
	slices.Sort(parts)
	sum := sha1.Sum([]byte(strings.Join(parts, "")))
	return url.Values{"msg_signature": {hex.EncodeToString(sum[:])}, "timestamp": {w.stamp}, "nonce": {w.nonce}}
}

// post is an event, sealed already.
func (w *wire) post(sealed string) *http.Request {
	return post(w.sign(sealed).Encode(), "<xml><ToUserName><![CDATA[x]]></ToUserName><Encrypt><![CDATA["+sealed+"]]></Encrypt></xml>")
}

func post(query, body string) *http.Request {
	return httptest.NewRequest("POST", "/wecom/events?"+query, strings.NewReader(body))
}

func (w *wire) get(sealed string) *http.Request {
	q := w.sign(sealed)
	q.Set("echostr", sealed)
	return httptest.NewRequest("GET", "/wecom/events?"+q.Encode(), nil)
}

// contact is the XML of a contact change, with more elements.
func contact(change, userID string, more ...string) string {
	x := fmt.Sprintf("<xml><ToUserName>%s</ToUserName><FromUserName>sys</FromUserName><CreateTime>1403610513</CreateTime>"+
		"<MsgType>event</MsgType><Event>change_contact</Event><ChangeType>%s</ChangeType><UserID>%s</UserID>", corpID, change, userID)
	return x + strings.Join(more, "") + "</xml>"
}

// inbox keeps what Handle is called with, and the log.
type inbox struct {
	got []events.Event
	err error
	log bytes.Buffer
}

func (in *inbox) handle(_ context.Context, e events.Event) error {
	in.got = append(in.got, e)
	return in.err
}

func receiver(t testing.TB, in *inbox, change ...func(*events.Config)) *events.Receiver {
	t.Helper()
	c := events.Config{
		Token: token, EncodingAESKey: aesKey, ReceiveID: corpID, Handle: in.handle,
		Logger: slog.New(slog.NewTextHandler(&in.log, nil)),
	}
	for _, f := range change {
		f(&c)
	}
	rc, err := events.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return rc
}

func serve(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// stamp is a moment before or after now, as WeCom writes it.
func stamp(d time.Duration) string { return strconv.FormatInt(time.Now().Add(d).Unix(), 10) }

// at moves the bubble's clock, which begins in 2000, to a moment.
func at(unix int64) { time.Sleep(time.Until(time.Unix(unix, 0))) }
