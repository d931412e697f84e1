package core

import (
	"net/http"
	"net/url"
	"strings"
)

// Everything here is pure: it reads a request and decides nothing.

const (
	maxTarget   = 8 << 10 // bytes of path and query that are looked at
	maxLocation = 1800    // bytes of a target once it is encoded: proxies refuse answers with large headers
	maxCode     = 512     // bytes of a code, https://developer.work.weixin.qq.com/document/path/91022
)

// splitTarget returns the path, still escaped, and the query of a request as
// the client sent it. r.URL is used only when RequestURI is empty: StripPrefix
// and rewriting routers change it.
func splitTarget(r *http.Request) (path, query string) {
	uri := r.RequestURI
	if uri == "" {
		return r.URL.EscapedPath(), r.URL.RawQuery
	}
	if !strings.HasPrefix(uri, "/") { // absolute-form, as a forward proxy sends it
		u, err := url.ParseRequestURI(uri)
		if err != nil || u.Path == "" {
			return "/", ""
		}
		return u.EscapedPath(), u.RawQuery
	}
	path, query, _ = strings.Cut(uri, "?")
	return path, query
}

// localTarget returns path and query as one local URL, percent-encoding what a
// header should not carry. ok is false, and the target "/", for a path that
// some browser or proxy might read as another host's or another page's: it must
// begin with a single slash, and hold no backslash, control byte, empty
// segment in front of others or dot segment, raw or decoded.
func localTarget(path, query string) (target string, ok bool) {
	decoded, err := url.PathUnescape(path)
	if err != nil || !plainPath(path) || !plainPath(decoded) || len(path)+len(query) > maxTarget {
		return "/", false
	}
	target = encodeUnsafe(path)
	if query != "" {
		query = "?" + encodeUnsafe(query)
	}
	switch {
	case len(target) > maxLocation:
		return "/", false
	case len(target)+len(query) > maxLocation:
		return target, false
	}
	return target + query, true
}

func plainPath(p string) bool {
	if !strings.HasPrefix(p, "/") || strings.Contains(p, "//") || strings.Contains(p, `\`) {
		return false
	}
	for i := range len(p) {
		if p[i] < 0x20 || p[i] == 0x7f {
			return false
		}
	}
	for segment := range strings.SplitSeq(p, "/") {
		if segment == "." || segment == ".." {
			return false
		}
	}
	return true
}

// encodeUnsafe percent-encodes bytes that may not stand in a URL, and '#',
// which would begin a fragment.
func encodeUnsafe(s string) string {
	const hex = "0123456789ABCDEF"
	at := 0
	for at < len(s) && !unsafeByte[s[at]] {
		at++
	}
	if at == len(s) { // as nearly always
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if unsafeByte[c] {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

var unsafeByte = func() (is [256]bool) {
	for c := range is {
		is[c] = c <= ' ' || c >= 0x7f || strings.IndexByte("\"#<>\\^`{|}", byte(c)) >= 0
	}
	return is
}()

// returnTo reads a return_to parameter, which comes from anywhere: a local path
// with an optional query and fragment, or "/".
func returnTo(value string) string {
	value, frag, _ := strings.Cut(value, "#")
	path, query, _ := strings.Cut(value, "?")
	target, ok := localTarget(path, query)
	if !ok {
		return target
	}
	return withFragment(target, frag)
}

// withFragment appends a fragment, unless it is none or WeCom's own, which a
// page that was opened from WeCom's console may have kept.
func withFragment(target, frag string) string {
	frag = escapeStray(encodeUnsafe(frag[:min(len(frag), maxFragment+1)]))
	if frag == "" || frag == "wechat_redirect" || len(frag) > maxFragment {
		return target
	}
	return target + "#" + frag
}

// escapeStray escapes each '%' that begins no escape. Browsers let it stand in a
// fragment, URL parsers do not.
func escapeStray(s string) string {
	var b strings.Builder
	for i := range len(s) {
		b.WriteByte(s[i])
		if s[i] == '%' && (i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2])) {
			b.WriteString("25")
		}
	}
	return b.String()
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// fragmentParam carries a fragment in a query: see fragmentPage.
const (
	fragmentParam = "wecomauth_fragment"
	maxFragment   = 512 // bytes, encoded
)

// takeFragment removes the parameter from a raw query. known is false if it was
// not there.
func takeFragment(query string) (rest, frag string, known bool) {
	var pairs []string
	for pair := range strings.SplitSeq(query, "&") {
		if value, ok := strings.CutPrefix(pair, fragmentParam+"="); ok {
			known = true
			frag, _ = url.QueryUnescape(value) // what is not well-formed is dropped
		} else if pair != "" {
			pairs = append(pairs, pair)
		}
	}
	if !known {
		return query, "", false
	}
	return strings.Join(pairs, "&"), frag, true
}

// callback is what a query says about a login of ours.
type callback struct {
	answer answer
	state  state
	code   string
	rest   string // the query without our code and state
}

// readCallback looks for a state of ours in a raw query. Without one the query
// is an ordinary one and is left alone, whatever its parameters are called.
func readCallback(query string, k *keyring) callback {
	c := callback{rest: query}
	if !strings.Contains(query, "state=") || len(query) > maxTarget {
		return c
	}
	var rest, codes []string
	states, own := 0, false
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		switch name {
		case "state":
			states++
			if s, ok := k.readState(value); ok {
				c.state, own = s, true
			}
		case "code":
			codes = append(codes, value)
		default:
			rest = append(rest, pair)
		}
	}
	if !own {
		return c
	}
	c.rest = strings.Join(rest, "&")
	c.answer, c.code = readCode(codes)
	if states > 1 {
		c.answer = answerMalformed
	}
	return c
}

// readCode accepts one code as WeCom may send it.
func readCode(raw []string) (answer, string) {
	if len(raw) == 0 || len(raw) == 1 && raw[0] == "" {
		return answerRefusal, ""
	}
	code, err := url.QueryUnescape(raw[0])
	if len(raw) > 1 || err != nil || len(code) > maxCode || strings.Contains(raw[0], ";") {
		return answerMalformed, ""
	}
	for i := range len(code) {
		if code[i] <= ' ' || code[i] >= 0x7f {
			return answerMalformed, ""
		}
	}
	return answerCode, code
}

// selfCallback reports whether a path may be a redirect_uri: plain enough that
// nothing on the way through WeCom decodes or re-encodes it.
func selfCallback(path string) bool {
	if len(path) > 200 {
		return false
	}
	for i := range len(path) {
		c := path[i]
		if !isAlnum(c) && strings.IndexByte("/_.~-", c) < 0 {
			return false
		}
	}
	return plainPath(path)
}

func isAlnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
