package core

import (
	"iter"
	"net/http"
	"strings"
)

// cookieName names our session cookie; the attempt cookies add a slot to it.
// __Host- makes browsers refuse a cookie of that name from a sibling domain.
func cookieName(k *keyring, secure bool) string {
	if secure {
		return "__Host-wecomauth-" + k.tag
	}
	return "wecomauth-" + k.tag
}

// setCookie hands the browser its session.
func (s *sessions) setCookie(h http.Header, t ticket) {
	c := s.cookie(t.token) //nolint:gosec // its attributes are checked by New
	if s.sm.Cookie.Persist {
		c.Expires = t.expiry.UTC()
		c.MaxAge = max(1, int(t.expiry.Sub(s.now()).Seconds()))
	}
	h.Add("Set-Cookie", c.String())
}

func (s *sessions) cookie(value string) *http.Cookie {
	c := s.sm.Cookie
	return &http.Cookie{ //nolint:gosec // New has checked the attributes
		Name: c.Name, Value: value, Path: c.Path, Domain: c.Domain, Secure: c.Secure,
		HttpOnly: c.HttpOnly, SameSite: c.SameSite, Partitioned: c.Partitioned,
	}
}

// token returns the session token that the browser sent, or "" if it is not of
// the form that scs makes, or if there are two: a sibling domain may have
// planted one, and we cannot tell which. It does not range over cookiesNamed,
// whose closures every authenticated request would pay for.
func (s *sessions) token(r *http.Request) string {
	token := ""
	for _, line := range r.Header["Cookie"] {
		for line != "" {
			value, rest, is := nextCookie(line, s.name)
			if line = rest; is == notACookie {
				continue
			}
			if is != aToken || token != "" && token != value {
				return ""
			}
			token = value
		}
	}
	return token
}

// cookiesNamed yields the values of a request's cookies of one name.
func cookiesNamed(r *http.Request, name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, line := range r.Header["Cookie"] {
			for line != "" {
				value, rest, is := nextCookie(line, name)
				if is != notACookie && !yield(value) {
					return
				}
				line = rest
			}
		}
	}
}

func hasCookie(r *http.Request, name string) bool {
	for range cookiesNamed(r, name) {
		return true
	}
	return false
}

// cookieIs is what nextCookie has found.
type cookieIs uint8

const (
	notACookie cookieIs = iota // nothing that net/http would call a cookie of the name
	aCookie
	aToken // whose value has the form of a session's token
)

// nextCookie finds the next cookie of a name in a Cookie header, and returns its
// value and what follows it. It looks at other cookies no closer than it must,
// and finds what http.Request.CookiesNamed does.
func nextCookie(line, name string) (value, rest string, is cookieIs) {
	i := strings.Index(line, name)
	if i < 0 {
		return "", "", notACookie
	}
	before, after := line[:i], line[i+len(name):]
	value, rest, _ = strings.Cut(after, ";")
	if len(value) == 1+tokenLen && value[0] == '=' && (i == 0 || line[i-1] == ' ' && (i == 1 || line[i-2] == ';')) && scsToken(value[1:]) {
		return value[1:], rest, aToken // as browsers send a session
	}
	before = strings.TrimRight(before, space)
	value = strings.TrimLeft(value, space)
	if before != "" && before[len(before)-1] != ';' || value != "" && value[0] != '=' {
		return "", rest, notACookie // a part of another cookie
	}
	value = strings.TrimRight(strings.TrimPrefix(value, "="), space)
	if len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"' {
		value = value[1 : len(value)-1]
	}
	for i := range len(value) {
		if c := value[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			return "", rest, notACookie // net/http takes no notice of it
		}
	}
	if scsToken(value) {
		return value, rest, aToken
	}
	return value, rest, aCookie
}

const (
	tokenLen = 43
	space    = " \t\r\n"
)

// scsToken reports 32 bytes in unpadded base64url, which is what scs issues.
func scsToken(s string) bool {
	if len(s) != tokenLen {
		return false
	}
	for i := range len(s) {
		if !tokenByte[s[i]] {
			return false
		}
	}
	return true
}

var tokenByte = func() (is [256]bool) {
	for c := range is {
		is[c] = isAlnum(byte(c)) || c == '-' || c == '_'
	}
	return is
}()
