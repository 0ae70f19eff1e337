// Package internal_test holds the house to its map, docs/architecture.md.
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
	"testing"
)

const module = "github.com/tonggao/tonggao/"

// file is one hand-written Go file.
type file struct {
	path    string // from the top of the repository
	room    string // its folder
	test    bool
	imports []string
	lines   int
	syntax  *ast.File
	set     *token.FileSet
}

// files is all hand-written Go files.
func files(t *testing.T) (list []file) {
	t.Helper()
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		rel := filepath.ToSlash(strings.TrimPrefix(name, "../"))
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || generated(rel) {
			return err
		}
		set := token.NewFileSet()
		syntax, err := parser.ParseFile(set, name, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		f := file{path: rel, room: path.Dir(rel), test: strings.HasSuffix(rel, "_test.go"),
			lines: set.File(syntax.Pos()).LineCount(), syntax: syntax, set: set}
		for _, spec := range syntax.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			f.imports = append(f.imports, imported)
		}
		list = append(list, f)
		return nil
	})
	if err != nil || len(list) < 100 {
		t.Fatalf("%d files, %v", len(list), err)
	}
	return list
}

func generated(rel string) bool {
	return strings.HasPrefix(rel, "ent/") && !strings.HasPrefix(rel, "ent/schema/") ||
		strings.HasPrefix(rel, "graph/generated/") || rel == "graph/model/generated.go"
}

// The rooms of the house. Services do not know one another.
var (
	services = []string{"article", "category", "publisher", "region", "comment", "report", "measure", "person", "media", "site", "views", "auth", "webhook", "notice"}
	ground   = []string{"instant", "gid", "terminal", "fault", "viewer", "request", "mask", "maybe", "slug", "label",
		"bigram", "workday", "wordfilter", "sibling", "gate", "seal", "outbound", "signature", "ipregion", "captcha", "qrcode", "body", "body/htmlin", "body/mdin", "body/render", "body/hostile",
		"media/address", "media/raster"}
)

func in(rooms []string, room string) bool {
	return slices.Contains(rooms, strings.TrimPrefix(room, "internal/"))
}

// TestWhoMayKnowWhom checks the arrows of docs/architecture.md in the program, not
// in its tests.
func TestWhoMayKnowWhom(t *testing.T) {
	t.Parallel()
	for _, f := range files(t) {
		if f.test {
			continue
		}
		for _, imported := range f.imports {
			if why := forbidden(f.room, imported); why != "" {
				t.Errorf("%s imports %s: %s", f.path, imported, why)
			}
		}
	}
}

func forbidden(room, imported string) string {
	inside := strings.TrimPrefix(imported, module)
	isOurs := inside != imported
	faces := room == "internal/app" || room == "internal/cli" || strings.HasPrefix(room, "cmd/")
	switch {
	case strings.HasPrefix(imported, "github.com/99designs/gqlgen") && !strings.HasPrefix(room, "graph") && room != "internal/telemetry":
		return "only graph and telemetry know gqlgen"
	case (imported == "github.com/mattn/go-sqlite3" || strings.HasPrefix(imported, "github.com/jackc/pgx")) &&
		room != "internal/store" && room != "internal/storetest":
		return "only store and storetest open databases"
	case inside == "internal/config" && !faces && room != "internal/app/apptest":
		return "only cli and app read the configuration"
	case inside == "internal/app" && room != "internal/cli" && room != "internal/app/apptest":
		return "nothing but cli starts the program"
	case strings.HasPrefix(room, "internal/server") && (strings.HasPrefix(inside, "graph") || strings.HasPrefix(inside, "ent") && isOurs):
		return "the server is handed handlers"
	case in(services, room) && isOurs && in(services, inside):
		return "services do not import one another; hand in an interface"
	case in(ground, room) && isOurs && (strings.HasPrefix(inside, "ent") || strings.HasPrefix(inside, "graph") ||
		strings.HasPrefix(inside, "internal/") && !in(ground, inside)):
		return "the ground rests on nothing above it"
	case strings.HasPrefix(room, "examples/") && isOurs && !strings.HasPrefix(inside, room+"/"):
		return "examples know the public contract only"
	case room == "ent/schema" && isOurs && !in(ground, inside):
		return "the content model has leaf imports only"
	}
	return ""
}

// TestTheStyleOfTheHouse checks what a reader relies on: packages that say what
// they are for, under names that mean something, in files and functions that can
// be read at one sitting.
func TestTheStyleOfTheHouse(t *testing.T) {
	t.Parallel()
	documented := map[string]bool{}
	for _, f := range files(t) {
		documented[f.room] = documented[f.room] || f.syntax.Doc != nil || f.test
		if slices.Contains([]string{"util", "utils", "common", "helper", "helpers", "shared", "base", "manager"}, path.Base(f.room)) {
			t.Errorf("%s: the name says nothing", f.room)
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
	for room, ok := range documented {
		if !ok {
			t.Errorf("package %s does not say what it is for", room)
		}
	}
}
