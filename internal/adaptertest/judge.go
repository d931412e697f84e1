package adaptertest

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// Site judges where answers send a browser. It is a BaseURL without a slash at
// its end.
type Site string

// weComPages are the only other addresses that an answer may lead to.
var weComPages = map[Destination]bool{
	{"https://open.weixin.qq.com", "/connect/oauth2/authorize"}: true,
	{"https://login.work.weixin.qq.com", "/wwlogin/sso/login"}:  true,
}

// Within reports whether a browser on the site that opens address stays on it:
// on its origin, and within its prefix.
func (s Site) Within(address string) bool {
	own, err := url.Parse(string(s))
	d, ok := Resolve(address, string(s)+"/")
	return err == nil && ok && d.Origin == own.Scheme+"://"+own.Host && strings.HasPrefix(d.Path, own.Path+"/")
}

// Allows is Within, or one of WeCom's login pages that sends the person back to
// the site.
func (s Site) Allows(address string) bool {
	if s.Within(address) {
		return true
	}
	d, ok := Resolve(address, string(s)+"/")
	u, err := url.Parse(address)
	if !ok || err != nil || !weComPages[d] {
		return false
	}
	back := u.Query()["redirect_uri"]
	return len(back) == 1 && s.Within(back[0]) && strings.HasPrefix(back[0], string(s)+"/")
}

// Foreign names what in an answer would take a browser elsewhere, and what could
// be a header of the visitor's making; "" if nothing does.
func (s Site) Foreign(h http.Header, body string) string {
	for name, values := range h {
		for _, v := range values {
			if strings.ContainsFunc(name+v, func(r rune) bool { return r < ' ' || r == 0x7f }) {
				return fmt.Sprintf("control bytes in %s: %q", name, v)
			}
		}
	}
	for _, address := range destinations(h, body) {
		if !s.Allows(address) {
			return fmt.Sprintf("%q", address)
		}
	}
	return ""
}

var (
	addressOf = regexp.MustCompile(`(?i)[\s"'/](?:href|src|action|formaction|poster|data|srcset|ping|background)\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)`)
	goOn      = regexp.MustCompile(`(?i)\bcontent\s*=\s*"\s*[\d.]*\s*[;,]\s*(?:url\s*=)?\s*([^"]*)"`)
	jsonURL   = regexp.MustCompile(`"login_url":"([^"]*)"`)
)

// destinations returns every address that a browser or a script would take from
// an answer. The script of the page that asks for the fragment goes to one of
// its links.
func destinations(h http.Header, body string) []string {
	all := append(h.Values("Location"), h.Values("Content-Location")...)
	for _, v := range h.Values("Refresh") {
		_, address, _ := strings.Cut(v, "=")
		all = append(all, address)
	}
	for _, m := range addressOf.FindAllStringSubmatch(body, -1) {
		all = append(all, html.UnescapeString(strings.Trim(m[1], `"'`)))
	}
	for _, m := range goOn.FindAllStringSubmatch(body, -1) {
		all = append(all, html.UnescapeString(m[1]))
	}
	for _, m := range jsonURL.FindAllStringSubmatch(body, -1) {
		all = append(all, strings.ReplaceAll(m[1], `\u0026`, "&"))
	}
	return all
}
