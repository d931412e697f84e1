package wecom

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/wecomauth/wecomauth/core"
)

// How large an answer may be, in bytes. Real ones have a few hundred, a list
// about 50 for each entry.
const (
	maxBody = 1 << 20
	maxList = 16 << 20
)

// api makes the calls of one app. It is safe for concurrent use.
type api struct {
	base     string
	http     *http.Client
	secret   string // only to keep it out of error texts
	breakers breakers
}

// param is one query parameter, or the member of a body. WeCom takes the access
// token and the Secret in the query only.
// https://developer.work.weixin.qq.com/document/path/91039
type param struct {
	name, value string
	secret      bool
}

// call is one request to /cgi-bin/name.
type call struct {
	name    string
	params  []param
	body    []param // POST a JSON object of these; nil: GET
	most    int     // bytes of the answer
	breaker string  // that of another purpose than name's
}

// get calls /cgi-bin/name and returns its answer, if that is a success. No
// error holds the address, nor the value of a secret parameter.
func (a *api) get(ctx context.Context, name string, params ...param) (answer, error) {
	return a.do(ctx, call{name: name, params: params, most: maxBody})
}

// list is get for an answer that grows with the company.
func (a *api) list(ctx context.Context, name string, params ...param) (answer, error) {
	return a.do(ctx, call{name: name, params: params, most: maxList})
}

// post is get with a body: a JSON object of these members.
func (a *api) post(ctx context.Context, name string, body []param, params ...param) (answer, error) {
	return a.do(ctx, call{name: name, params: params, body: body, most: maxBody})
}

// do makes a call, unless WeCom has not answered the last ones.
func (a *api) do(ctx context.Context, c call) (ans answer, err error) {
	if c.name == apiToken || c.name == apiSuiteToken { // tokens have pauses of their own
		return a.send(ctx, c)
	}
	b := a.breakers.of(cmp.Or(c.breaker, c.name))
	probe, err := b.admit()
	if err != nil {
		return nil, err
	}
	err = errLost // if the transport panics
	defer func() { b.settle(ctx, probe, err) }()
	return a.send(ctx, c)
}

func (a *api) send(ctx context.Context, c call) (answer, error) {
	name, secrets := c.name, a.secrets(c)
	req, err := a.request(ctx, c)
	if err != nil {
		return nil, transportError(name, err, secrets)
	}
	resp, err := a.http.Do(req)
	if err != nil {
		return nil, transportError(name, err, secrets)
	}
	defer func() { _ = resp.Body.Close() }() // read to its end, or given up
	if err := checkStatus(name, resp.StatusCode); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, int64(c.most)+1))
	if err != nil {
		return nil, transportError(name, err, secrets)
	}
	if len(body) > c.most {
		return nil, badAnswer(name, fmt.Sprintf("the answer is larger than %d MiB", c.most>>20))
	}
	return parse(name, body, secrets)
}

// secrets are what no error text may hold.
func (a *api) secrets(c call) scrubber {
	s := scrubber{a.secret}
	for _, p := range slices.Concat(c.params, c.body) {
		if p.secret {
			s = append(s, p.value)
		}
	}
	return s
}

func (a *api) request(ctx context.Context, c call) (*http.Request, error) {
	var query strings.Builder
	for i, p := range c.params {
		if i > 0 {
			query.WriteByte('&')
		}
		query.WriteString(p.name + "=" + url.QueryEscape(p.value))
	}
	address := a.base + "/cgi-bin/" + c.name + "?" + query.String()
	if c.body == nil {
		return http.NewRequestWithContext(ctx, http.MethodGet, address, c.unrepeatable())
	}
	members := make(map[string]string)
	for _, p := range c.body {
		members[p.name] = p.value
	}
	body, err := json.Marshal(members)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	return req, nil
}

// unrepeatable is the body of a GET that brings a code: none, but one that
// net/http does not know to be none. Otherwise, where a kept connection breaks
// before the answer, it sends the request again by itself, and WeCom, which may
// have read the first one, refuses the code as used.
// https://pkg.go.dev/net/http#Transport
func (c call) unrepeatable() io.Reader {
	if !slices.ContainsFunc(c.params, func(p param) bool { return p.name == "code" }) {
		return nil
	}
	return io.NopCloser(strings.NewReader(""))
}

// checkStatus wants 200: WeCom sends its own errors with 200 too, so that any
// other status comes from a gateway or a wrong address.
func checkStatus(name string, status int) error {
	text := "HTTP status " + strconv.Itoa(status)
	switch {
	case status == http.StatusOK:
		return nil
	case status >= 500:
		return unavailable(&callError{api: name, text: text, kind: core.ErrUnavailable}, retrySoon)
	case status >= 300 && status < 400:
		text += ", a redirect, which is not followed: check APIURL"
	default:
		text += ": check APIURL, and what stands between this server and WeCom"
	}
	return &callError{api: name, text: text, kind: core.ErrBadAnswer}
}

// parse reads an answer and looks at its error code before anything else:
// errors come with default values beside them.
func parse(name string, body []byte, secrets scrubber) (answer, error) {
	ans, err := decode(body)
	if err != nil {
		return nil, badAnswer(name, err.Error())
	}
	code, err := ans.errcode()
	if err != nil {
		return nil, badAnswer(name, err.Error())
	}
	if code == 0 {
		return ans, nil
	}
	msg, err := ans.text("errmsg")
	if err != nil {
		msg = "" // the code is what counts
	}
	return nil, newAPIError(name, code, secrets.scrub(msg))
}
