package core

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"strings"
)

// page is what a person sees: one page for everything that this package says.
type page struct {
	Lang, Title, Body string
	Button            string // its text
	Href              string // the button is a link, unless Post is set
	Top               bool   // the link leaves a frame
	Post              bool   // the button posts to this very address
	Refresh           string // where to go at once
	Code              string // Kind.Code, for the administrator's ear
}

const pageStyle = `:root{color-scheme:light dark}*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px;font:16px/1.6 system-ui,-apple-system,"PingFang SC","Microsoft YaHei",sans-serif;background:#f4f6f8;color:#1b2430}main{width:100%;max-width:420px;background:#fff;border-radius:16px;padding:32px 28px;box-shadow:0 1px 3px #0001,0 8px 32px #0000000f}h1{font-size:22px;line-height:1.3;margin:0 0 12px}p{margin:0 0 24px;color:#4a5565}.b{display:inline-block;border:0;border-radius:10px;padding:12px 24px;font:inherit;font-weight:600;color:#fff;background:#0b66d8;text-decoration:none;cursor:pointer}.b:focus-visible{outline:3px solid #7db3ff;outline-offset:2px}small{display:block;margin-top:24px;color:#5d6878;font-family:ui-monospace,monospace}@media(prefers-color-scheme:dark){body{background:#11161d;color:#e8edf3}main{background:#1a212b;box-shadow:none}p{color:#b3bfcc}.b{background:#2f7de1}small{color:#93a0b0}}`

var pageTemplate = template.Must(template.New("page").Parse(`<!DOCTYPE html>
<html lang="{{.Lang}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
{{with .Refresh}}<meta http-equiv="refresh" content="0; url={{.}}">
{{end}}<title>{{.Title}}</title>
<style>` + pageStyle + `</style>
</head>
<body>
<main>
<h1>{{.Title}}</h1>
<p>{{.Body}}</p>
{{if .Post}}<form method="post"><button class="b">{{.Button}}</button></form>
{{else if .Href}}<a class="b" href="{{.Href}}"{{if .Top}} target="_top"{{end}}>{{.Button}}</a>
{{end}}{{with .Code}}<small>{{.}}</small>
{{end}}</main>
</body>
</html>
`))

// pagePolicy lets the page do nothing but show itself and post to its own
// address; a logout's form may be redirected anywhere on this site.
var pagePolicy = func() string {
	sum := sha256.Sum256([]byte(pageStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
}()

const htmlType = "text/html; charset=utf-8"

func (p page) render() []byte {
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, p); err != nil { // a bytes.Buffer does not fail
		return []byte(p.Title)
	}
	return b.Bytes()
}

// words are the fixed texts of buttons and of the page of round 2.
var words = map[string]map[string]string{
	"zh-CN": {"retry": "重试", "open": "在新窗口打开", "confirm": "继续", "signin": "正在登录…",
		"signinBody": "正在前往企业微信确认你的身份。如果页面没有自动跳转，请点击下方按钮。"},
	"en": {"retry": "Try again", "open": "Open in a window", "confirm": "Continue", "signin": "Signing in…",
		"signinBody": "WeCom is asked who you are. If nothing happens, press the button."},
}

// language picks Chinese or English by an Accept-Language header: whichever is
// named first. Most readers are Chinese, so that is the default.
func language(accept string) string {
	zh, en := strings.Index(strings.ToLower(accept), "zh"), strings.Index(strings.ToLower(accept), "en")
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
func problem(k *Kind, lang string) []byte {
	t := k.text(lang)
	b, err := json.Marshal(struct {
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail"`
		Code   string `json:"code"`
	}{"about:blank", t.title, k.status, t.body, k.code})
	if err != nil { // plain strings do not fail
		return nil
	}
	return append(b, '\n')
}
