// Package doctest checks that the documents tell the truth: code compiles,
// links resolve, and the configuration table is core.Config.
package doctest

import (
	"os"
	"path/filepath"
	"reflect"
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
