package wecomtest

import (
	"net/http"
	"strings"

	"github.com/wecomauth/wecomauth/core/wecom"
)

// App returns the settings of the app for use in the same process: WeCom's own
// addresses, and an HTTPClient that takes every request to the fake without a
// socket.
func (f *Fake) App() wecom.App {
	return wecom.App{
		CorpID:     f.config.CorpID,
		AgentID:    f.config.AgentID,
		Secret:     f.config.Secret,
		HTTPClient: &http.Client{Transport: apiTransport{f}},
	}
}

// AppAt returns the settings of the app for a fake that is served at baseURL,
// such as "http://127.0.0.1:9000". To give such an app a [Fake.Browser] that is
// signed in silently, also call f.Serve(baseURL, f).
func (f *Fake) AppAt(baseURL string) wecom.App {
	baseURL = strings.TrimSuffix(baseURL, "/")
	return wecom.App{
		CorpID:   f.config.CorpID,
		AgentID:  f.config.AgentID,
		Secret:   f.config.Secret,
		APIURL:   baseURL,
		OpenURL:  baseURL,
		LoginURL: baseURL,
	}
}
