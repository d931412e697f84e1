package doctest

import (
	"regexp"
	"strings"
	"testing"
)

var quoted = regexp.MustCompile("`([^`]+)`")

// TestSecurityTable: every file and every test that docs/security.md names exists.
func TestSecurityTable(t *testing.T) {
	var tests strings.Builder
	for _, source := range read(t, root+"/internal/adaptertest/*.go", root+"/*/*_test.go", root+"/*/*/*_test.go", root+"/*/*/*/*_test.go") {
		tests.WriteString(source)
	}
	text := read(t, root+"/docs/security.md")[root+"/docs/security.md"]
	_, table, _ := strings.Cut(text, "| who | tries |")
	table, _, _ = strings.Cut(table, "\n\n")
	rows := 0
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) != 6 || strings.HasPrefix(cells[1], "-") || strings.HasPrefix(cells[1], " what") {
			continue
		}
		rows++
		names := quoted.FindAllStringSubmatch(cells[4], -1)
		if len(names) == 0 {
			t.Errorf("no test for %s", cells[2])
		}
		for _, name := range names {
			if !strings.Contains(tests.String(), name[1]) {
				t.Errorf("there is no test %q", name[1])
			}
		}
		for _, file := range quoted.FindAllStringSubmatch(cells[3], -1) {
			if strings.HasSuffix(file[1], ".go") && len(read(t, root+"/core/"+file[1])) == 0 {
				t.Errorf("there is no file core/%s", file[1])
			}
		}
	}
	if rows < 20 {
		t.Errorf("%d rows were read", rows)
	}
}
