package wecomtest

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// local reports whether a request did not come from outside. Only a real
// server puts its address into the context.
func local(r *http.Request) bool {
	addr, served := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !served || addr.Network() == "unix" {
		return true
	}
	return loopbackAddr(addr.String()) && loopbackAddr(r.RemoteAddr)
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
