package core

import "net/http"

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
// planted one, and we cannot tell which.
func (s *sessions) token(r *http.Request) string {
	token := ""
	for _, c := range r.CookiesNamed(s.sm.Cookie.Name) {
		if !scsToken(c.Value) || token != "" && token != c.Value {
			return ""
		}
		token = c.Value
	}
	return token
}

// scsToken reports 32 bytes in unpadded base64url, which is what scs issues.
func scsToken(s string) bool {
	if len(s) != 43 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !isAlnum(c) && c != '-' && c != '_' {
			return false
		}
	}
	return true
}
