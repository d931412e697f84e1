package demo

import (
	"html/template"
	"log"
	"net/http"

	"github.com/wecomauth/wecomauth/core"
)

var pages = template.Must(template.New("").Parse(`<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}}</title>
<style>
:root{color-scheme:light dark}
body{margin:0 auto;max-width:640px;padding:32px 20px;font:16px/1.7 system-ui,-apple-system,"PingFang SC","Microsoft YaHei",sans-serif}
nav{display:flex;flex-wrap:wrap;gap:4px 20px;margin-bottom:32px}
a{color:#0b66d8}
h1{font-size:28px;line-height:1.3}
code{padding:2px 6px;border-radius:6px;background:#8882}
button{font:inherit;padding:8px 20px;border-radius:8px;border:1px solid #8886;background:#8881;color:inherit;cursor:pointer}
li{display:flex;flex-wrap:wrap;gap:4px 16px;align-items:center;margin:8px 0}
ul{padding:0}
@media(prefers-color-scheme:dark){a{color:#7db3ff}}
</style>
</head>
<body>
<nav><a href="/">首页 Home</a><a href="/me">我 Me</a><a href="/admin">研发部 Admin</a><a href="/api/me">JSON</a></nav>
<h1>{{.Title}}</h1>
{{if .In}}<p>{{.ID.Name}}，你好！Your UserID is <code>{{.ID.UserID}}</code>, your departments are <code>{{.ID.Departments}}</code>.</p>
<form method="post" action="/logout"><button>退出 Log out</button></form>
<p><a href="/login?fresh=1&amp;return_to=/me">换个人登录 Switch person</a></p>
{{with .People}}<h2>登录过的同部门同事 Signed in, in your departments</h2>
<ul>
{{range .}}<li>{{.Name}} <code>{{.UserID}}</code>
<form method="post" action="/admin/revoke"><button name="user_id" value="{{.UserID}}" aria-label="强制退出 Revoke {{.UserID}}">强制退出 Revoke</button></form></li>
{{end}}</ul>
{{end}}{{else}}<p>这是公开页面，无需登录。This page is public. <a href="/me">登录 Log in</a></p>
{{end}}</body>
</html>
`))

// Page writes a page that greets whoever is logged in.
func Page(w http.ResponseWriter, title string, id core.Identity, in bool) {
	write(w, title, id, in, nil)
}

// Admin writes a page that also lists people, each with a button that posts
// user_id to /admin/revoke.
func Admin(w http.ResponseWriter, title string, id core.Identity, people []core.Identity) {
	write(w, title, id, true, people)
}

func write(w http.ResponseWriter, title string, id core.Identity, in bool, people []core.Identity) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	err := pages.Execute(w, struct {
		Title  string
		ID     core.Identity
		In     bool
		People []core.Identity
	}{title, id, in, people})
	if err != nil {
		log.Print(err) // the visitor is gone
	}
}
