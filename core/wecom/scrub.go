package wecom

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	redacted = "***"
	maxText  = 256 // bytes of foreign text in an error
)

// scrubber holds the values that must not appear in a text.
type scrubber []string

// scrub replaces every value in every spelling that an address or a quoted
// message gives it.
func (s scrubber) scrub(text string) string {
	var forms []string
	for _, v := range s {
		quoted := strconv.Quote(v)
		forms = append(forms, v, url.QueryEscape(v), url.PathEscape(v), quoted[1:len(quoted)-1])
		if inJSON, err := json.Marshal(v); err == nil { // with \u0026 for &
			forms = append(forms, string(inJSON[1:len(inJSON)-1]))
		}
	}
	// Longest first: a short code may be part of a token, and must not break
	// it into pieces that are no longer found.
	slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) })
	for _, form := range slices.Compact(forms) {
		if form != "" {
			text = strings.ReplaceAll(text, form, redacted)
		}
	}
	return text
}

// printable makes foreign text fit for a line of a log: at most limit bytes.
func printable(text string, limit int) string {
	return bound(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, strings.ToValidUTF8(text, "?")), limit)
}

// bound cuts valid UTF-8 between two characters.
func bound(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}
