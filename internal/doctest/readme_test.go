// Package doctest checks that the documents tell the truth: code compiles,
// links resolve, and the configuration table is core.Config.
package doctest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/wecomauth/wecomauth/core"
)

const root = "../.."

func documents(t *testing.T) map[string]string {
	t.Helper()
	docs := read(t, root+"/*.md", root+"/docs/*.md", root+"/examples/*/*.md")
	if len(docs) < 4 {
		t.Fatalf("only %d documents found", len(docs))
	}
	return docs
}

// read returns files by their paths.
func read(t *testing.T, patterns ...string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	for _, pattern := range patterns {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range paths {
			b, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			files[p] = string(b)
		}
	}
	return files
}

var goBlock = regexp.MustCompile("(?s)```go\n(.*?)```")

// squash makes comparing independent of gofmt's alignment and of comments, which
// are in the language of the document.
func squash(s string) string {
	code, _, _ := strings.Cut(s, " // ")
	return strings.Join(strings.Fields(code), " ")
}

func TestCodeBlocksCompile(t *testing.T) {
	compiled := make(map[string]bool)
	for _, source := range read(t, "*_test.go") {
		for line := range strings.Lines(source) {
			compiled[squash(line)] = true
		}
	}
	for name, text := range documents(t) {
		text = newcomer.ReplaceAllString(text, "") // newcomer_test.go runs them
		for i, m := range goBlock.FindAllStringSubmatch(text, -1) {
			if strings.HasPrefix(m[1], "package ") {
				compile(t, fmt.Sprintf("%s, block %d", name, i+1), m[1])
				continue
			}
			for line := range strings.Lines(m[1]) {
				if line = squash(line); line != "" && !compiled[line] {
					t.Errorf("%s: %q is compiled in no test of this package", name, line)
				}
			}
		}
	}
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

var link = regexp.MustCompile(`\]\(([^)#]+)(#[^)]*)?\)`)

func TestLinksResolve(t *testing.T) {
	for name, text := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(name), m[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", name, m[1])
			}
		}
	}
}

// TestConfigTable: the table of each README has a row for each field of core.Config,
// in order, and the defaults are those of the code.
func TestConfigTable(t *testing.T) {
	defaults := map[string]string{
		"AfterLogout":     "`" + core.DefaultAfterLogout + "`",
		"Lifetime":        core.DefaultLifetime.String(),
		"StoreTimeout":    core.DefaultStoreTimeout.String(),
		"ExchangeTimeout": core.DefaultExchangeTimeout.String(),
	}
	for name, text := range read(t, root+"/README*.md") {
		checkConfigTable(t, name, text, defaults)
	}
}

func checkConfigTable(t *testing.T, doc, text string, defaults map[string]string) {
	t.Helper()
	_, table, _ := strings.Cut(text, "<!-- config")
	table, _, _ = strings.Cut(table, "<!-- end config")
	var rows [][]string
	for line := range strings.Lines(table) {
		if cells := strings.Split(line, "|"); strings.HasPrefix(line, "| `") {
			rows = append(rows, []string{strings.Trim(cells[1], " `"), strings.TrimSpace(cells[2])})
		}
	}
	config := reflect.TypeFor[core.Config]()
	if len(rows) != config.NumField() {
		t.Errorf("%s: %d rows for %d fields", doc, len(rows), config.NumField())
	}
	for i, row := range rows[:min(len(rows), config.NumField())] {
		if name := config.Field(i).Name; row[0] != name {
			t.Errorf("%s: row %d is %s, the field is %s", doc, i+1, row[0], name)
		}
		if want, ok := defaults[row[0]]; ok && row[1] != want {
			t.Errorf("%s: %s: the table says %s, the code %s", doc, row[0], row[1], want)
		}
	}
}
