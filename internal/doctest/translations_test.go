package doctest

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	anyBlock = regexp.MustCompile("(?ms)^```([a-z]*)\n(.*?)^```")
	comment  = regexp.MustCompile(`(^|\s+)(//|#) .*`)
)

// TestTranslations: a Chinese document has the blocks of the English one, but for
// their comments and for texts that people read, and each links to the other.
func TestTranslations(t *testing.T) {
	docs := documents(t)
	for name, text := range docs {
		english := strings.TrimSuffix(name, ".zh-CN.md") + ".md"
		if !strings.HasSuffix(name, ".zh-CN.md") || strings.HasSuffix(name, "errors.zh-CN.md") { // generated
			continue
		}
		ours, theirs := blocks(text), blocks(docs[english])
		if !slices.Equal(ours, theirs) {
			t.Errorf("%s has other blocks than %s:\n%q\n%q", name, english, ours, theirs)
		}
		for from, to := range map[string]string{name: english, english: name} {
			if !strings.Contains(docs[from], "]("+filepath.Base(to)+")") {
				t.Errorf("%s does not link to %s", from, to)
			}
		}
	}
}

// blocks returns the code of a document, line by line, with the language of each
// block. Diagrams and the output of programs are text.
func blocks(text string) (lines []string) {
	for _, m := range anyBlock.FindAllStringSubmatch(text, -1) {
		if m[1] == "mermaid" {
			continue
		}
		lines = append(lines, m[1])
		for line := range strings.Lines(m[2]) {
			code := strings.TrimSpace(comment.ReplaceAllString(line, ""))
			if code = strings.Join(strings.Fields(code), " "); code != "" && !strings.Contains(code, "c.String(200, ") {
				lines = append(lines, code)
			}
		}
	}
	return lines
}
