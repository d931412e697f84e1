package core

import (
	"net/url"
	"slices"
	"strings"
)

// site is the service as browsers see it: BaseURL and its aliases.
type site struct {
	origin  string // scheme://host
	scheme  string
	host    string
	prefix  string // BaseURL's path, which a proxy in front strips; no slash at the end
	aliases []string
}

func newSite(base *url.URL, aliases []string) site {
	s := site{
		origin: base.Scheme + "://" + base.Host, scheme: base.Scheme, host: base.Host, prefix: base.Path,
	}
	for _, a := range aliases {
		s.aliases = append(s.aliases, canonicalHost(base.Scheme, a))
	}
	return s
}

// url returns the absolute address of a local target. Being absolute it stays
// on this site whatever the target looks like.
func (s site) url(target string) string { return s.origin + s.prefix + target }

// clean is url with an explicit fragment, if only an empty one: a browser carries the fragment of
// WeCom's page, #wechat_redirect, over to a redirect that has none.
// https://www.rfc-editor.org/rfc/rfc9110#section-10.2.2
func (s site) clean(target string) string {
	if strings.Contains(target, "#") {
		return s.url(target)
	}
	return s.url(target) + "#"
}

// isAlias reports a Host header that names one of the aliases.
func (s site) isAlias(host string) bool {
	return len(s.aliases) > 0 && slices.Contains(s.aliases, canonicalHost(s.scheme, host))
}

// named reports a Host header that names the site or one of the aliases.
func (s site) named(host string) bool { return s.isHome(host) || s.isAlias(host) }

// isHome reports a Host header that names the site itself.
func (s site) isHome(host string) bool {
	return strings.EqualFold(host, s.host) || canonicalHost(s.scheme, host) == s.host
}
