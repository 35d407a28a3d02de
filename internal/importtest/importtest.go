// Package importtest keeps the import rules of the design as a test. It owns
// the rules and the check of them; it never looks at what the code does.
//
// It reads the import lines of the files themselves, whatever their build
// constraints, so that a rule cannot be broken on another platform. Files of
// tests may import what they like.
package importtest

import (
	"cmp"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Package is a package of the module, without its tests.
type Package struct {
	Dir     string // from the module's root, with slashes
	Name    string
	Imports []Import
}

// Import is one import line.
type Import struct {
	Path string
	At   string // file:line
}

// Load reads the packages below the root of module. Folders that the go command
// ignores (testdata, and names that start with . or _) are skipped.
func Load(root fs.FS) ([]Package, error) {
	byDir := map[string]*Package{}
	err := fs.WalkDir(root, ".", func(file string, d fs.DirEntry, err error) error {
		name := path.Base(file)
		switch {
		case err != nil:
			return err
		case d.IsDir() && file != "." && (name == "testdata" || name[0] == '.' || name[0] == '_'):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || name[0] == '.' || name[0] == '_':
			return nil
		}
		return load(root, file, byDir)
	})
	if err != nil {
		return nil, err
	}
	var out []Package
	for _, p := range byDir {
		out = append(out, *p)
	}
	slices.SortFunc(out, func(a, b Package) int { return cmp.Compare(a.Dir, b.Dir) })
	return out, nil
}

func load(root fs.FS, file string, byDir map[string]*Package) error {
	src, err := fs.ReadFile(root, file)
	if err != nil {
		return err
	}
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, file, src, parser.ImportsOnly)
	if err != nil {
		return err
	}
	dir := path.Dir(file)
	p := byDir[dir]
	if p == nil {
		p = &Package{Dir: dir, Name: f.Name.Name}
		byDir[dir] = p
	}
	for _, spec := range f.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		p.Imports = append(p.Imports, Import{imported, fmt.Sprintf("%s:%d", file, set.Position(spec.Pos()).Line)})
	}
	return nil
}
