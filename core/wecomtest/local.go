package wecomtest

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// local reports whether a request did not come from outside: nor by a proxy or a
// tunnel on this machine, nor from a page of another site whose name leads here.
// Only a real server puts its address into the context.
func (f *Fake) local(r *http.Request) bool {
	addr, served := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !served {
		return true
	}
	if addr.Network() != "unix" && (!loopbackAddr(addr.String()) || !loopbackAddr(r.RemoteAddr)) {
		return false
	}
	return f.ownName(r.Host) && r.Header.Get("X-Forwarded-For") == "" && r.Header.Get("Forwarded") == ""
}

// ownName reports a Host by which the machine itself, or WeCom, is called.
func (f *Fake) ownName(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	return loopbackName(strings.Trim(name, "[]")) || official(name) || f.app(strings.ToLower(host)) != nil
}

// loopbackAddr reports whether an address with a port is of this machine.
func loopbackAddr(addr string) bool {
	a, err := netip.ParseAddrPort(addr)
	return err == nil && a.Addr().IsLoopback()
}

// loopbackName reports whether a host name without a port is this machine.
func loopbackName(host string) bool {
	host = strings.ToLower(host)
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}
