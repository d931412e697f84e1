package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/nethttpmw"
)

// documented finds the blocks of a page that a test runs as they are printed. The
// first line of each says which file it is.
var documented = regexp.MustCompile("(?s)<!-- tested in a browser -->\n```js\n// ([A-Za-z.]+)\n(.*?)```")

// scripts returns what docs/single-page-apps.md prints: the function for calls,
// and the same component for each framework.
func scripts(t *testing.T) (api, vue, react string) {
	t.Helper()
	page, err := os.ReadFile("../../docs/single-page-apps.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := documented.FindAllStringSubmatch(string(page), -1)
	if len(blocks) != 3 || blocks[0][1] != "api.js" || blocks[1][1] != "Orders.js" || blocks[2][1] != "Orders.js" {
		t.Fatalf("the page's blocks are not api.js and two Orders.js: %q", blocks)
	}
	return blocks[0][2], blocks[1][2], blocks[2][2]
}

// npm reads a file of a package that package-lock.json names.
func npm(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("node_modules", filepath.FromSlash(path)))
	if err != nil {
		missing(t, "node_modules/"+path, "npm ci")
	}
	return string(b)
}

// reactModule makes a module of React's browser build, which sets a global.
const reactModule = `export default window.React;
export const { createElement, useEffect, useState } = window.React;
`

const vueShell = `<div id="app"></div>
<script type="importmap">{"imports":{"vue":"/vue/vue.js"}}</script>
<script type="module">
import { createApp } from 'vue';
import Orders from '/vue/Orders.js';
createApp(Orders).mount('#app');
</script>`

const reactShell = `<div id="app"></div>
<script src="/react/react.js"></script><script src="/react/react-dom.js"></script>
<script type="importmap">{"imports":{"react":"/react/module.js"}}</script>
<script type="module">
import { createElement } from 'react';
import Orders from '/react/Orders.js';
window.ReactDOM.createRoot(document.getElementById('app')).render(createElement(Orders));
</script>`

// script serves a file of the single-page app.
func (s *site) script(path, source string) {
	s.mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		_, _ = w.Write([]byte(source))
	})
}

// serveSPA puts the documented app at two public pages, with its API behind Require.
func (s *site) serveSPA() {
	api, vue, react := scripts(s.t)
	s.script("/vue/api.js", api)
	s.script("/vue/Orders.js", vue)
	s.script("/vue/vue.js", npm(s.t, "vue/dist/vue.runtime.esm-browser.prod.js"))
	s.script("/react/api.js", api)
	s.script("/react/Orders.js", react)
	s.script("/react/module.js", reactModule)
	s.script("/react/react.js", npm(s.t, "react/umd/react.production.min.js"))
	s.script("/react/react-dom.js", npm(s.t, "react-dom/umd/react-dom.production.min.js"))
	s.page("GET /vue.html", vueShell)
	s.page("GET /react.html", reactShell)
	s.mux.Handle("GET /api/orders", nethttpmw.Require(s.auth)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, _ := core.IdentityFrom(r.Context())
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode([]string{"paper for " + id.UserID, "ink for " + id.UserID})
	})))
}

func TestSinglePageApps(t *testing.T) {
	for _, tc := range []struct{ name, page string }{
		{"Vue", "/vue.html?shop=7#/orders"},
		{"React", "/react.html?shop=7#/orders"},
	} {
		t.Run(tc.name+": an anonymous call sends the window to WeCom, which comes back to the page and its hash", func(t *testing.T) {
			s := newSite(t, func(c *core.Config) { c.CallbackPath = "/login" })
			s.serveSPA()
			b := s.tab(agentWeCom, "zh-CN").open(base + tc.page).sees(pick("zhangsan"))
			b.click(pick("zhangsan")).at(base+tc.page).sees("#app li", "paper for zhangsan", "ink for zhangsan")
			b.noViolations()
			if n := s.fake.Calls("authorize"); n != 2 { // the page and the button on it
				t.Errorf("WeCom's page was asked %d times, want 2: one login", n)
			}
		})
	}
}
