package core

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"strings"

	"rsc.io/qr"
)

// page is what a person sees: one page for everything that this package says.
type page struct {
	Lang, Title, Body string
	Button            string        // its text
	Href              string        // the button is a link, unless Post is set
	Top               bool          // the link leaves a frame
	Post              bool          // the button posts to this very address
	Everywhere        string        // then: the text of the one that posts to it with everywhere=1
	Refresh           string        // where to go at once
	Later             string        // where to go in two seconds
	Fragment          bool          // go to Href and the address's fragment at once
	Link              string        // shown, to be copied
	QRCode            template.HTML // of Link, an svg element
	Code, RequestID   string        // for the administrator's ear
}

var (
	//go:embed page.html
	pageSource string
	//go:embed page.css
	pageStyle template.CSS
	//go:embed fragment.js
	fragmentScript template.JS

	pageTemplate = template.Must(template.New("page").Parse(pageSource))
)

// pagePolicy lets a page do nothing but show itself, run the one script we have,
// and post to its own address.
var pagePolicy = "default-src 'none'; style-src '" + hashSource(string(pageStyle)) + "'; script-src '" + hashSource(string(fragmentScript)) +
	"'; form-action 'self'; base-uri 'none'"

func hashSource(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

const htmlType = "text/html; charset=utf-8"

func (p page) render() []byte {
	var b bytes.Buffer
	err := pageTemplate.Execute(&b, struct {
		page
		Style  template.CSS
		Script template.JS
	}{p, pageStyle, fragmentScript})
	if err != nil { // a bytes.Buffer does not fail
		return []byte(p.Title)
	}
	return b.Bytes()
}

// wording is the fixed texts of buttons, of the page that goes on by itself, and
// of Logout's.
type wording struct {
	retry, open, confirm, everywhere, qr string
	wait, signOut                        text
}

var words = map[string]wording{
	"zh-CN": {"重试", "在完整窗口中打开", "继续", "在所有设备上退出", "本页面的二维码",
		text{"正在登录…", "正在前往企业微信确认你的身份。如果页面没有自动跳转，请点击下方按钮。"},
		text{"退出登录？", "点击下方按钮退出当前账号。"}},
	"en": {"Try again", "Open in the full window", "Continue", "Sign out everywhere", "QR code of this page",
		text{"Signing in…", "WeCom is asked who you are. If nothing happens, press the button."},
		text{"Sign out?", "Press the button to sign out of this application."}},
}

// waitPage goes on to address by itself, and by a button where it may not.
func waitPage(lang, address string) page {
	w := words[lang]
	return page{Lang: lang, Title: w.wait.title, Body: w.wait.body, Button: w.confirm, Href: address, Refresh: address}
}

// qrCode draws text as one path on a white square with the margin that readers
// need, and labels it for those who cannot see it. It is empty if text is so long that
// a code would be hard to scan, and costly to draw for every bot.
func qrCode(text, label string) template.HTML {
	if len(text) > 300 {
		return ""
	}
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return ""
	}
	const margin = 4
	var path strings.Builder
	for y := range code.Size {
		for x, end := 0, 0; x < code.Size; x = max(end, x+1) {
			for end = x; code.Black(end, y); end++ { // beyond its edge it is white
			}
			if end > x {
				_, _ = fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x+margin, y+margin, end-x, end-x)
			}
		}
	}
	side := code.Size + 2*margin
	return template.HTML(fmt.Sprintf( // #nosec G203 -- numbers, and a label that is escaped
		`<svg class="qr" viewBox="0 0 %d %d" role="img" aria-label="%s"><rect width="%d" height="%d" fill="#fff"/><path d="%s" fill="#000"/></svg>`,
		side, side, template.HTMLEscapeString(label), side, side, path.String()))
}

// language picks Chinese or English by an Accept-Language header: whichever is
// named first. Most readers are Chinese, so that is the default.
func language(accept string) string {
	accept = strings.ToLower(accept)
	zh, en := strings.Index(accept, "zh"), strings.Index(accept, "en")
	if en >= 0 && (zh < 0 || en < zh) {
		return "en"
	}
	return "zh-CN"
}

func (k *Kind) text(lang string) text {
	if lang == "en" {
		return k.en
	}
	return k.zh
}

// problem is an RFC 9457 answer for programs.
func (a *Authenticator) problem(q *ask, e *Error) []byte {
	t := e.Kind.text(q.lang())
	p := struct {
		Type      string `json:"type"`
		Title     string `json:"title"`
		Status    int    `json:"status"`
		Detail    string `json:"detail"`
		Code      string `json:"code"`
		LoginURL  string `json:"login_url,omitempty"`
		RequestID string `json:"request_id,omitempty"`
	}{"about:blank", t.title, e.Kind.status, t.body, e.Kind.code, "", e.RequestID}
	if e.Kind == ErrLoginRequired {
		p.LoginURL = a.loginURL(q)
	}
	b, err := json.Marshal(p)
	if err != nil { // plain strings do not fail
		return nil
	}
	return append(b, '\n')
}
