package e2e

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/wecomauth/wecomauth/internal/adaptertest"
)

// TestJudgeReadsAddressesAsChromiumDoes: the judge of open redirects, which every
// adapter's answers pass, and a real browser agree on each address of its table.
// Where the judge cannot tell, the browser must not find our site.
func TestJudgeReadsAddressesAsChromiumDoes(t *testing.T) {
	const page = base + "/app/page"
	targets := adaptertest.RedirectTargets()
	list, err := json.Marshal(targets)
	if err != nil {
		t.Fatal(err)
	}
	var got []struct{ Origin, Path string }
	tab := newSite(t, nil).tab(agentDesktop, "en").open(base + "/")
	tab.run(chromedp.Evaluate(`(`+string(list)+`).map(address => {
		try { const u = new URL(address, `+quote(page)+`); return {Origin: u.origin, Path: u.pathname} } catch { return {Origin: "", Path: ""} }
	})`, &got))
	if len(got) != len(targets) || len(got) < 300 {
		t.Fatalf("%d answers to %d addresses", len(got), len(targets))
	}
	told := 0
	for i, target := range targets {
		d, ok := adaptertest.Resolve(target, page)
		chromium := strings.Replace(got[i].Origin, "file://", "null", 1) // Chromium's own, of the standard's "null"
		if ok {
			told++
		}
		if ok && d.Origin != chromium || !ok && chromium == base {
			t.Errorf("%.100q: the judge says %q, %t, Chromium %q", target, d.Origin, ok, chromium)
		}
		within := strings.HasPrefix(d.Path, "/app/")
		if ok && d.Origin == base && within != strings.HasPrefix(got[i].Path, "/app/") {
			t.Errorf("%.100q: the judge says %.100q, Chromium %.100q", target, d.Path, got[i].Path)
		}
	}
	if told < 300 {
		t.Errorf("the judge can tell of %d addresses only", told)
	}
}
