package policy_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/internal/foundation/redact"
	"github.com/tonggao/tonggao/internal/foundation/seal"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/policy"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// notSealed lists the sensitive columns that are stored in plain text, and why.
var notSealed = map[string]string{
	"Token.hash":      "a hash of a random secret",
	"Report.notifier": "a keyed hash; it has to be compared",
	"Attachment.hash": "a keyed hash; it has to be compared",
	"Setting.value":   "the site's facts and the state of background work; keys only where nothing is encrypted",
}

// TestSealedColumns compares the table of sealed columns with ent/schema: a column that
// is Sensitive is in the table, or in notSealed with a reason.
func TestSealedColumns(t *testing.T) {
	t.Parallel()
	sealed := map[string]bool{}
	for _, c := range policy.SealedColumns() {
		sealed[c.Entity+"."+c.Column] = true
	}
	declared := sensitiveColumns(t)
	for _, name := range declared {
		if sealed[name] == (notSealed[name] != "") {
			t.Errorf("%s is Sensitive: add it to the sealed columns of policy, or to notSealed with the reason", name)
		}
		delete(sealed, name)
	}
	for name := range sealed {
		t.Errorf("%s is sealed, so declare it Sensitive in ent/schema", name)
	}
	for name := range notSealed {
		if !slices.Contains(declared, name) {
			t.Errorf("%s is in notSealed, but no sensitive column of ent/schema", name)
		}
	}
}

// sensitiveColumns reads from the source of ent/schema which fields are Sensitive, as
// Entity.column.
func sensitiveColumns(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob("../../../ent/schema/*.go")
	must(t, err)
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		must(t, err)
		for _, d := range file.Decls {
			fields, ok := d.(*ast.FuncDecl)
			if !ok || fields.Name.Name != "Fields" {
				continue
			}
			entity := fields.Recv.List[0].Type.(*ast.Ident).Name
			ast.Inspect(fields, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok {
					if method, ok := call.Fun.(*ast.SelectorExpr); ok && method.Sel.Name == "Sensitive" {
						names = append(names, entity+"."+columnOf(method.X))
					}
				}
				return true
			})
		}
	}
	if len(names) < 10 {
		t.Fatalf("only %v is Sensitive; the source is not read right", names)
	}
	return names
}

// columnOf returns the name in field.X(name)....
func columnOf(chain ast.Expr) string {
	call := chain.(*ast.CallExpr)
	method := call.Fun.(*ast.SelectorExpr)
	if inner, ok := method.X.(*ast.CallExpr); ok {
		return columnOf(inner)
	}
	name, _ := strconv.Unquote(call.Args[0].(*ast.BasicLit).Value)
	return name
}

// TestSealing reads each sealed column past the rules, where it is encrypted, and through
// them, where it is what was written.
func TestSealing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := plant(t, s)
		c := s.Client(system)
		for column, read := range map[*policy.SealedColumn]func() (id, got, want string){
			policy.ArticleAddress: func() (string, string, string) {
				a := c.Article.GetX(system, p.articles["DRAFT"])
				return a.ID, a.OriginAddress, address
			},
			policy.CommentAddress: func() (string, string, string) {
				a := c.Comment.GetX(system, p.comments["APPROVED"])
				return a.ID, a.OriginAddress, address
			},
			policy.ReportAddress: func() (string, string, string) {
				r := c.Report.GetX(system, "rep_1")
				return r.ID, r.OriginAddress, address
			},
			policy.ReportEvidence: func() (string, string, string) {
				r := c.Report.GetX(system, "rep_1")
				return r.ID, r.Evidence, evidence
			},
			policy.EventMaterial: func() (string, string, string) {
				e := c.ReportEvent.GetX(system, "rev_1")
				return e.ID, string(e.Material), material
			},
		} {
			id, got, want := read()
			if got != want {
				t.Errorf("%s.%s is read as %q", column.Table, column.Column, got)
			}
			rows, err := c.QueryContext(system, "SELECT "+column.Column+" FROM "+column.Table+" WHERE id = $1", id)
			must(t, err)
			for rows.Next() {
				var stored string
				must(t, rows.Scan(&stored))
				if !seal.Is(stored) || strings.Contains(stored, want) {
					t.Errorf("%s.%s is stored as %q", column.Table, column.Column, stored)
				}
			}
			must(t, rows.Close())
		}
		updated := c.Article.UpdateOneID(p.articles["DRAFT"]).SetOriginAddress("198.51.100.9").SaveX(system)
		if updated.OriginAddress != "198.51.100.9" {
			t.Errorf("an update returns %q", updated.OriginAddress)
		}
		if err := c.Article.Update().Where(article.StatusEQ(article.StatusDRAFT)).SetOriginAddress("198.51.100.9").Exec(system); err == nil {
			t.Error("one value was encrypted for many rows")
		}
	})
}

func TestErase(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		column      *policy.SealedColumn
		value, want string
	}{
		{policy.ArticleAddress, address, redact.Address(address)},
		{policy.CommentAddress, address, redact.Address(address)},
		{policy.ReportAddress, redact.Address(address), redact.Address(address)},
		{policy.ReportEvidence, `{"claimant":"沈渡","contact":"1390","address":"码头一号","proof":"p","workTitle":"渡口旧事"}`, `{"workTitle":"渡口旧事"}`},
		{policy.ReportEvidence, "s1.0a.b", "{}"}, // still encrypted
		{policy.EventMaterial, material, ""},
	} {
		if got := c.column.Erase(c.value); got != c.want {
			t.Errorf("%s.%s: %q becomes %q, want %q", c.column.Table, c.column.Column, c.value, got, c.want)
		}
	}
}

// TestMasks reads rows that a viewer may see, but not whole.
func TestMasks(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := plant(t, s)
		for _, role := range everyone {
			ctx := p.as(role)
			c := s.Client(ctx)
			full := role == viewer.System
			a := c.Article.Query().Where(article.ID(p.articles["PUBLISHED"])).OnlyX(ctx)
			m := c.Comment.Query().Where(comment.ID(p.comments["APPROVED"])).OnlyX(ctx)
			if got := a.OriginAddress == address && m.OriginAddress == address; got != full {
				t.Errorf("%s reads the addresses %q and %q", role, a.OriginAddress, m.OriginAddress)
			}
			found := m.Found != "" && m.Reason != ""
			if may := role == viewer.Moderator || role == viewer.Admin || full; found != may {
				t.Errorf("%s reads what the checks found: %t", role, found)
			}
			name := c.Publisher.GetX(ctx, p.private).Name
			if may := role != viewer.Anonymous && role != viewer.Reader && role != viewer.Integrator && role != viewer.Publisher; (name == "渡口夜班人") != may {
				t.Errorf("%s reads the private name %q", role, name)
			}
			if name := c.Publisher.GetX(ctx, p.public).Name; name != "青螺渡报" {
				t.Errorf("%s reads the public name %q", role, name)
			}
		}
		own := viewer.With(context.Background(), viewer.Viewer{Role: viewer.Publisher, Publisher: p.private, TokenID: "tok_1"})
		if name := s.Client(own).Publisher.GetX(own, p.private).Name; name != "渡口夜班人" {
			t.Errorf("a publisher reads its own name as %q", name)
		}
	})
}
