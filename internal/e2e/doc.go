// Package e2e tests the login in a real browser, over https, at the addresses of
// production: what cookies, frames, history, Content-Security-Policy and scripts
// do is the browser's word, not ours.
//
//	apt-get install chromium   # or google-chrome
//	npm ci                     # Vue, React and axe, at exact versions
//	go test ./...
//
// One TLS listener on a loopback port answers for every host: the application
// under test at oa.example.com, the fake WeCom at WeCom's own addresses. Chromium
// resolves all names to it, so that application and WeCom are different sites and
// cookies are Secure and __Host-, as they will be. Its certificate is of a CA whose
// key chromium is told to trust. Where a test waits for hours, application and
// WeCom live in a testing/synctest bubble behind the listener.
//
// Without chromium or node_modules the tests are skipped with a line on stderr;
// with CI in the environment they fail. The pages are drawn into out/; the
// command picture draws the one of the README.
//
// It is a module of its own to keep chromedp out of the library's go.mod.
package e2e
