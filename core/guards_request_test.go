package core

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestReadCallback(t *testing.T) {
	k := testKeys(t)
	mine, other := "state="+k.writeState(state{nonce: nonce{1}, round: 1}), "state="+k.writeState(state{nonce: nonce{2}, round: 1})
	for _, tc := range []struct {
		name, query string
		want        answer
		code, rest  string
	}{
		{"as WeCom sends it", "code=A&" + mine, answerCode, "A", ""},
		{"the page's own query is kept", "week=3&code=A&" + mine + "&appid=ww1", answerCode, "A", "week=3&appid=ww1"},
		{"no code: the person refused", mine, answerRefusal, "", ""},
		{"an empty code: the same", "code=&" + mine, answerRefusal, "", ""},
		{"two states of ours", "code=A&" + mine + "&" + other, answerMalformed, "A", ""},
		{"our state beside another's", "code=A&state=open&" + mine, answerMalformed, "A", ""},
		{"two codes", "code=A&code=B&" + mine, answerMalformed, "", ""},
		{"two empty codes", "code=&code=&" + mine, answerMalformed, "", ""},
		{"the longest code", "code=" + strings.Repeat("x", maxCode) + "&" + mine, answerCode, strings.Repeat("x", maxCode), ""},
		{"a longer code", "code=" + strings.Repeat("x", maxCode+1) + "&" + mine, answerMalformed, "", ""},
		{"a code that is not ASCII", "code=%E4%B8%AD&" + mine, answerMalformed, "", ""},
		{"a code with a DEL", "code=a%7F&" + mine, answerMalformed, "", ""},
		{"a code with a space", "code=a+b&" + mine, answerMalformed, "", ""},
		{"a code with a semicolon, which some parsers split at", "code=a;b&" + mine, answerMalformed, "", ""},
		{"an escape that is none", "code=%zz&" + mine, answerMalformed, "", ""},
	} {
		if c := readCallback(tc.query, k); c.answer != tc.want || c.rest != tc.rest || c.answer == answerCode && c.code != tc.code {
			t.Errorf("%s: %d, %.20q, rest %q", tc.name, c.answer, c.code, c.rest)
		}
	}
	for name, query := range map[string]string{"too long a query": "code=A&" + mine + "&x=" + strings.Repeat("x", maxTarget), "no state": "code=A", "a foreign state": "code=A&state=open"} {
		if c := readCallback(query, k); c.answer != answerNone || c.rest != query {
			t.Errorf("%s is taken for ours", name)
		}
	}
}

func TestWhatAnAddressMayHold(t *testing.T) {
	for name, tc := range map[string]struct{ got, want string }{
		"what may not stand in a URL is encoded": {encodeUnsafe("\x1f \"#<>\\^`{|}\x7f~中"), "%1F%20%22%23%3C%3E%5C%5E%60%7B%7C%7D%7F~%E4%B8%AD"},
		"a fragment of the longest kind":         {withFragment("/", strings.Repeat("x", maxFragment)), "/#" + strings.Repeat("x", maxFragment)},
		"a longer one is dropped":                {withFragment("/", strings.Repeat("x", maxFragment+1)), "/"},
		"WeCom's own fragment is dropped":        {withFragment("/", "wechat_redirect"), "/"},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: %q", name, tc.got)
		}
	}
	for name, tc := range map[string]struct {
		path, query, want string
	}{
		"a path that is too long once it is encoded": {"/" + strings.Repeat("文", 300), "x=1", "/"},
		"a query that is too long":                   {"/me", strings.Repeat("x", maxLocation), "/me"},
		"more than is looked at":                     {"/me", strings.Repeat("x", maxTarget), "/"},
	} {
		if got, ok := localTarget(tc.path, tc.query); got != tc.want || ok {
			t.Errorf("%s: %.40q, %t", name, got, ok)
		}
	}
	if rest, frag, known := takeFragment("a&&" + fragmentParam + "=%2Fx&&b"); rest != "a&b" || frag != "/x" || !known {
		t.Errorf("takeFragment: %q, %q, %t", rest, frag, known)
	}
	if rest, frag, known := takeFragment("a&&b"); rest != "a&&b" || frag != "" || known {
		t.Errorf("takeFragment without one: %q, %q, %t", rest, frag, known)
	}
	if !selfCallback("/"+strings.Repeat("x", 199)) || selfCallback("/"+strings.Repeat("x", 200)) {
		t.Error("a callback of 200 bytes and no more")
	}
	for _, uri := range []string{"http://oa.example.com", "http://oa.example.com?x=1"} {
		if p, q := splitTarget(&http.Request{RequestURI: uri, URL: &url.URL{Path: "/other"}}); p != "/" || q != "" {
			t.Errorf("absolute-form without a path: %q, %q", p, q)
		}
	}
}

func TestClassifyEveryHeader(t *testing.T) {
	for _, tc := range []struct {
		name   string
		header []string
		want   visit
	}{
		{"a frame of a frameset", []string{"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "frame"}, visitFrame},
		{"an embed", []string{"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "embed"}, visitFrame},
		{"a fenced frame", []string{"Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "fencedframe"}, visitFrame},
		{"a destination alone", []string{"Sec-Fetch-Dest", "document"}, visitPage},
		{"another destination alone wins over Accept", []string{"Sec-Fetch-Dest", "image", "Accept", "text/html"}, visitAPI},
		{"Firefox's old prefetch", []string{"X-Moz", "Prefetch", "Accept", "text/html"}, visitPassive},
		{"a prefetch by a browser with fetch metadata", []string{"Purpose", "prefetch", "Sec-Fetch-Mode", "navigate"}, visitPassive},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		for i := 0; i < len(tc.header); i += 2 {
			r.Header.Set(tc.header[i], tc.header[i+1])
		}
		if got, _ := classify(r); got != tc.want {
			t.Errorf("%s: %d, want %d", tc.name, got, tc.want)
		}
	}
}

func TestRecordsThatAreNone(t *testing.T) {
	at := time.Unix(1_800_000_000, 0)
	encode := func(change func(*Identity)) []byte {
		id := Identity{CorpID: "ww1", UserID: "zhangsan", Name: "张三", Departments: []int{1, 2}, LoginAt: at}
		change(&id)
		return record{id, at.Unix()}.encode()
	}
	whole := encode(func(*Identity) {})
	for i := range whole {
		if r, ok := decodeRecord(string(whole[:i])); ok {
			t.Errorf("the first %d bytes are taken for %+v", i, r)
		}
	}
	for name, b := range map[string][]byte{
		"a byte too many":    append(whole[:len(whole):len(whole)], 0),
		"another version":    append([]byte{recordVersion + 1}, whole[1:]...),
		"no CorpID":          encode(func(id *Identity) { id.CorpID = "" }),
		"no UserID":          encode(func(id *Identity) { id.UserID = "" }),
		"two people":         encode(func(id *Identity) { id.OpenID = "oAAA" }),
		"an overlong Name":   encode(func(id *Identity) { id.Name = strings.Repeat("x", maxText+1) }),
		"a huge department":  encode(func(id *Identity) { id.Departments = []int{1<<40 + 1} }),
		"a crowd of numbers": encode(func(id *Identity) { id.Departments = make([]int, maxDepartments+1) }),
	} {
		if r, ok := decodeRecord(string(b)); ok {
			t.Errorf("%s is taken for %+v", name, r)
		}
	}
	if r, ok := decodeRecord(string(encode(func(id *Identity) { id.LoginAt = time.Time{} }))); !ok || r.id.LoginAt.Unix() != 0 {
		t.Errorf("a login without a time: %+v, %t", r, ok)
	}
}

func TestSmallGuards(t *testing.T) {
	for accept, want := range map[string]string{"en-US,zh;q=0.8": "en", "EN": "en", "ZH-CN,en": "zh-CN", "": "zh-CN"} {
		if got := language(accept); got != want {
			t.Errorf("Accept-Language %q: %s", accept, got)
		}
	}
	if svg := string(qrCode("https://oa.example.com/me", `"><b>`)); !strings.Contains(svg, `aria-label="&#34;&gt;&lt;b&gt;"`) || !strings.Contains(svg, `viewBox="0 0 33 33"`) || !strings.Contains(svg, `d="M4 4h`) {
		t.Errorf("%.300s", svg)
	}
	if got := clip("a\xff"); got != "a?" {
		t.Errorf("clip: %q", got)
	}
	var k *Kind
	if err := refusedBy(context.Canceled); !errors.As(err, &k) || k != ErrUnavailable {
		t.Errorf("an OnLogin that was cancelled: %v", err)
	}
	if _, values, err := (lenientCodec{noValues{}}).Decode(nil); err != nil || values == nil {
		t.Errorf("a codec that decodes nothing: %v, %v", values, err)
	}
}

type noValues struct{}

func (noValues) Encode(time.Time, map[string]any) ([]byte, error) { return nil, nil }
func (noValues) Decode([]byte) (time.Time, map[string]any, error) { return time.Time{}, nil, nil }
