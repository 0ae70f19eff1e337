package querycost

import (
	"math"

	"github.com/vektah/gqlparser/v2/ast"
)

// defaultSize is the assumed length of a list without a page size.
const defaultSize = 10

// schemaPrice is the price of __schema and __type, regardless of their selections: the schema
// is in memory. SchemaNodes limits the selections.
const schemaPrice = 1_000

// schemaSize has the assumed lengths of the lists in the introspection types.
var schemaSize = map[string]int64{
	"__Schema.types": 100, "__Schema.directives": 8, "__Directive.args": 3,
	"__Type.fields": 10, "__Type.inputFields": 5, "__Type.enumValues": 5,
	"__Type.possibleTypes": 5, "__Type.interfaces": 2, "__Field.args": 3,
}

// weight is the cost of a selection.
type weight struct {
	price, nodes int64
	depth        int // levels of objects

	schemaNodes int64 // inside of __schema and __type
	schemaDepth int

	circular bool // a fragment was met inside of itself
}

// plus returns the weight of two selections in the same object.
func (w weight) plus(x weight) weight {
	return weight{
		price: add(w.price, x.price), nodes: add(w.nodes, x.nodes), depth: max(w.depth, x.depth),
		schemaNodes: add(w.schemaNodes, x.schemaNodes), schemaDepth: max(w.schemaDepth, x.schemaDepth),
		circular: w.circular || x.circular,
	}
}

// walker computes weights. A fragment has the same weight wherever it is spread under the same
// page size, so it is walked once for each page size.
type walker struct {
	prices Prices
	pages  pages
	memo   map[visit]weight
}

// visit is a fragment and the page size of the connection around it, or 0.
type visit struct {
	fragment *ast.FragmentDefinition
	page     int64
}

// set returns the weight of a selection set. Page is the page size of the field around it,
// which is the length of the lists in a connection.
func (w *walker) set(set ast.SelectionSet, page int64) (sum weight) {
	for _, sel := range set {
		switch sel := sel.(type) {
		case *ast.Field:
			sum = sum.plus(w.field(sel, page))
		case *ast.InlineFragment:
			sum = sum.plus(w.set(sel.SelectionSet, page))
		case *ast.FragmentSpread:
			if sel.Definition != nil {
				sum = sum.plus(w.fragment(visit{sel.Definition, page}))
			}
		}
	}
	return sum
}

func (w *walker) fragment(v visit) weight {
	if known, ok := w.memo[v]; ok {
		return known
	}
	w.memo[v] = weight{circular: true} // found again if the fragment contains itself
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
	size, paged := w.pages.size(f)
	times, inner := int64(1), size
	if f.Definition != nil && f.Definition.Type.Elem != nil {
		times, inner = w.length(f, size, paged, page), 0
	}
	in := w.set(f.SelectionSet, inner)
	in.price = add(price, mul(times, in.price))
	in.nodes = mul(times, add(1, in.nodes))
	in.depth++
	return in
}

// length returns the assumed length of the list in f.
func (w *walker) length(f *ast.Field, size int64, paged bool, page int64) int64 {
	if paged {
		return size
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
	return defaultSize
}

// saturation bounds sums: far above every limit, and far below overflow.
const saturation = math.MaxInt32

func add(a, b int64) int64 { return min(min(a, saturation)+min(b, saturation), saturation) }

func mul(a, b int64) int64 { return min(min(a, saturation)*min(b, saturation), saturation) }
