package doctest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// goBlock finds the blocks of Go. Those with this comment before them show lines
// side by side that belong to different programs.
var goBlock = regexp.MustCompile("(?s)(<!-- each line for itself -->\n)?```go\n(.*?)```")

// elision is a line of a block in place of lines that the reader can do without.
const elision = "// …"

// squash makes comparing independent of gofmt's alignment and of comments, which
// are in the language of the document.
func squash(s string) string {
	if s = strings.TrimSpace(s); s == elision {
		return s
	}
	code, _, _ := strings.Cut(" "+s, " // ")
	return strings.Join(strings.Fields(code), " ")
}

// squashed returns the lines of code that are left.
func squashed(source string) (lines []string) {
	for line := range strings.Lines(source) {
		if s := squash(line); s != "" {
			lines = append(lines, s)
		}
	}
	return lines
}

// TestCodeBlocksCompile: a block is a whole program, or one run of lines of a test
// of this package, without a gap but where it says so.
func TestCodeBlocksCompile(t *testing.T) {
	var sources [][]string
	for _, source := range read(t, "*_test.go") {
		sources = append(sources, squashed(source))
	}
	for name, text := range documents(t) {
		text = newcomer.ReplaceAllString(text, "") // newcomer_test.go runs them
		for i, m := range goBlock.FindAllStringSubmatch(text, -1) {
			if strings.HasPrefix(m[2], "package ") {
				compile(t, fmt.Sprintf("%s, block %d", name, i+1), m[2])
				continue
			}
			block := squashed(m[2])
			runs := [][]string{block}
			if m[1] != "" {
				runs = nil
				for _, line := range block {
					runs = append(runs, []string{line})
				}
			}
			for _, run := range runs {
				if !compiled(sources, run) {
					t.Errorf("%s: no test of this package compiles, as one piece,\n%s", name, strings.Join(run, "\n"))
				}
			}
		}
	}
}

// compiled reports a source that holds the lines.
func compiled(sources [][]string, lines []string) bool {
	for _, source := range sources {
		for at := range source {
			if runsAt(source[at:], lines) {
				return true
			}
		}
	}
	return false
}

// runsAt reports whether source begins with the lines. An elision stands for as
// many lines of one function as it takes.
func runsAt(source, lines []string) bool {
	for i, line := range lines {
		if line == elision {
			for skip := range source {
				if runsAt(source[skip:], lines[i+1:]) {
					return true
				}
				if strings.HasPrefix(source[skip], "func ") {
					return false
				}
			}
			return false
		}
		if len(source) == 0 || source[0] != line {
			return false
		}
		source = source[1:]
	}
	return true
}

// compile vets a whole program inside this module.
func compile(t *testing.T, name, source string) {
	t.Helper()
	dir, err := os.MkdirTemp(".", "_readme-")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "vet", "./"+dir).CombinedOutput(); err != nil { // #nosec G204 -- a directory made above
		t.Errorf("%s does not compile: %v\n%s", name, err, out)
	}
}
