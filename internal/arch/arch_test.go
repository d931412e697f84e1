// Package arch holds the tests of how this module is built: who imports whom,
// and how large things may grow.
package arch

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/wecomauth/wecomauth"

// pkg is what `go list -json` says of a package.
type pkg struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
	Deps         []string
	Standard     bool
}

func list(t *testing.T, args ...string) map[string]pkg {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list", "-json=ImportPath,Imports,TestImports,XTestImports,Deps,Standard"}, args...)...).Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	all := make(map[string]pkg)
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var p pkg
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all[p.ImportPath] = p
	}
	return all
}

// allowed says what each package may import from outside the standard library.
// A package that is not listed may import nothing; examples and tests are free.
var allowed = map[string][]string{
	"core":            {"github.com/alexedwards/scs/v2", "golang.org/x/sync/semaphore", "rsc.io/qr"},
	"core/wecom":      {"core", "golang.org/x/sync/singleflight"},
	"core/wecomtest":  {"core", "core/wecom"},
	"core/redisstore": {"github.com/alexedwards/scs/v2", "github.com/redis/rueidis"},
	"ginmw":           {"core", "github.com/gin-gonic/gin"},
	"echomw":          {"core", "github.com/labstack/echo/v4"},
	"echomw/echov5":   {"core", "github.com/labstack/echo/v5"},
	"nethttpmw":       {"core"},
}

func TestImportArrows(t *testing.T) {
	std := list(t, "std")
	for path, p := range list(t, module+"/...") {
		name := strings.TrimPrefix(path, module+"/")
		if strings.HasPrefix(name, "examples/") || strings.HasPrefix(name, "internal/") {
			continue
		}
		for _, imp := range p.Imports {
			if _, ok := std[imp]; ok {
				continue
			}
			if !slices.Contains(allowed[name], strings.TrimPrefix(imp, module+"/")) {
				t.Errorf("%s imports %s, which its place in the layout does not allow", name, imp)
			}
		}
	}
}

func TestCoreAndNetHTTPKnowNoFramework(t *testing.T) {
	for path, p := range list(t, module+"/core", module+"/nethttpmw", module+"/ginmw", module+"/echomw") {
		own := strings.HasSuffix(path, "ginmw") || strings.HasSuffix(path, "echomw")
		for _, dep := range p.Deps {
			if !own && (strings.Contains(dep, "gin-gonic") || strings.Contains(dep, "labstack")) || strings.Contains(dep, "rueidis") {
				t.Errorf("%s depends on %s", path, dep)
			}
		}
	}
}

// TestDirectDependencies: what a user's go.sum has to trust grows by decision,
// not by accident.
func TestDirectDependencies(t *testing.T) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{if not (or .Indirect .Main)}}{{.Path}}{{end}}", "all").Output()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"github.com/alexedwards/scs/v2", "github.com/gin-gonic/gin", "github.com/labstack/echo/v4",
		"github.com/labstack/echo/v5", "github.com/redis/rueidis", "golang.org/x/sync", "rsc.io/qr",
	}
	if got := strings.Fields(string(out)); !slices.Equal(got, want) {
		t.Errorf("direct dependencies %q, want %q", got, want)
	}
}

// TestSizes: functions of at most 45 lines, files of at most 250.
func TestSizes(t *testing.T) {
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		lines := func(n ast.Node) int { return fset.Position(n.End()).Line - fset.Position(n.Pos()).Line + 1 }
		if n := fset.Position(file.FileEnd).Line; n > 251 {
			t.Errorf("%s has %d lines", path, n)
		}
		if strings.HasSuffix(path, "_test.go") || strings.Contains(path, "adaptertest") {
			return nil
		}
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && lines(f) > 45 {
				t.Errorf("%s: %s has %d lines", path, f.Name.Name, lines(f))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
