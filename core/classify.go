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
	if h.Get("Upgrade") != "" {
		return false, false
	}
	mode, dest := h.Get("Sec-Fetch-Mode"), h.Get("Sec-Fetch-Dest")
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
	xhr := h.Get("X-Requested-With") == "XMLHttpRequest"
	return !xhr && strings.Contains(h.Get("Accept"), "text/html"), false
}

func prefetch(h http.Header) bool {
	return strings.Contains(h.Get("Sec-Purpose"), "prefetch") ||
		strings.EqualFold(h.Get("Purpose"), "prefetch") ||
		strings.EqualFold(h.Get("X-Moz"), "prefetch")
}
