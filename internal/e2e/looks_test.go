package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// dress gives the tab a width and a colour scheme.
func (b *tab) dress(width int64, scheme string) {
	b.t.Helper()
	b.run(
		emulation.SetDeviceMetricsOverride(width, 844, 1, false),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
	)
	b.until(fmt.Sprintf(`innerWidth === %d && matchMedia("(prefers-color-scheme: %s)").matches`, width, scheme))
}

// dresses calls show for a phone and a desktop, light and dark.
func (b *tab) dresses(show func(name string)) {
	b.t.Helper()
	for _, width := range []int64{390, 1280} {
		for _, scheme := range []string{"light", "dark"} {
			b.dress(width, scheme)
			show(fmt.Sprintf("%d-%s", width, scheme))
		}
	}
}

// TestScreenshots draws every page into out/, and checks that none needs to be
// scrolled sideways.
func TestScreenshots(t *testing.T) {
	if err := os.MkdirAll("out", 0o755); err != nil {
		t.Fatal(err)
	}
	each(t, func(*tab) {}, func(t *testing.T, b *tab, name string) {
		b.dresses(func(dress string) {
			var png []byte
			var overflow int
			b.run(
				chromedp.Evaluate("document.documentElement.scrollWidth - innerWidth", &overflow),
				chromedp.CaptureScreenshot(&png),
			)
			if overflow > 0 && !strings.HasPrefix(name, "frame") { // there the page around it is the test's own
				t.Errorf("%s: %d px wider than the screen", dress, overflow)
			}
			if err := os.WriteFile(filepath.Join("out", name+"-"+dress+".png"), png, 0o644); err != nil {
				t.Fatal(err)
			}
		})
		b.noViolations()
	})
}

// audit runs axe on the page, its frames included, and tells each violation and
// where it is.
const audit = `axe.run().then((r) => r.violations.map((v) => v.id + ' (' + v.impact + '): ' + v.help + ': ' +
	v.nodes.map((n) => n.target.join(' ') + ' ' + n.any.concat(n.all, n.none).map((c) => c.message).join('; ')).join(' | ')))`

// TestAccessibility runs axe on every page in every dress.
func TestAccessibility(t *testing.T) {
	axe := npm(t, "axe-core/axe.min.js")
	free := func(b *tab) { b.run(page.SetBypassCSP(true)) } // the policies of the pages know no axe
	each(t, free, func(t *testing.T, b *tab, name string) {
		at := ""
		if strings.HasPrefix(name, "frame") {
			at = inFrame + ".defaultView."
			b.run(chromedp.Evaluate(inFrame+".defaultView.eval("+quote(axe)+"); 0", nil))
		} else {
			b.run(chromedp.Evaluate(axe+"; 0", nil))
		}
		b.dresses(func(dress string) {
			var violations []string
			b.run(chromedp.Evaluate(at+audit, &violations, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
			for _, v := range violations {
				t.Errorf("%s: %s", dress, v)
			}
		})
	})
}
