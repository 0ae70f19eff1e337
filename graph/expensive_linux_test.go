package graph_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/graph"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/effort"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// document is a query that the search for expensive documents found.
type document struct {
	text  string
	price int64
	bytes int
	cpu   time.Duration
}

// perPoint returns the processor time of d per point of its price. Documents of few points are
// dominated by what any request costs.
func (d document) perPoint() time.Duration { return d.cpu / time.Duration(max(d.price, 100)) }

// TestExpensiveDocuments searches for the documents with the most processor time per point that
// a client without a token may send: it makes documents from the schema, keeps the worst and
// changes them. No document fails for another reason than its cost, and none has a larger answer
// than documented. The long form, `make expensive`, prints the ten worst.
func TestExpensiveDocuments(t *testing.T) {
	p := apptest.Start(t, storetest.SQLite(t))
	c := p.Category("行业新闻", "news", nil)
	articles := p.Many(effort.N(30), 2, []*ent.Category{c}, []*ent.Publisher{p.Publisher("青禾养老网编辑部", true)})
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	m := mutator{rand.New(rand.NewPCG(seed, 1)), new(graph.Resolver).Schema().Schema(), articles[0].ID, c.ID}
	var worst []document
	for range effort.N(40) {
		text := "{ " + m.fields(m.schema.Query, 5) + " }"
		if len(worst) > 0 && m.IntN(2) == 0 {
			text = m.change(worst[m.IntN(len(worst))].text)
		}
		if d, ok := run(t, p, text); ok {
			worst = append(worst, d)
			slices.SortFunc(worst, func(a, b document) int { return cmp.Compare(b.perPoint(), a.perPoint()) })
			worst = worst[:min(len(worst), 10)]
		}
	}
	if len(worst) == 0 {
		t.Error("no document was accepted")
	}
	for _, d := range worst {
		t.Logf("%s a point: %s for %d points, %d bytes: %.500s", d.perPoint(), d.cpu, d.price, d.bytes, d.text)
	}
}

// run sends a document and returns what it cost; not ok where it was refused.
func run(t *testing.T, p *apptest.Program, text string) (document, bool) {
	t.Helper()
	before := processorTime(t)
	a := p.Ask("", text, nil)
	d := document{text: text, bytes: len(a.Body), cpu: processorTime(t) - before}
	for _, e := range a.Errors {
		if code := e.Extensions["code"]; code == "INTERNAL" || code == nil {
			t.Errorf("%s: %v", text, e)
		}
	}
	if d.bytes > 8<<20+64<<10 {
		t.Errorf("an answer of %d bytes: %s", d.bytes, text)
	}
	var extensions struct{ Cost struct{ Price int64 } }
	if len(a.Data) == 0 || string(a.Data) == "null" || json.Unmarshal(a.Extensions, &extensions) != nil {
		return d, false
	}
	d.price = extensions.Cost.Price
	return d, d.price > 0
}

// processorTime returns the processor time that the process has used.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// mutator makes documents from the schema.
type mutator struct {
	*rand.Rand
	schema            *ast.Schema
	article, category string
}

// fields returns a random selection on a type, at most depth objects deep; some fields several
// times, under aliases.
func (m mutator) fields(def *ast.Definition, depth int) string {
	var b strings.Builder
	for range 1 + m.IntN(4) {
		f := def.Fields[m.IntN(len(def.Fields))]
		of := m.schema.Types[f.Type.Name()]
		arguments, ok := m.arguments(f)
		if strings.HasPrefix(f.Name, "__") || of.IsAbstractType() || !ok || of.Kind == ast.Object && depth == 0 {
			continue
		}
		inner := ""
		if of.Kind == ast.Object {
			inner = " { " + m.fields(of, depth-1) + " }"
		}
		for range 1 + m.IntN(3) {
			fmt.Fprintf(&b, "a%d: %s%s%s ", m.IntN(1e6), f.Name, arguments, inner)
		}
	}
	return b.String() + "__typename"
}

// arguments returns random arguments of a field; not ok where one is required whose value is not
// known.
func (m mutator) arguments(f *ast.FieldDefinition) (text string, ok bool) {
	var list []string
	for _, a := range f.Arguments {
		of := m.schema.Types[a.Type.Name()]
		switch {
		case a.Name == "first":
			list = append(list, fmt.Sprintf("first: %d", []int{1, 10, 50, 100}[m.IntN(4)]))
		case a.Name == "id" && f.Type.Name() == "Article":
			list = append(list, fmt.Sprintf("id: %q", m.article))
		case a.Name == "query":
			list = append(list, `query: "养老"`)
		case of.Kind == ast.Enum && m.IntN(2) == 0 || of.Kind == ast.Enum && a.Type.NonNull && a.DefaultValue == nil:
			list = append(list, a.Name+": "+of.EnumValues[m.IntN(len(of.EnumValues))].Name)
		case a.Name == "filter" && of.Name == "ArticleFilter" && m.IntN(2) == 0:
			list = append(list, fmt.Sprintf(`filter: { category: %q, publishedAfter: "19%02d-01-01T00:00:00Z" }`, m.category, m.IntN(100)))
		case a.Type.NonNull && a.DefaultValue == nil:
			return "", false
		}
	}
	if len(list) == 0 {
		return "", true
	}
	return "(" + strings.Join(list, ", ") + ")", true
}

// change returns a document with one more root field, or with larger pages.
func (m mutator) change(text string) string {
	if m.IntN(3) == 0 {
		return strings.NewReplacer("first: 1)", "first: 100)", "first: 10,", "first: 100,", "first: 10)", "first: 50)").Replace(text)
	}
	return strings.TrimSuffix(text, "}") + m.fields(m.schema.Query, 5) + " }"
}
