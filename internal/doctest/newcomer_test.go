package doctest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// newcomer finds the blocks that README tells a newcomer to paste: files by
// their names, and commands.
var newcomer = regexp.MustCompile("(?s)<!-- newcomer: (\\S+) -->\n```(?:go|sh)\n(.*?)```")

// TestNewcomer does what README says, in its order, and nothing else: commands
// and files in an empty directory outside this module. This checkout takes the
// place of the published module. That `go run ./examples/gin` starts the example
// is in examples/examples_test.go.
func TestNewcomer(t *testing.T) {
	for _, name := range []string{"README.md", "README.zh-CN.md"} {
		t.Run(name, func(t *testing.T) {
			dir, ran := t.TempDir(), ""
			for _, step := range steps(t, name) {
				if step.what != "sh" {
					write(t, filepath.Join(dir, step.what), step.text)
					continue
				}
				for line := range strings.Lines(step.text) {
					command, _, _ := strings.Cut(line, "#")
					newcomerRuns(t, dir, strings.Fields(command))
					ran += command
				}
			}
			for _, command := range []string{"go mod init ", "go mod tidy", "go test ./..."} {
				if !strings.Contains(ran, command) {
					t.Errorf("%s does not say %q", name, command)
				}
			}
			if out, err := goTool(t, dir, "off", "vet", "./..."); err != nil {
				t.Errorf("go vet: %v\n%s", err, out)
			}
		})
	}
}

// newcomerRuns runs one command of README.
func newcomerRuns(t *testing.T, dir string, command []string) {
	t.Helper()
	if len(command) < 2 || command[0] != "go" {
		t.Fatalf("README tells a newcomer to run %q", command)
	}
	here, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	out, err := goTool(t, dir, "off", command[1:]...)
	if err != nil && command[1] == "mod" && command[2] == "tidy" {
		// It asks for what the tests of dependencies import, which building this
		// module has not brought into the cache.
		out, err = goTool(t, dir, "", command[1:]...)
	}
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(command, " "), err, out)
	}
	if command[1] == "mod" && command[2] == "init" {
		if out, err := goTool(t, dir, "off", "mod", "edit", "-replace", "github.com/wecomauth/wecomauth="+here); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
}

// goTool runs the go command as outside any module. A proxy of "off" keeps it to
// the module cache, and to the checkout where a newer release might be published;
// "" is the environment's.
func goTool(t *testing.T, dir, proxy string, args ...string) (out []byte, err error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...) // #nosec G204 -- commands of README
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	if proxy != "" {
		cmd.Env = append(cmd.Env, "GOPROXY="+proxy, "GOSUMDB=off")
	}
	return cmd.CombinedOutput()
}

type step struct{ what, text string }

// steps returns what a README has a newcomer do. A protected route takes fewer
// than ten lines: those of main, and those of the route that name this module. Its
// test takes fewer than fifteen.
func steps(t *testing.T, name string) (list []step) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]string)
	for _, m := range newcomer.FindAllStringSubmatch(string(b), -1) {
		list, files[m[1]] = append(list, step{m[1], m[2]}), m[2]
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
	return list
}

// body returns what is between the braces of a function.
func body(source, function string) string {
	_, rest, _ := strings.Cut(source, function)
	_, rest, _ = strings.Cut(rest, "{\n")
	inside, _, _ := strings.Cut(rest, "\n}\n")
	return inside + "\n"
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
