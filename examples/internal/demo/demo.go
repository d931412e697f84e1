// Package demo is what the examples of the frameworks share: where WeCom is, and what the
// pages look like. Everything about protecting routes is in the examples.
package demo

import (
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/wecomauth/wecomauth/core"
	"github.com/wecomauth/wecomauth/core/wecom"
	"github.com/wecomauth/wecomauth/core/wecomtest"
)

// variables name the real app; with none of them set the examples use a fake.
var variables = []string{"WECOM_CORP_ID", "WECOM_AGENT_ID", "WECOM_SECRET", "BASE_URL"}

// addresses name a private edition, which needs all three: calls go to the first,
// browsers to the others. The first alone is a gateway to WeCom's interface.
var addresses = []string{"WECOM_API_URL", "WECOM_OPEN_URL", "WECOM_LOGIN_URL"}

// Setup reads the flags and the environment and returns the configuration and
// the address to listen on. It ends the program with a sentence on a mistake.
func Setup() (config core.Config, addr string) {
	flag.StringVar(&addr, "addr", "localhost:8080", "`address` to listen on; in a container :8080, for which the real WeCom has to be set up")
	auto := flag.String("auto", "", "fake WeCom: sign this `USERID` in without showing a page")
	flag.Parse()
	config, err := configure(addr, *auto, os.Getenv)
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("open %s", config.BaseURL)
	return config, addr
}

func configure(addr, auto string, getenv func(string) string) (core.Config, error) {
	var missing []string
	for _, name := range variables {
		if getenv(name) == "" {
			missing = append(missing, name)
		}
	}
	set := func(name string) bool { return getenv(name) != "" }
	switch {
	case len(missing) == len(variables) && !slices.ContainsFunc(addresses, set):
		return fake(addr, auto)
	case len(missing) > 0:
		return core.Config{}, fmt.Errorf("for the real WeCom also set %s; for the fake one set none of %s",
			strings.Join(missing, ", "), strings.Join(slices.Concat(variables, addresses), ", "))
	case auto != "":
		return core.Config{}, errors.New("-auto works with the fake WeCom only: unset " + strings.Join(variables, ", "))
	}
	app := wecom.App{
		CorpID: getenv("WECOM_CORP_ID"), AgentID: getenv("WECOM_AGENT_ID"), Secret: getenv("WECOM_SECRET"),
		APIURL: getenv("WECOM_API_URL"), OpenURL: getenv("WECOM_OPEN_URL"), LoginURL: getenv("WECOM_LOGIN_URL"),
	}
	return core.Config{Provider: app, BaseURL: getenv("BASE_URL")}, nil
}

// fake starts a fake WeCom on a loopback port of its own. It lets in whoever
// picks a name, so it refuses to serve anything but this machine.
func fake(addr, auto string) (core.Config, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil || port == "0" {
		return core.Config{}, fmt.Errorf("-addr %q: write host:port, such as localhost:8080", addr)
	}
	if ip, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !ip.IsLoopback()) {
		return core.Config{}, fmt.Errorf("-addr %q is not a loopback address: the fake WeCom lets anybody in, so it serves this machine only; for the real one set %s",
			addr, strings.Join(variables, ", "))
	}
	base := &url.URL{Scheme: "http", Host: addr}
	f := wecomtest.New(wecomtest.Config{TrustedDomain: base.Host})
	f.SignIn(auto)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return core.Config{}, err
	}
	server := &http.Server{Handler: f, ReadHeaderTimeout: 5 * time.Second}
	go func() { log.Fatal(server.Serve(ln)) }()
	log.Printf("no %s set: a FAKE WeCom answers at http://%s", variables[0], ln.Addr())
	return core.Config{Provider: f.AppAt("http://" + ln.Addr().String()), BaseURL: base.String()}, nil
}
