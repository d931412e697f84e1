package adaptertest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestEveryKindHasAPage: the attacks on pages are made on that of each core.Kind.
func TestEveryKindHasAPage(t *testing.T) {
	kinds := kindsOf(t)
	if len(kinds) < 20 {
		t.Errorf("%d kinds were found in core: %v", len(kinds), kinds)
	}
	for code := range kinds {
		_, there := pages[code]
		if code == "method_not_allowed" { // Logout's own page is of this kind too
			_, also := pages["Sign out?"]
			there = there && also
		}
		if !there {
			t.Errorf("no attack on the page %q: add it to pages", code)
		}
	}
	for name := range pages {
		if !kinds[name] && !strings.Contains(name, " ") {
			t.Errorf("there is no Kind %q", name)
		}
	}
}

// kindsOf reads the codes of all Kinds in core's source.
func kindsOf(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("../../core/*.go")
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			lit, ok := n.(*ast.CompositeLit)
			if !ok || len(lit.Elts) == 0 {
				return true
			}
			if name, ok := lit.Type.(*ast.Ident); !ok || name.Name != "Kind" {
				return true
			}
			if code, ok := lit.Elts[0].(*ast.BasicLit); ok {
				text, err := strconv.Unquote(code.Value)
				if err != nil {
					t.Fatal(err)
				}
				kinds[text] = true
			}
			return true
		})
	}
	return kinds
}
