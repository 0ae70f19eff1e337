package querycost

import (
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// Prices describes fields of the caller's schema, each by "Type.field".
type Prices struct {
	Base map[string]int64 // points for one call, without its selections; default 1
	Size map[string]int64 // length of a list without first, last and ids; default 10
	Most map[string]int   // calls of a root field in a document; default: unlimited
}

// Cost is the maximum cost of a document, as in extensions.cost.
type Cost struct {
	Price int64 `json:"price"` // points
	Limit int64 `json:"limit"` // the points that one document may cost
	Nodes int64 `json:"nodes"` // objects in the response
}

// Estimate returns the cost of op with the coerced variables, and an error if it exceeds a
// limit. The document must be parsed and should be validated; an unknown field counts as a leaf.
func Estimate(op *ast.OperationDefinition, variables map[string]any, p Prices, l Limits) (Cost, error) {
	l = l.WithDefaults()
	w := walker{prices: p, pages: pages{variables}, memo: map[visit]weight{}}
	sum := w.set(op.SelectionSet, 0)
	cost := Cost{Price: sum.price, Limit: l.Price, Nodes: sum.nodes}
	if err := l.check(sum); err != nil {
		return cost, err
	}
	return cost, l.countRoots(op, p.Most)
}

// check returns an error if w exceeds a limit.
func (l Limits) check(w weight) error {
	switch {
	case w.circular:
		return fault.New(fault.BadUserInput, "a fragment contains itself; take the spread out")
	case w.depth > l.Depth:
		return fault.New(fault.TooExpensive, "the document is %d objects deep, and at most %d are allowed; ask for the deeper ones in a second request, by their ids", w.depth, l.Depth)
	case w.nodes > l.Nodes:
		return fault.New(fault.TooExpensive, "the response could have %d objects, and at most %d are allowed; ask for fewer at a time (first), or for fewer lists inside lists", w.nodes, l.Nodes)
	case w.price > l.Price:
		return fault.New(fault.TooExpensive, "the document costs %d points, and at most %d are allowed; ask for fewer at a time (first), for fewer lists inside lists, or for fewer fields", w.price, l.Price)
	case w.schemaDepth > l.SchemaDepth, w.schemaNodes > l.SchemaNodes:
		return fault.New(fault.TooExpensive, "the document asks too much of the schema at once; ask for one __schema without aliases, or for single types with __type")
	}
	return nil
}

// countRoots refuses a document with too many calls of root fields. Calls that merge into one
// count once.
func (l Limits) countRoots(op *ast.OperationDefinition, most map[string]int) error {
	if op.Operation != ast.Mutation && len(most) == 0 {
		return nil
	}
	r := roots{calls: map[string]bool{}, seen: map[*ast.FragmentDefinition]bool{}, times: map[string]int{}}
	r.set(op.SelectionSet)
	if op.Operation == ast.Mutation && len(r.calls) > l.Mutations {
		return fault.New(fault.TooExpensive, "the document has %d mutations, and at most %d are allowed; send several requests", len(r.calls), l.Mutations)
	}
	for field, n := range r.times {
		if limit, ok := most[field]; ok && n > limit {
			return fault.New(fault.TooExpensive, "the document calls %s %d times, and at most %d are allowed; send several requests", field, n, limit)
		}
	}
	return nil
}

// roots counts the calls of root fields.
type roots struct {
	calls map[string]bool // by response name
	seen  map[*ast.FragmentDefinition]bool
	times map[string]int // by "Type.field"
}

func (r roots) set(set ast.SelectionSet) {
	for _, sel := range set {
		switch sel := sel.(type) {
		case *ast.Field:
			if !r.calls[sel.Alias] {
				r.calls[sel.Alias] = true
				r.times[typeName(sel)+"."+sel.Name]++
			}
		case *ast.InlineFragment:
			r.set(sel.SelectionSet)
		case *ast.FragmentSpread:
			if sel.Definition != nil && !r.seen[sel.Definition] {
				r.seen[sel.Definition] = true
				r.set(sel.Definition.SelectionSet)
			}
		}
	}
}

func typeName(f *ast.Field) string {
	if f.ObjectDefinition == nil {
		return ""
	}
	return f.ObjectDefinition.Name
}
