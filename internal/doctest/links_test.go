package doctest

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

var (
	link    = regexp.MustCompile(`\]\(([^)#\s]*)(?:#([^)\s]*))?\)`)
	fence   = regexp.MustCompile("(?ms)^```.*?^```")
	heading = regexp.MustCompile(`(?m)^#{1,6} +(.+?) *$`)
)

// TestLinksResolve: the files and the headings that documents link to are there.
func TestLinksResolve(t *testing.T) {
	docs := documents(t)
	for name, text := range docs {
		for _, m := range link.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
			path, anchor := m[1], m[2]
			if strings.Contains(path, "://") {
				continue
			}
			target := name
			if path != "" {
				target = filepath.Join(filepath.Dir(name), path)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s, which is not there", name, path)
				continue
			}
			if anchor != "" && !anchors(docs[filepath.ToSlash(target)])[anchor] {
				t.Errorf("%s links to %s#%s: no such heading", name, path, anchor)
			}
		}
	}
}

// anchors returns the names that GitHub gives the headings of a document.
func anchors(text string) map[string]bool {
	found, count := make(map[string]bool), make(map[string]int)
	for _, m := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		slug := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			default:
				return -1
			}
		}, link.ReplaceAllString(m[1], "]"))
		name := slug
		if n := count[slug]; n > 0 {
			name = fmt.Sprintf("%s-%d", slug, n)
		}
		count[slug]++
		found[name] = true
	}
	return found
}

var (
	started = regexp.MustCompile(`(?:cd (\S+) && )?go run \./(\S+?)[` + "`" + `\s]`)
	made    = regexp.MustCompile("`make ([a-z0-9]+)|(?m)^make ([a-z0-9]+)")
)

// TestCommandsExist: so are the programs and the make targets that they name.
func TestCommandsExist(t *testing.T) {
	makefile := read(t, root+"/Makefile")[root+"/Makefile"]
	for name, text := range documents(t) {
		for _, m := range started.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(root, m[1], m[2])); err != nil {
				t.Errorf("%s: there is no program to %q", name, m[0])
			}
		}
		for _, m := range made.FindAllStringSubmatch(text, -1) {
			if target := m[1] + m[2]; !strings.Contains(makefile, "\n"+target+": ") {
				t.Errorf("%s: make has no target %q", name, target)
			}
		}
	}
}
