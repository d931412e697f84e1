package core

import (
	"net/http"
	"strings"
)

// classify tells a person who opens a page from a program that calls one, by
// the headers that browsers do not let scripts forge first.
// html is whether an answer should be a page rather than JSON.
func classify(r *http.Request) (v visit, html bool) {
	page, frame := navigates(r.Header)
	html = page || frame
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		return visitUnsafe, html
	case r.Method == http.MethodHead || prefetch(r.Header):
		return visitPassive, html
	case frame:
		return visitFrame, html
	case page:
		return visitPage, html
	default:
		return visitAPI, false
	}
}

// navigates reports a top-level page load, or one in a frame.
func navigates(h http.Header) (page, frame bool) {
	if first(h, "Upgrade") != "" {
		return false, false
	}
	mode, dest := first(h, "Sec-Fetch-Mode"), first(h, "Sec-Fetch-Dest")
	switch {
	case dest == "iframe" || dest == "frame" || dest == "embed" || dest == "object" || dest == "fencedframe":
		return false, true
	case mode == "navigate":
		return true, false
	case mode != "" || dest != "":
		return dest == "document", false
	}
	// No fetch metadata: an old WebView, or a program. Android WebViews send
	// their package's name in X-Requested-With, so only the exact value counts.
	xhr := first(h, "X-Requested-With") == "XMLHttpRequest"
	return !xhr && strings.Contains(first(h, "Accept"), "text/html"), false
}

func prefetch(h http.Header) bool {
	return strings.Contains(first(h, "Sec-Purpose"), "prefetch") ||
		strings.EqualFold(first(h, "Purpose"), "prefetch") ||
		strings.EqualFold(first(h, "X-Moz"), "prefetch")
}

// first is h.Get for a name that is in its canonical form.
func first(h http.Header, name string) string {
	if v := h[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}
