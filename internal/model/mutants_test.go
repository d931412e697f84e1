package model

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// A mutant is the module without one of its guards.
type mutant struct {
	by       string // the package whose tests find it, and which of them: quicker than all
	file     string // its path below the module's root
	guard    string // what is taken away
	old, new string // old is in the file once
}

var chosen = flag.String("mutants", "", "build the mutants whose guard matches this regular expression, and see that tests find them")

// source returns the file with the mutant in it, and where it is.
func (m mutant) source(t *testing.T) (path, text string) {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "..", filepath.FromSlash(m.file)))
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(b), m.old); n != 1 || m.old == m.new {
		t.Errorf("%s: %s: the text to replace is there %d times: bring the table up to date", m.file, m.guard, n)
	}
	return path, strings.Replace(string(b), m.old, m.new, 1)
}

// TestTheTableOfMutants keeps the table from rotting.
func TestTheTableOfMutants(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range mutants {
		m.source(t)
		if seen[m.guard] {
			t.Errorf("two mutants take away %q", m.guard)
		}
		seen[m.guard] = true
	}
}

// suites are asked in this order, after the one that the table names.
var suites = []string{inModel, "core", "nethttpmw"}

// slow tests find no mutant that quicker ones do not.
const slow = "^(TestRecheckDay|TestColdStart|TestForgedCodes|TestExchangesForget)$"

const inModel = "internal/model TestEveryScript"

// TestMutants takes minutes: make mutants.
func TestMutants(t *testing.T) {
	if *chosen == "" {
		t.Skip("it takes minutes: make mutants")
	}
	wanted := regexp.MustCompile(*chosen)
	withoutMutants(t, wanted)
	began, lines, found := time.Now(), make([]string, len(mutants)), make([]string, len(mutants))
	t.Run("each", func(t *testing.T) {
		for i, m := range mutants {
			if !wanted.MatchString(m.guard) {
				continue
			}
			t.Run(m.guard, func(t *testing.T) {
				t.Parallel()
				found[i] = m.foundBy(t)
				lines[i] = fmt.Sprintf("%-26.26s  %-28s  %s", found[i], m.file, m.guard)
				if found[i] == "" {
					t.Errorf("no test misses this guard of %s", m.file)
				}
			})
		}
	})
	count := map[string]int{}
	for i, by := range found {
		if lines[i] != "" {
			count[by]++
		}
	}
	lines = slices.DeleteFunc(lines, func(line string) bool { return line == "" })
	t.Logf("found by, file, the guard that was taken away:\n%s\n%d mutants, found by %v, in %v",
		strings.Join(lines, "\n"), len(lines), count, time.Since(began).Round(time.Second))
}

var notBuilt = regexp.MustCompile(`\[(build|setup) failed\]`)

// foundBy builds the mutant beside the tree and returns the first suite that fails.
func (m mutant) foundBy(t *testing.T) string {
	t.Helper()
	path, text := m.source(t)
	dir := t.TempDir()
	mutated, overlay := filepath.Join(dir, filepath.Base(m.file)), filepath.Join(dir, "overlay.json")
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{path: mutated}})
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{mutated: []byte(text), overlay: replace} {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, suite := range append([]string{m.by}, suites...) {
		pkg, run := where(suite)
		out, err := goTest("-overlay", overlay, "-failfast", "-vet=off", "-run", run, "-skip", slow, "./"+pkg)
		switch {
		case notBuilt.Match(out):
			t.Fatalf("%s: %s: it does not build:\n%s", m.file, m.guard, out)
		case err != nil && suite == m.by:
			return suite
		case err != nil:
			t.Logf("found by %s, not by %q: bring the table up to date: %s", suite, m.by, lastFailure(out))
			return suite
		}
	}
	return ""
}

// withoutMutants: a suite that fails anyway, or skips everything, finds nothing.
func withoutMutants(t *testing.T, wanted *regexp.Regexp) {
	seen := map[string]bool{}
	for _, m := range mutants {
		if !wanted.MatchString(m.guard) || seen[m.by] {
			continue
		}
		seen[m.by] = true
		pkg, run := where(m.by)
		out, err := goTest("-vet=off", "-v", "-run", run, "-skip", slow, "./"+pkg)
		if err != nil || !bytes.Contains(out, []byte("--- PASS: ")) {
			t.Errorf("%q does not pass on the module as it is, or has no test: %.2000s", m.by, out)
		}
	}
}

// where splits a suite's name into its package and the pattern for -run.
func where(suite string) (pkg, run string) {
	pkg, run, _ = strings.Cut(suite, " ")
	return pkg, run
}

func goTest(args ...string) ([]byte, error) {
	cmd := exec.Command("go", append([]string{"test", "-short", "-timeout", "5m"}, args...)...)
	cmd.Dir = filepath.Join("..", "..")
	return cmd.CombinedOutput()
}

var failure = regexp.MustCompile(`(?m)^ *--- FAIL: (\S+)`)

// lastFailure is the innermost test that failed.
func lastFailure(out []byte) string {
	all := failure.FindAllSubmatch(out, -1)
	if len(all) == 0 {
		return "the run ended early"
	}
	return string(all[len(all)-1][1])
}
