package doctest

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

var (
	quoted   = regexp.MustCompile("`([^`]+)`")
	testFunc = regexp.MustCompile(`^(Test|Fuzz)[A-Z]\w*$`)
	place    = regexp.MustCompile(`^([\w/]+\.go)(?:: (\w+(?:, \w+)*))?$`) // a file and functions in it
)

const securityPage = root + "/docs/security.md"

// testSources are all tests of this module, and those of the modules within it.
func testSources(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, source := range read(t, root+"/internal/adaptertest/*.go", root+"/*/*_test.go", root+"/*/*/*_test.go", root+"/*/*/*/*_test.go") {
		all.WriteString(source)
	}
	return all.String()
}

// isTest reports a test function, or a subtest by the whole of its name.
func isTest(sources, name string) bool {
	if testFunc.MatchString(name) {
		return strings.Contains(sources, "\nfunc "+name+"(")
	}
	return strings.Contains(sources, fmt.Sprintf("%q", name))
}

// TestSecurityTable: every file, every function and every test that docs/security.md
// names exists.
func TestSecurityTable(t *testing.T) {
	sources := testSources(t)
	_, table, _ := strings.Cut(read(t, securityPage)[securityPage], "| who | tries |")
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
			if !isTest(sources, name[1]) {
				t.Errorf("there is no test %q", name[1])
			}
		}
		checkPlaces(t, cells[3])
	}
	if rows < 20 {
		t.Errorf("%d rows were read", rows)
	}
}

// checkPlaces finds what a cell names: `file.go: function, function`.
func checkPlaces(t *testing.T, cell string) {
	t.Helper()
	for _, span := range quoted.FindAllStringSubmatch(cell, -1) {
		m := place.FindStringSubmatch(span[1])
		switch {
		case m == nil:
			if strings.Contains(span[1], ".go") {
				t.Errorf("%q is no file with functions", span[1])
			}
			continue
		case m[2] == "":
			t.Errorf("which function of %s?", m[1])
		}
		path := root + "/core/" + m[1]
		source := read(t, path)[path]
		for name := range strings.SplitSeq(m[2], ", ") {
			if !regexp.MustCompile(`(?m)^func (\([^)]*\) )?` + name + `\(`).MatchString(source) {
				t.Errorf("core/%s has no function %q", m[1], name)
			}
		}
	}
}

// TestSecurityFigures: those that the source tells.
func TestSecurityFigures(t *testing.T) {
	text := read(t, securityPage)[securityPage]
	fuzz := len(regexp.MustCompile(`(?m)^func Fuzz[A-Z]\w*\(f \*testing\.F\)`).FindAllString(testSources(t), -1))
	mutants := 0
	for _, source := range read(t, root+"/internal/model/mutants_*_test.go") {
		mutants += len(regexp.MustCompile(`(?m)^\t\{(?:inModel|"[^"]+"), "[a-z0-9/]+\.go", "`).FindAllString(source, -1))
	}
	for _, row := range []string{
		fmt.Sprintf("| fuzz targets, for every parser of what comes from outside | %d |", fuzz),
		fmt.Sprintf("| guards taken away, one at a time | %d, each found by a test |", mutants),
	} {
		if !strings.Contains(text, row) {
			t.Errorf("docs/security.md lacks the row %q", row)
		}
	}
}
