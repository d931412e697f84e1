// Package adaptertest is the one conformance script of all adapters. An adapter
// mounts the routes it is given; [Run] then plays browsers, proxies, attackers
// and a failing WeCom against it. All of it goes through the adapter, a real
// router and the fake WeCom, in process.
package adaptertest

import (
	"net/http"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core"
)

// Guard is what stands in front of a route.
type Guard int

// The guards, named after the adapters' functions.
const (
	Public Guard = iota
	Require
	Optional
	Login
	Logout
)

// Route is one route of the application under test.
type Route struct {
	Method  string // "" is every method
	Path    string // as http.ServeMux writes it: /files/{name}, /any/{rest...}
	Guard   Guard
	Gate    core.Gate // nil is the one that Mount gets
	Rules   []core.Rule
	Outer   Guard            // Require or Optional, without rules, around the guard
	Handler http.HandlerFunc // nil for Login and Logout
}

// Mount builds an application from routes with an adapter.
type Mount func(auth core.Gate, routes []Route) http.Handler

// Behind returns the gate of r.
func (r Route) Behind(auth core.Gate) core.Gate {
	if r.Gate != nil {
		return r.Gate
	}
	return auth
}

// Wildcards returns r's path with {name} and {rest...} written by the functions,
// for routers that write them otherwise.
func (r Route) Wildcards(one, rest func(name string) string) string {
	parts := strings.Split(r.Path, "/")
	for i, p := range parts {
		name, isRest := strings.CutSuffix(strings.Trim(p, "{}"), "...")
		switch {
		case !strings.HasPrefix(p, "{"):
		case isRest:
			parts[i] = rest(name)
		default:
			parts[i] = one(name)
		}
	}
	return strings.Join(parts, "/")
}

// Methods returns the methods of r.
func (r Route) Methods() []string {
	if r.Method != "" {
		return []string{r.Method}
	}
	return []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}
}

// Run plays the whole script.
func Run(t *testing.T, mount Mount) {
	for _, part := range []struct {
		name string
		run  func(*testing.T, Mount)
	}{
		{"login", testLogin},
		{"callback", testCallback},
		{"tabs", testTabs},
		{"loops", testLoops},
		{"limits", testLimits},
		{"guards", testGuards},
		{"refusals", testRefusals},
		{"ways in", testWaysIn},
		{"fragments", testFragments},
		{"scripts", testScripts},
		{"what administrators see", testRecords},
		{"sign-in and sign-out routes", testRoutes},
		{"return_to", testReturnTo},
		{"open redirects", testRedirects},
		{"attacks", testAttacks},
		{"hostile values", testHostileValues},
		{"hostile pages", testPages},
		{"paths", testPaths},
		{"hosts and proxies", testHosts},
		{"sessions", testSessions},
		{"rules", testRules},
		{"people who are no employees", testStrangers},
		{"revocation", testRevocation},
		{"re-check", testRecheck},
		{"marks", testMarks},
		{"idle sessions", testIdle},
		{"logout everywhere", testLogoutEverywhere},
		{"two apps", testTwoApps},
		{"several companies", testCorps},
		{"a service provider's app", testSuite},
		{"streams", testStreams},
		{"faults", testFaults},
		{"every fault of every call", testFaultTable},
		{"every fault of the session store", testStoreFaults},
		{"secrets", testSecrets},
	} {
		t.Run(part.name, func(t *testing.T) { part.run(t, mount) })
	}
}
