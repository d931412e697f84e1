package wecomtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Callback is the address of an app that WeCom sends messages to, as it was
// entered in the console (接收消息服务器URL, 指令回调URL).
type Callback struct {
	// URL may be one of [Fake.Serve], which is reached in process.
	URL string
	// Token and EncodingAESKey are those of events.Config.
	Token, EncodingAESKey string
	// ReceiveID is whom messages are for: empty for the fake's company; of a service
	// provider's URLs the suite's id for the instructions, and a customer's CorpID
	// for the data (数据回调URL).
	ReceiveID string
}

// A Message holds the elements of what WeCom sends, by name. [Fake.Send] adds those
// that it has in any case, such as ToUserName and CreateTime.
type Message map[string]string

// DeletedUser is the event that somebody was deleted from the contacts. It changes
// nobody: see [Fake.Remove].
// https://developer.work.weixin.qq.com/document/path/90970
func DeletedUser(userID string) Message {
	return Message{"Event": "change_contact", "ChangeType": "delete_user", "UserID": userID}
}

// RenamedUser is the event that somebody was given another UserID.
// https://developer.work.weixin.qq.com/document/path/90970
func RenamedUser(userID, newUserID string) Message {
	return Message{"Event": "change_contact", "ChangeType": "update_user", "UserID": userID, "NewUserID": newUserID}
}

// OfCustomer turns an event of the contacts into what the instruction URL of a
// service provider gets, about a person of a customer.
// https://developer.work.weixin.qq.com/document/path/90639
func (m Message) OfCustomer(corpID string) Message {
	m = maps.Clone(m)
	m["InfoType"], m["AuthCorpId"] = m["Event"], corpID
	delete(m, "Event")
	return m
}

// SuiteTicket is what the instruction URL of a suite gets every ten minutes, from
// [Fake.IssueTicket] or [Fake.IssueLoginTicket].
// https://developer.work.weixin.qq.com/document/path/90628
func SuiteTicket(ticket string) Message {
	return Message{"InfoType": "suite_ticket", "SuiteTicket": ticket}
}

const (
	checkWait = time.Second     // for the answer to a check of the URL
	eventWait = 5 * time.Second // for the answer to an event
	maxSends  = 3               // of one event
)

// CheckCallback checks the URL as the console does when it is saved: the answer must
// be the decrypted text, bare, within a second.
func (f *Fake) CheckCallback(ctx context.Context, c Callback) error {
	const echo = "1616140317555161061"
	sealed, q, err := f.seal(c, []byte(echo))
	if err != nil {
		return err
	}
	q.Set("echostr", sealed)
	answer, err := f.deliver(ctx, c, q, "", checkWait)
	if err == nil && answer != echo {
		err = errors.New("wecomtest: the check of the URL: the answer is not the bare text of echostr")
	}
	return err
}

// Send sends an event as WeCom does: an answer that is not 200, or takes more than
// five seconds, and it is sent again, three times in all. The error is that of the
// last time. Send does not wait in between.
func (f *Fake) Send(ctx context.Context, c Callback, m Message) error {
	sealed, q, err := f.seal(c, []byte(f.complete(c, m).xml()))
	if err != nil {
		return err
	}
	body := Message{"ToUserName": f.receiver(c), "AgentID": f.config.AgentID, "Encrypt": sealed}.xml()
	for range maxSends {
		var answer string
		answer, err = f.deliver(ctx, c, q, body, eventWait)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			continue
		case answer != "success" && (answer != "" || m["InfoType"] != ""):
			return errors.New("wecomtest: the answer to an event is not success")
		}
		return nil
	}
	return err
}

func (f *Fake) receiver(c Callback) string {
	if c.ReceiveID == "" {
		return f.config.CorpID
	}
	return c.ReceiveID
}

// complete adds what WeCom's messages have in any case.
func (f *Fake) complete(c Callback, m Message) Message {
	now := strconv.FormatInt(time.Now().Unix(), 10)
	all := Message{"ToUserName": f.receiver(c), "FromUserName": "sys", "CreateTime": now, "MsgType": "event"}
	if m["InfoType"] != "" {
		all = Message{"SuiteId": f.receiver(c), "TimeStamp": now}
	}
	maps.Copy(all, m)
	return all
}

func (m Message) xml() string {
	var b strings.Builder
	b.WriteString("<xml>")
	for _, name := range slices.Sorted(maps.Keys(m)) {
		text := strings.ReplaceAll(m[name], "]]>", "]]]]><![CDATA[>")
		_, _ = fmt.Fprintf(&b, "<%s><![CDATA[%s]]></%s>", name, text, name)
	}
	b.WriteString("</xml>")
	return b.String()
}

// deliver makes one request, a check of the URL if body is empty, and returns the
// answer of one that succeeds. The error does not hold the address, which has the
// signature in it.
func (f *Fake) deliver(ctx context.Context, c Callback, q url.Values, body string, wait time.Duration) (string, error) {
	u, err := url.Parse(c.URL)
	if err != nil || !absolute(u) {
		return "", errors.New("wecomtest: Callback.URL is not an absolute http or https address")
	}
	u.RawQuery = strings.TrimPrefix(u.RawQuery+"&"+q.Encode(), "&")
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	method, content := http.MethodGet, io.Reader(http.NoBody)
	if body != "" {
		method, content = http.MethodPost, strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), content)
	if err != nil {
		return "", errors.New("wecomtest: Callback.URL cannot be asked")
	}
	if body != "" {
		req.Header.Set("Content-Type", "text/xml")
	}
	res, err := callbackTransport{f}.RoundTrip(req)
	if err != nil {
		return "", fmt.Errorf("wecomtest: the callback does not answer: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxBody))
	switch {
	case err != nil:
		return "", fmt.Errorf("wecomtest: the callback's answer broke off: %w", err)
	case res.StatusCode != http.StatusOK:
		return "", fmt.Errorf("wecomtest: the callback answers %s", res.Status)
	}
	return string(answer), nil
}

// callbackTransport reaches the hosts of Serve in process, and follows no redirect.
type callbackTransport struct{ fake *Fake }

func (t callbackTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	app := t.fake.app(hostOf(req.URL))
	if app == nil {
		return http.DefaultTransport.RoundTrip(req)
	}
	return roundTrip(req, "", func(w http.ResponseWriter, r *http.Request) bool {
		app.ServeHTTP(w, r)
		return false
	})
}
