package wecomtest

import (
	"net/url"
	"slices"
	"strings"
)

// trusted reports whether a redirect_uri is on a trusted domain: same host and
// same port as text, so that an explicit default port is a difference.
// https://developer.work.weixin.qq.com/document/path/91335
func (f *Fake) trusted(uri string) bool {
	u, err := url.Parse(uri)
	if err != nil || !absolute(u) {
		return false
	}
	if f.config.TrustedDomain != "" {
		return u.Host == f.config.TrustedDomain
	}
	return loopbackName(u.Hostname()) || f.app(u.Host) != nil
}

// trustedHosts lists what trusted accepts.
func (f *Fake) trustedHosts() []string {
	if f.config.TrustedDomain != "" {
		return []string{f.config.TrustedDomain}
	}
	hosts := []string{"localhost:*", "127.0.0.1:*", "[::1]:*"}
	f.mu.Lock()
	defer f.mu.Unlock()
	var served []string
	for host := range f.apps {
		served = append(served, host)
	}
	slices.Sort(served)
	return append(hosts, served...)
}

func hasEncodedScheme(uri string) bool {
	uri = strings.ToLower(uri)
	return strings.HasPrefix(uri, "http%3a") || strings.HasPrefix(uri, "https%3a")
}
