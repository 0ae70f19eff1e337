package querycost

import (
	"math"

	"github.com/vektah/gqlparser/v2/ast"
)

// What a list's length is taken for where nobody says it.
const usualSize = 10

// What __schema and __type cost, whatever is selected in them: the schema is in
// memory. SchemaNodes bounds the selection.
const schemaPrice = 1_000

// How long the lists of the introspection types are in a schema like ours.
var schemaSize = map[string]int64{
	"__Schema.types": 100, "__Schema.directives": 8, "__Directive.args": 3,
	"__Type.fields": 10, "__Type.inputFields": 5, "__Type.enumValues": 5,
	"__Type.possibleTypes": 5, "__Type.interfaces": 2, "__Field.args": 3,
}

// weight is what a selection costs.
type weight struct {
	price, nodes int64
	depth        int // levels of objects

	schemaNodes int64 // what is selected inside of __schema and __type
	schemaDepth int

	circular bool // a fragment was met inside of itself
}

// beside is the weight of two selections in the same object.
func (w weight) beside(x weight) weight {
	return weight{
		price: add(w.price, x.price), nodes: add(w.nodes, x.nodes), depth: max(w.depth, x.depth),
		schemaNodes: add(w.schemaNodes, x.schemaNodes), schemaDepth: max(w.schemaDepth, x.schemaDepth),
		circular: w.circular || x.circular,
	}
}

// walker weighs selections. A fragment weighs the same wherever it is spread
// under the same page size, so it is walked once for each.
type walker struct {
	prices Prices
	pages  pages
	memo   map[visit]weight
}

// visit is a fragment where the connection around it has a page of that size, or 0.
type visit struct {
	fragment *ast.FragmentDefinition
	page     int64
}

// set weighs a selection set. page is the page size that the field around it
// was called with: it is the length of the lists in a connection.
func (w *walker) set(set ast.SelectionSet, page int64) (sum weight) {
	for _, sel := range set {
		switch sel := sel.(type) {
		case *ast.Field:
			sum = sum.beside(w.field(sel, page))
		case *ast.InlineFragment:
			sum = sum.beside(w.set(sel.SelectionSet, page))
		case *ast.FragmentSpread:
			if sel.Definition != nil {
				sum = sum.beside(w.fragment(visit{sel.Definition, page}))
			}
		}
	}
	return sum
}

func (w *walker) fragment(v visit) weight {
	if known, ok := w.memo[v]; ok {
		return known
	}
	w.memo[v] = weight{circular: true} // what it finds if it comes by itself
	sum := w.set(v.fragment.SelectionSet, v.page)
	w.memo[v] = sum
	return sum
}

func (w *walker) field(f *ast.Field, page int64) weight {
	if f.Name == "__schema" || f.Name == "__type" {
		in := w.set(f.SelectionSet, 0)
		return weight{price: schemaPrice, schemaNodes: add(1, in.nodes), schemaDepth: 1 + in.depth, circular: in.circular}
	}
	price, ok := w.prices.Base[typeName(f)+"."+f.Name]
	if !ok {
		price = 1
	}
	if len(f.SelectionSet) == 0 {
		return weight{price: price}
	}
	asked, paged := w.pages.of(f)
	times, inner := int64(1), asked
	if f.Definition != nil && f.Definition.Type.Elem != nil {
		times, inner = w.length(f, asked, paged, page), 0
	}
	in := w.set(f.SelectionSet, inner)
	in.price = add(price, mul(times, in.price))
	in.nodes = mul(times, add(1, in.nodes))
	in.depth++
	return in
}

// length is how long the list in f is taken for.
func (w *walker) length(f *ast.Field, asked int64, paged bool, page int64) int64 {
	if paged {
		return asked
	}
	if page > 0 {
		return page
	}
	if n, ok := w.pages.ids(f); ok {
		return n
	}
	key := typeName(f) + "." + f.Name
	if n, ok := w.prices.Size[key]; ok {
		return n
	}
	if n, ok := schemaSize[key]; ok {
		return n
	}
	return usualSize
}

// most is where sums stop growing: far above every limit, and far below overflow.
const most = math.MaxInt32

func add(a, b int64) int64 { return min(min(a, most)+min(b, most), most) }

func mul(a, b int64) int64 { return min(min(a, most)*min(b, most), most) }
