// Package querycost limits what one GraphQL document may cost.
//
// Precheck reads the raw text of a document once, before it is parsed, and refuses one that is
// made to keep a parser or validator busy. Estimate walks the parsed and validated document,
// multiplies page sizes, and refuses one that would keep the database busy. Every refusal is a
// TOO_EXPENSIVE fault whose message has the amount, the limit and what to try.
//
// The package executes nothing and knows no field of the product; the caller describes
// expensive fields and long lists in Prices.
//
// Invariant: for any document, Precheck takes time linear in its length, and Estimate walks
// each fragment once for each page size under which it is spread. Sums saturate instead of
// overflowing.
package querycost

import "cmp"

// Limits are the limits of one request. A zero field has its default.
type Limits struct {
	Body         int64 // bytes of a request's body; default 256 KiB
	Values       int   // values in the JSON of a request; default 10,000
	AuthorBody   int64 // the same for authors of articles; default 4 MiB
	AuthorValues int   // default 200,000
	Levels       int   // brackets inside brackets in the JSON of a request; default 100

	Tokens     int // lexical tokens of a document, each comment one; default 1,000
	Aliases    int // default 15
	Fragments  int // fragment definitions; default 20
	Spreads    int // of fragments, inline ones included; default 100
	Directives int // default 50
	Nesting    int // brackets of any kind inside brackets; default 64
	Repeats    int // occurrences of one name outside of arguments; default 100
	Name       int // bytes of a name; default 128

	Depth     int   // objects inside objects, fragments expanded; default 10
	Nodes     int64 // estimated objects in the response; default 10,000
	Price     int64 // points; default 20,000
	Mutations int   // mutations in a document; default 5

	SchemaDepth int   // Depth inside of __schema and __type; default 20
	SchemaNodes int64 // Nodes inside of __schema and __type; default 100,000, about twice as many as GraphiQL selects
}

// WithDefaults returns l with defaults in its zero fields.
func (l Limits) WithDefaults() Limits {
	return Limits{
		Body:         cmp.Or(l.Body, 256<<10),
		Values:       cmp.Or(l.Values, 10_000),
		AuthorBody:   cmp.Or(l.AuthorBody, 4<<20),
		AuthorValues: cmp.Or(l.AuthorValues, 200_000),
		Levels:       cmp.Or(l.Levels, 100),

		Tokens:     cmp.Or(l.Tokens, 1_000),
		Aliases:    cmp.Or(l.Aliases, 15),
		Fragments:  cmp.Or(l.Fragments, 20),
		Spreads:    cmp.Or(l.Spreads, 100),
		Directives: cmp.Or(l.Directives, 50),
		Nesting:    cmp.Or(l.Nesting, 64),
		Repeats:    cmp.Or(l.Repeats, 100),
		Name:       cmp.Or(l.Name, 128),

		Depth:     cmp.Or(l.Depth, 10),
		Nodes:     cmp.Or(l.Nodes, 10_000),
		Price:     cmp.Or(l.Price, 20_000),
		Mutations: cmp.Or(l.Mutations, 5),

		SchemaDepth: cmp.Or(l.SchemaDepth, 20),
		SchemaNodes: cmp.Or(l.SchemaNodes, 100_000),
	}
}
