package doctest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// newcomer finds the blocks that README tells a newcomer to paste.
var newcomer = regexp.MustCompile("(?s)<!-- newcomer: (\\S+) -->\n```go\n(.*?)```")

// TestNewcomer does what README says, and nothing else: a new module outside
// this one, its two files, and `go test`.
func TestNewcomer(t *testing.T) {
	for _, name := range []string{"README.md", "README.zh-CN.md"} {
		t.Run(name, func(t *testing.T) {
			dir := newModule(t)
			for file, source := range pasted(t, name) {
				write(t, filepath.Join(dir, file), source)
			}
			run(t, dir, "go", "vet", "./...")
			run(t, dir, "go", "test", "./...")
		})
	}
}

// pasted returns the files of a README. A protected route takes fewer than ten
// lines: those of main, and those of the route that name this module. Its test
// takes fewer than fifteen.
func pasted(t *testing.T, name string) map[string]string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]string)
	for _, m := range newcomer.FindAllStringSubmatch(string(b), -1) {
		files[m[1]] = m[2]
	}
	route := body(files["main.go"], "func routes(")
	n := strings.Count(body(files["main.go"], "func main("), "\n") + strings.Count(route, "ginmw.")
	if route == "\n" || n >= 10 {
		t.Errorf("%s: a protected route takes %d lines", name, n)
	}
	test := body(files["main_test.go"], "func TestMe(")
	if n := strings.Count(test, "\n"); test == "\n" || n >= 15 {
		t.Errorf("%s: its test takes %d lines", name, n)
	}
	return files
}

// body returns what is between the braces of a function.
func body(source, function string) string {
	_, rest, _ := strings.Cut(source, function)
	_, rest, _ = strings.Cut(rest, "{\n")
	inside, _, _ := strings.Cut(rest, "\n}\n")
	return inside + "\n"
}

// newModule is what `go mod init` and `go get` leave, with this checkout in place
// of the published module.
func newModule(t *testing.T) string {
	t.Helper()
	here, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	sums, err := os.ReadFile(filepath.Join(here, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(here, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	_, requires, _ := strings.Cut(string(mod), "\n") // all but its name
	write(t, filepath.Join(dir, "go.sum"), string(sums))
	write(t, filepath.Join(dir, "go.mod"), "module example.com/newcomer\n"+requires+
		"\nrequire github.com/wecomauth/wecomauth v0.0.0\n\nreplace github.com/wecomauth/wecomauth => "+here+"\n")
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}
