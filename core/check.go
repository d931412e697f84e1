package core

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
)

// mistakes collects everything that is wrong with a Config, so that a developer
// mends it in one go. Each says what to do.
type mistakes []error

func (m *mistakes) add(format string, args ...any) {
	*m = append(*m, fmt.Errorf("wecomauth: "+format, args...))
}

// check returns the parsed BaseURL and all mistakes of c, joined.
func (c Config) check() (*url.URL, error) {
	var m mistakes
	base := c.checkBaseURL(&m)
	if c.Provider == nil {
		m.add("Config.Provider is missing: set it to wecom.App{CorpID: …, AgentID: …, Secret: …}")
	}
	for _, host := range c.Aliases {
		if u, err := url.Parse("//" + host); err != nil || host == "" || u.Host != host {
			m.add("Config.Aliases: %q is not a host: write it as browsers send it, such as www.oa.example.com", host)
		} else if base != nil && canonicalHost(base.Scheme, host) == base.Host {
			m.add("Config.Aliases: %q is Config.BaseURL's own host: leave it out", host)
		}
	}
	if p := c.CallbackPath; p != "" && !selfCallback(p) {
		m.add("Config.CallbackPath %q: write the path of the Login route, such as /login; A-Z a-z 0-9 / _ . ~ - only, no query", p)
	}
	if p := c.AfterLogout; p != "" && returnTo(p) != p {
		m.add("Config.AfterLogout %q: write a local path, such as / or /goodbye", p)
	}
	for i, k := range c.Keys {
		if len(k) < 32 {
			m.add("Config.Keys[%d] has %d bytes: use at least 32 random ones, such as openssl rand 32", i, len(k))
		}
	}
	atLeast(&m, "RevokeWithin", c.RevokeWithin, time.Second)
	atLeast(&m, "Recheck", c.Recheck, time.Minute)
	atLeast(&m, "StoreTimeout", c.StoreTimeout, time.Millisecond)
	atLeast(&m, "ExchangeTimeout", c.ExchangeTimeout, time.Millisecond)
	c.checkSessions(&m, base)
	return base, errors.Join(m...)
}

func (c Config) checkBaseURL(m *mistakes) *url.URL {
	const example = ": write the address browsers use, such as https://oa.example.com"
	if c.BaseURL == "" {
		m.add("Config.BaseURL is missing" + example)
		return nil
	}
	u, err := url.Parse(c.BaseURL)
	if err != nil { // its text repeats the URL, which may hold a password
		m.add("Config.BaseURL is not a URL" + example)
		return nil
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Hostname() == "":
		m.add("Config.BaseURL %q is not absolute%s", u.Redacted(), example)
		return nil
	case u.User != nil:
		m.add("Config.BaseURL holds a user name: leave it out%s", example)
	case strings.ContainsAny(c.BaseURL, "?#"):
		m.add("Config.BaseURL %q has a query or a fragment: leave it out; WeCom puts code and state in front of a fragment", c.BaseURL)
	case strings.ContainsFunc(u.Host, func(r rune) bool { return r > 0x7e }):
		m.add("Config.BaseURL's host %q: write it in its ASCII form, xn--…, as browsers send it", u.Host)
	case len(c.BaseURL) > 255:
		m.add("Config.BaseURL has %d bytes: at most 255", len(c.BaseURL))
	case u.EscapedPath() != "" && !selfCallback(u.EscapedPath()):
		m.add("Config.BaseURL's path %q: use A-Z a-z 0-9 / _ . ~ - only", u.EscapedPath())
	}
	u.Host = canonicalHost(u.Scheme, u.Host)
	u.Path, u.RawPath = strings.TrimSuffix(u.Path, "/"), ""
	return u
}

func (c Config) checkSessions(m *mistakes, base *url.URL) {
	if c.Sessions == nil {
		atLeast(m, "Lifetime", c.Lifetime, time.Minute)
		atLeast(m, "IdleTimeout", c.IdleTimeout, time.Minute)
		checkLifetime(m, "Lifetime", c.Lifetime)
		return
	}
	if c.Store != nil || c.Lifetime != 0 || c.IdleTimeout != 0 {
		m.add("Config.Sessions is set: put Store, Lifetime and IdleTimeout on that manager, and leave Config's empty")
	}
	if c.Sessions.Store == nil || c.Sessions.Codec == nil || c.Sessions.Lifetime <= 0 {
		m.add("Config.Sessions lacks a Store, a Codec or a Lifetime: make it with scs.New()")
	}
	checkLifetime(m, "Sessions.Lifetime", c.Sessions.Lifetime)
	checkCookie(m, c.Sessions.Cookie, base)
}

func checkLifetime(m *mistakes, field string, d time.Duration) {
	if d > 400*24*time.Hour {
		m.add("Config.%s %v: at most 400 days, which is as long as browsers keep a cookie", field, d)
	}
}

// checkCookie refuses cookies that would lose logins or give them away.
func checkCookie(m *mistakes, cookie scs.SessionCookie, base *url.URL) {
	const where = "Config.Sessions.Cookie."
	switch {
	case cookie.SameSite == http.SameSiteStrictMode:
		m.add(where + "SameSite=Strict: browsers do not send the cookie when WeCom sends the person back: set http.SameSiteLaxMode")
	case cookie.SameSite != http.SameSiteLaxMode:
		m.add(where + "SameSite must be http.SameSiteLaxMode: otherwise other sites can act in the person's name")
	}
	if !cookie.HttpOnly {
		m.add(where + "HttpOnly is false: scripts could read the session: set it to true")
	}
	if cookie.Path != "/" {
		m.add(where+"Path is %q: set it to \"/\", or pages outside never see the login", cookie.Path)
	}
	if cookie.Name == "" {
		m.add(where + "Name is empty: scs.New() sets it to \"session\"")
	}
	if strings.HasPrefix(cookie.Name, "__Host-") && cookie.Domain != "" {
		m.add(where+"Domain is %q: browsers drop a __Host- cookie with a domain: leave it empty", cookie.Domain)
	}
	if base == nil {
		return
	}
	if base.Scheme == "http" && cookie.Secure {
		m.add(where + "Secure is true but Config.BaseURL is http: browsers would drop the cookie: use https, or set Secure to false for local tests")
	}
	if base.Scheme == "https" && !cookie.Secure {
		m.add(where + "Secure is false but Config.BaseURL is https: set it to true")
	}
}

func atLeast(m *mistakes, field string, d, least time.Duration) {
	if d != 0 && d < least {
		m.add("Config.%s is %v: at least %v, or 0 for the default", field, d, least)
	}
}

// canonicalHost lowers a host and drops its scheme's own port: WeCom compares
// the host with the trusted domain byte by byte, port included.
func canonicalHost(scheme, host string) string {
	host = strings.ToLower(host)
	if port := map[string]string{"http": ":80", "https": ":443"}[scheme]; port != "" {
		host = strings.TrimSuffix(host, port)
	}
	return strings.TrimSuffix(host, ":")
}

// localHost reports a host that is not on the Internet, where http is common.
func localHost(hostname string) bool {
	if hostname == "localhost" || strings.HasSuffix(hostname, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(hostname)
	return err == nil && (addr.IsLoopback() || addr.IsPrivate())
}

// remoteHost is for logs.
func remoteHost(addr string) string {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return ""
	}
	return host
}
