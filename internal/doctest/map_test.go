package doctest

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestMapOfCore: CONTRIBUTING.md says of every file of core where it belongs.
func TestMapOfCore(t *testing.T) {
	text := read(t, root+"/CONTRIBUTING.md")[root+"/CONTRIBUTING.md"]
	_, table, _ := strings.Cut(text, "## Where things are in `core`")
	table, _, _ = strings.Cut(table, "\n## ")
	named := map[string]bool{"doc.go": true}
	for _, name := range quoted.FindAllStringSubmatch(table, -1) {
		named[name[1]] = true
	}
	for path := range read(t, root+"/core/*.go") {
		if file := filepath.Base(path); !strings.HasSuffix(file, "_test.go") && !named[file] {
			t.Errorf("core/%s is not on the map", file)
		}
	}
	for file := range named {
		if len(read(t, root+"/core/"+file)) == 0 {
			t.Errorf("there is no core/%s", file)
		}
	}
}
