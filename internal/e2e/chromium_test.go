package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// missing skips a test that cannot run here, loudly, and fails it on CI.
func missing(t *testing.T, what, remedy string) {
	t.Helper()
	line := fmt.Sprintf("e2e: %s is missing: %s", what, remedy)
	if os.Getenv("CI") != "" {
		t.Fatal(line)
	}
	_, _ = fmt.Fprintln(os.Stderr, "SKIP "+line)
	t.Skip(line)
}

func chromiumPath(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	missing(t, "chromium", "apt-get install chromium")
	return ""
}

// shared is the browser of all tests; each tab has a cookie jar of its own.
var shared struct {
	once sync.Once
	ctx  context.Context
	stop func()
	err  error
}

func sharedBrowser(t *testing.T) context.Context {
	t.Helper()
	path := chromiumPath(t)
	shared.once.Do(func() { shared.ctx, shared.stop, shared.err = startBrowser(path, "") })
	if shared.err != nil {
		t.Fatalf("chromium does not start: %v", shared.err)
	}
	return shared.ctx
}

func stopBrowser() {
	if shared.stop != nil {
		shared.stop()
	}
}

// startBrowser starts chromium with a fresh profile, whose Preferences file has
// this content. stop ends it and removes the profile.
func startBrowser(path, preferences string) (ctx context.Context, stop func(), err error) {
	profile, err := os.MkdirTemp("", "e2e-chromium-")
	if err != nil {
		return nil, nil, err
	}
	remove := func() { _ = os.RemoveAll(profile) }
	if preferences != "" {
		err = os.Mkdir(filepath.Join(profile, "Default"), 0o700)
		if err == nil {
			err = os.WriteFile(filepath.Join(profile, "Default", "Preferences"), []byte(preferences), 0o600)
		}
		if err != nil {
			remove()
			return nil, nil, err
		}
	}
	alloc, endAlloc := chromedp.NewExecAllocator(context.Background(), flags(path, profile)...)
	// cdproto does not know every event of newer browsers; none that we use.
	quiet := func(string, ...any) {}
	ctx, endBrowser := chromedp.NewContext(alloc, chromedp.WithErrorf(quiet), chromedp.WithLogf(quiet))
	stop = func() {
		_ = chromedp.Cancel(ctx) // waits for the process
		endBrowser()
		endAlloc()
		remove()
	}
	if err := chromedp.Run(ctx); err != nil {
		stop()
		return nil, nil, err
	}
	return ctx, stop, nil
}

func flags(path, profile string) []chromedp.ExecAllocatorOption {
	return []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(path), chromedp.UserDataDir(profile),
		chromedp.Headless, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.DisableGPU,
		chromedp.NoSandbox, // containers and root, as on CI, have none
		// All names, on any port, are our listener.
		chromedp.Flag("host-resolver-rules", "MAP * "+strings.TrimPrefix(listener.URL, "https://")),
		// Chromium's own store of CAs is the account's, and takes a tool to write to.
		// This trusts chains with the key of our CA and leaves no error on the
		// connection; a plain ignore-certificate-errors would, and chromium then
		// caches nothing.
		chromedp.Flag("ignore-certificate-errors-spki-list", trusted),
		// Back loads its page anew, which is the harder case for a login, and the
		// one that chromedp can follow.
		chromedp.Flag("disable-features", "BackForwardCache"),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-default-apps", true),
		chromedp.Flag("disable-extensions", true),
		chromedp.Flag("disable-dev-shm-usage", true), // /dev/shm is small in containers
		chromedp.Flag("password-store", "basic"),
		chromedp.Flag("force-color-profile", "srgb"),
	}
}
