package internal_test

import (
	"go/ast"
	"go/types"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// architecture returns the lines of docs/architecture.md below a heading.
func architecture(t *testing.T, heading string) []string {
	t.Helper()
	text, err := os.ReadFile("../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(text), "\n## "+heading+"\n")
	section, _, _ = strings.Cut(section, "\n## ")
	if !found || len(section) < 500 {
		t.Fatalf("docs/architecture.md has no section %q", heading)
	}
	return strings.Split(section, "\n")
}

// TestLayoutNamesPackages compares the packages with the table of docs/architecture.md.
func TestLayoutNamesPackages(t *testing.T) {
	t.Parallel()
	listed := map[string]bool{} // "importer/…" lists all below
	quoted := regexp.MustCompile("`([^`]+)`")
	prefix := ""
	for _, line := range architecture(t, "Layout") {
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			continue
		}
		if group := quoted.FindStringSubmatch(cells[1]); group != nil {
			prefix = group[1]
		}
		names := quoted.FindStringSubmatch(cells[2])
		if strings.HasPrefix(prefix, "internal/") && names != nil {
			if prefix == "internal/foundation" {
				names[1] = ""
				for _, name := range quoted.FindAllStringSubmatch(cells[2], -1) {
					names[1] += name[1] + " "
				}
			}
			for name := range strings.FieldsSeq(names[1]) {
				listed[strings.TrimSuffix(prefix+"/"+name, "/"+path.Base(prefix))] = true
			}
		}
	}
	exists := map[string]bool{}
	for _, f := range files(t) {
		group, _ := groupOf(f.pkg)
		if f.test || !strings.HasPrefix(f.pkg, "internal/") || group == "testkit" {
			continue
		}
		exists[f.pkg], exists[path.Dir(f.pkg)+"/…"] = true, true
		if !listed[f.pkg] && !listed[path.Dir(f.pkg)+"/…"] {
			listed[f.pkg] = true
			t.Errorf("the layout in docs/architecture.md lacks the package %s", f.pkg)
		}
	}
	for name := range listed {
		if !exists[name] && strings.Contains(name, "/") {
			t.Errorf("the layout in docs/architecture.md has %s, which does not exist", name)
		}
	}
	if len(listed) < 50 {
		t.Errorf("only %d packages were found in the layout", len(listed))
	}
}

// TestArchitecture checks that the walks and the table "Where does new code go?" name what
// exists: every path, and every name in a file of its step.
func TestArchitecture(t *testing.T) {
	t.Parallel()
	checked := 0
	for _, heading := range []string{"Six walks", "Where does new code go?"} {
		d := newDocument(t)
		for _, block := range blocks(architecture(t, heading)) {
			for _, problem := range d.check(block) {
				t.Errorf("%s: %.60s…: %s", heading, block, problem)
			}
		}
		checked += d.checked
	}
	if checked < 250 {
		t.Errorf("only %d names and paths were found; the check reads docs/architecture.md wrong", checked)
	}
}

// TestArchitectureFindsMistakes shows that the check refuses what it is there for.
func TestArchitectureFindsMistakes(t *testing.T) {
	t.Parallel()
	d := newDocument(t)
	for block, problems := range map[string]int{
		"1. `internal/store/lock.go`: `LockRows` calls `Lock`, and `Load` (`tx.go`).":           0,
		"1. `internal/store/locks.go`: `make generate`":                                         1,
		"1. `internal/store/lock.go`: `LockRow` and `LockItem`":                                 2,
		"1. `internal/store/lock.go`: `LockRows` (`internal/store/tx.go`)":                      1, // used there perhaps, and declared elsewhere
		"| table | `ent/schema/ENTITY.go`, `ent/scheme/ENTITY.go`, `store/policy`, `/readyz` |": 1,
	} {
		if found := d.check(block); len(found) != problems {
			t.Errorf("%s: %q, want %d problems", block, found, problems)
		}
	}
}

// blocks joins the lines of each step, paragraph and row.
func blocks(lines []string) (list []string) {
	begins := regexp.MustCompile(`^(\d+\. |\| |### |Entered )`)
	for i, line := range lines {
		if i == 0 || line == "" || lines[i-1] == "" || begins.MatchString(line) {
			list = append(list, line)
		} else {
			list[len(list)-1] += " " + strings.TrimSpace(line)
		}
	}
	return list
}

// document resolves what docs/architecture.md names.
type document struct {
	paths   map[string]bool   // of all files and folders
	sources map[string]source // by path
	folders []string          // that were named in this walk or row, the last one first
	checked int
}

// source lists the names in a Go file.
type source struct{ used, declared map[string]bool }

func newDocument(t *testing.T) *document {
	t.Helper()
	d := &document{paths: map[string]bool{}, sources: map[string]source{}}
	err := filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && (entry.Name() == ".git" || entry.Name() == "node_modules") {
			return fs.SkipDir
		}
		d.paths[filepath.ToSlash(strings.TrimPrefix(name, "../"))] = true
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files(t) {
		d.sources[f.path] = namesIn(f.syntax)
	}
	return d
}

// namesIn returns the names in a Go file. A method is declared with and without its type.
func namesIn(syntax *ast.File) source {
	s := source{map[string]bool{}, map[string]bool{}}
	declare := func(names ...*ast.Ident) {
		for _, name := range names {
			s.declared[name.Name] = true
		}
	}
	members := func(list *ast.FieldList) {
		for _, member := range list.List {
			declare(member.Names...)
		}
	}
	ast.Inspect(syntax, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			s.used[n.Name] = true
		case *ast.FuncDecl:
			declare(n.Name)
			if n.Recv != nil {
				s.declared[strings.TrimPrefix(types.ExprString(n.Recv.List[0].Type), "*")+"."+n.Name.Name] = true
			}
		case *ast.TypeSpec:
			declare(n.Name)
		case *ast.ValueSpec:
			declare(n.Names...)
		case *ast.StructType:
			members(n.Fields)
		case *ast.InterfaceType:
			members(n.Methods)
		}
		return true
	})
	return s
}

var (
	quotedWords = regexp.MustCompile("`([^`]+)`(?: \\(`([^`]+)`\\))?") // and the path in brackets after it
	pathWord    = regexp.MustCompile(`^[\w.-]+(/[\w.…-]+)+/?$|^[\w-]+\.(go|md|js|yml|txt|txtar|graphqls)$`)
	nameWord    = regexp.MustCompile(`^[A-Za-z_]\w*(\.\w+)?$`)
)

// check returns what a step, a paragraph or a row names that does not exist.
func (d *document) check(block string) (problems []string) {
	if strings.HasPrefix(block, "### ") || strings.HasPrefix(block, "| ") {
		d.folders = nil
	}
	var names, places []string
	place := func(word string) string {
		found := d.resolve(word)
		if d.checked++; found == "" {
			problems = append(problems, word+" does not exist")
		}
		places = append(places, found)
		return found
	}
	for _, match := range quotedWords.FindAllStringSubmatch(block, -1) {
		word, in := match[1], match[2]
		switch {
		case pathWord.MatchString(word):
			place(word)
		case nameWord.MatchString(word) && in == "":
			names = append(names, word)
		}
		if pathWord.MatchString(in) {
			if found := place(in); found != "" && nameWord.MatchString(word) && !d.sources[found].declared[word] {
				problems = append(problems, word+" is not declared in "+found)
			}
		}
	}
	if strings.HasPrefix(block, "### ") {
		return problems // its names are those of the API
	}
	for _, name := range names {
		if d.checked++; !slices.ContainsFunc(places, func(place string) bool { return d.has(place, name) }) {
			problems = append(problems, name+" is in none of "+strings.Join(places, ", "))
		}
	}
	return problems
}

// resolve returns the path of a file or folder that is named in full, from a folder that was
// named before, or by its end; "" if there is none.
func (d *document) resolve(word string) string {
	word = strings.TrimSuffix(word, "/")
	if base := path.Base(word); base == "ENTITY.go" || base == "TYPE.go" {
		word = path.Dir(word)
	}
	candidates := []string{word}
	for _, folder := range d.folders {
		candidates = append(candidates, folder+"/"+word)
	}
	found := ""
	if i := slices.IndexFunc(candidates, func(c string) bool { return d.paths[c] }); i >= 0 {
		found = candidates[i]
	} else {
		for p := range d.paths {
			if strings.HasSuffix(p, "/"+word) && (found == "" || p < found) {
				found = p
			}
		}
	}
	folder := found
	if path.Ext(found) != "" {
		folder = path.Dir(found)
	}
	d.folders = append([]string{folder}, d.folders...)
	return found
}

// has reports whether name occurs in a file, in a file of a folder, or is a folder there.
func (d *document) has(place, name string) bool {
	if place == "" || d.paths[place+"/"+name] {
		return place != ""
	}
	_, last, dotted := strings.Cut(name, ".")
	if !dotted {
		last = name
	}
	for p, s := range d.sources {
		if (p == place || path.Dir(p) == place) && (s.declared[name] || s.used[last]) {
			return true
		}
	}
	if path.Ext(place) == ".go" {
		return false
	}
	text, err := os.ReadFile("../" + place)
	return err == nil && regexp.MustCompile(`\b`+last+`\b`).Match(text)
}
