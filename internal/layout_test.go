// Package internal_test checks the layout, the dependency order and the language of
// the whole project against docs/architecture.md.
package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/tonggao/tonggao/"

// file is one hand-written Go file.
type file struct {
	path    string // from the top of the repository
	pkg     string // its folder
	test    bool
	imports []string
	lines   int
	syntax  *ast.File
	set     *token.FileSet
}

// files returns all hand-written Go files.
func files(t *testing.T) []file {
	t.Helper()
	list, err := parsed()
	if err != nil || len(list) < 100 {
		t.Fatalf("%d files, %v", len(list), err)
	}
	return list
}

// parsed parses the files once for all tests.
var parsed = sync.OnceValues(func() (list []file, err error) {
	err = filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		rel := filepath.ToSlash(strings.TrimPrefix(name, "../"))
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || generated(rel) {
			return err
		}
		set := token.NewFileSet()
		syntax, err := parser.ParseFile(set, name, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		f := file{path: rel, pkg: path.Dir(rel), test: strings.HasSuffix(rel, "_test.go"),
			lines: set.File(syntax.Pos()).LineCount(), syntax: syntax, set: set}
		for _, spec := range syntax.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			f.imports = append(f.imports, imported)
		}
		list = append(list, f)
		return nil
	})
	return list, err
})

func generated(rel string) bool {
	return strings.HasPrefix(rel, "ent/") && !strings.HasPrefix(rel, "ent/schema/") ||
		strings.HasPrefix(rel, "graph/generated/") || rel == "graph/model/generated.go"
}

// groups is the dependency order: a package may import its own group and those to
// the right of it. api and sync share a place and do not import each other; so do
// body and ent. Tests, and testkit, which only tests import, are free.
var groups = [][]string{{"cmd"}, {"app"}, {"graph"}, {"api", "sync"}, {"content"}, {"moderation"}, {"store"}, {"body", "ent"}, {"foundation"}}

// groupOf returns the group of a package, and its place in the order; -1 for none.
func groupOf(pkg string) (string, int) {
	first, rest, _ := strings.Cut(pkg, "/")
	if first == "internal" {
		first, _, _ = strings.Cut(rest, "/")
	}
	return first, slices.IndexFunc(groups, func(place []string) bool { return slices.Contains(place, first) })
}

func TestDependencyOrder(t *testing.T) {
	t.Parallel()
	for _, f := range files(t) {
		if group, place := groupOf(f.pkg); place < 0 && group != "testkit" && group != "examples" && f.pkg != "internal" {
			t.Errorf("%s: %q is none of the groups", f.path, group)
		}
		if f.test {
			continue
		}
		for _, imported := range f.imports {
			if why := forbidden(f.pkg, imported); why != "" {
				t.Errorf("%s imports %s: %s", f.path, imported, why)
			}
		}
	}
}

// TestForbidden shows that the rules refuse what they are there for.
func TestForbidden(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pkg, imported string
		forbidden     bool
	}{
		{"internal/foundation/input", module + "internal/content/article", true},
		{"internal/foundation/input", module + "internal/foundation/fault", false},
		{"internal/store", module + "internal/store/policy", false},
		{"internal/store", module + "internal/moderation/report", true},
		{"internal/body", module + "ent", true},
		{"internal/api/feeds", module + "internal/sync/webhook", true},
		{"internal/content/article", module + "internal/content/comment", true},
		{"internal/content/media/s3", module + "internal/content/media", false},
		{"internal/content/article", module + "internal/testkit/storetest", true},
		{"internal/testkit/apptest", module + "internal/app", false},
		{"internal/store/audit", "github.com/mattn/go-sqlite3", true},
		{"internal/content/article", "github.com/99designs/gqlgen/graphql", true},
		{"internal/api/graphqlhttp", "github.com/99designs/gqlgen/graphql", false},
		{"internal/sync/webhook", module + "internal/app/config", true},
		{"internal/api/server", module + "ent", true},
		{"ent/schema", module + "internal/foundation/instant", false},
		{"examples/wap", module + "internal/app", true},
	} {
		if why := forbidden(c.pkg, c.imported); (why != "") != c.forbidden {
			t.Errorf("%s imports %s: %q", c.pkg, c.imported, why)
		}
	}
}

// forbidden returns why pkg may not import imported; "" if it may.
func forbidden(pkg, imported string) string {
	group, place := groupOf(pkg)
	inside, ours := strings.CutPrefix(imported, module)
	switch {
	case strings.HasPrefix(imported, "github.com/99designs/gqlgen") && group != "graph" && !slices.Contains([]string{"internal/api/execution", "internal/api/graphqlhttp", "internal/api/telemetry"}, pkg):
		return "only graph, execution, graphqlhttp and telemetry import gqlgen"
	case (imported == "github.com/mattn/go-sqlite3" || strings.HasPrefix(imported, "github.com/jackc/pgx")) &&
		pkg != "internal/store" && pkg != "internal/testkit/storetest" && pkg != "internal/testkit/faultproxy":
		return "only store opens databases"
	case !ours || group == "testkit":
		return ""
	case group == "examples":
		if !strings.HasPrefix(inside, pkg+"/") {
			return "examples know the public contract only"
		}
		return ""
	}
	theirs, below := groupOf(inside)
	switch {
	case theirs == "testkit":
		return "only tests import testkit"
	case below < place || below == place && theirs != group:
		return group + " may not import " + theirs + "; the order is in groups"
	case group == "content" && theirs == "content" && service(pkg) != service(inside):
		return "services do not import one another; declare an interface and let app provide it"
	case inside == "internal/app/config" && group != "app" && group != "cmd":
		return "only app reads the configuration"
	case pkg == "internal/api/server" && theirs == "ent":
		return "the server is given handlers"
	}
	return ""
}

// service returns the noun that a package of content belongs to: content/media for content/media/s3.
func service(pkg string) string { return strings.Join(strings.SplitN(pkg, "/", 4)[:3], "/") }

// TestLines checks that the tests, with the test kit that only they import, have at least 80
// lines for 100 lines of code.
func TestLines(t *testing.T) {
	t.Parallel()
	code, kit, tests := 0, 0, 0
	for _, f := range files(t) {
		switch group, _ := groupOf(f.pkg); {
		case f.test:
			tests += f.lines
		case group == "testkit":
			kit += f.lines
		default:
			code += f.lines
		}
	}
	t.Logf("%d hand-written lines of code, %d of the test kit, %d of tests", code, kit, tests)
	if (tests+kit)*100 < code*80 {
		t.Errorf("%d lines of tests and of their kit for %d of code", tests+kit, code)
	}
}

// TestStyle checks what a reader relies on: packages that say what
// they are for, under names that mean something, in files and functions that can
// be read at one sitting.
func TestStyle(t *testing.T) {
	t.Parallel()
	documented := map[string]bool{}
	for _, f := range files(t) {
		documented[f.pkg] = documented[f.pkg] || f.syntax.Doc != nil || f.test
		if slices.Contains([]string{"util", "utils", "common", "helper", "helpers", "shared", "base", "manager"}, path.Base(f.pkg)) {
			t.Errorf("%s: the name says nothing", f.pkg)
		}
		if f.lines > 400 {
			t.Errorf("%s has %d lines; divide it by concept (at most 400)", f.path, f.lines)
		}
		for _, d := range f.syntax.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if n := f.set.Position(fn.End()).Line - f.set.Position(fn.Pos()).Line + 1; n > 100 {
				t.Errorf("%s: %s has %d lines (at most 100)", f.path, fn.Name.Name, n)
			}
		}
	}
	for pkg, ok := range documented {
		if !ok {
			t.Errorf("package %s has no package comment", pkg)
		}
	}
}

// roles is the role constants of foundation/viewer.
var roles = []string{"Anonymous", "Reader", "Publisher", "Editor", "Moderator", "Integrator", "Admin"}

// TestRolesAreNamedInOneTable checks that only store/policy compares roles: other packages
// ask policy.Require or policy.Allows. App names them for the tokens of the demo.
func TestRolesAreNamedInOneTable(t *testing.T) {
	t.Parallel()
	named := 0
	for _, f := range files(t) {
		group, _ := groupOf(f.pkg)
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			role, ok := n.(*ast.SelectorExpr)
			if !ok || !slices.Contains(roles, role.Sel.Name) {
				return true
			}
			if pkg, ok := role.X.(*ast.Ident); !ok || pkg.Name != "viewer" {
				return true
			}
			named++
			if !f.test && group != "app" && group != "testkit" && f.pkg != "internal/store/policy" && f.pkg != "internal/foundation/viewer" {
				t.Errorf("%s names viewer.%s: ask policy.Require or policy.Allows instead", f.set.Position(n.Pos()), role.Sel.Name)
			}
			return true
		})
	}
	if named < 20 {
		t.Errorf("only %d role constants were found; the check reads the source wrong", named)
	}
}
