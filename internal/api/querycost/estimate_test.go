package querycost_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"

	"github.com/tonggao/tonggao/internal/api/querycost"
	"github.com/tonggao/tonggao/internal/foundation/fault"
)

var schema = gqlparser.MustLoadSchema(&ast.Source{Input: `
type Query {
	site: Site
	nodes(ids: [ID!]!): [Node]!
	articles(first: Int, last: Int): ArticleConnection!
	categories: [Category!]!
	regions: [Category!]!
	trending(first: Int): [Article!]!
}
type Mutation { addComment(text: String): Comment  rename: Site }
interface Node { id: ID! }
type Site { name: String  home: Site }
type Category { name: String  children: [Category!]!  articles(first: Int, last: Int): ArticleConnection! }
type Article implements Node { id: ID!  title: String  tags: [String!]!  related(first: Int! = 6): [Article!]!  comments(first: Int, last: Int): CommentConnection! }
type ArticleConnection { edges: [ArticleEdge!]!  nodes: [Article!]!  totalCount: Int! }
type ArticleEdge { node: Article!  cursor: String! }
type Comment { text: String  replies(first: Int): CommentConnection! }
type CommentConnection { nodes: [Comment!]! }
`})

var prices = querycost.Prices{
	Base: map[string]int64{"ArticleConnection.totalCount": 50, "Query.trending": 30},
	Size: map[string]int64{"Query.categories": 12},
	Most: map[string]int{"Mutation.addComment": 1, "Query.trending": 2},
}

func TestEstimate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		query        string
		variables    map[string]any
		price, nodes int64
	}{
		{query: `{site{name}}`, price: 2, nodes: 1},
		{query: `{a:site{name} b:site{name}}`, price: 4, nodes: 2},
		{query: `{site{home{home{name}}}}`, price: 4, nodes: 3},

		// a page: 1 for the call, and the default of 20 times an edge, a node and its fields
		{query: `{articles{edges{node{id title}}}}`, price: 1 + 1 + 20*(1+2), nodes: 1 + 20*2},
		{query: `{articles(first:5){nodes{id}}}`, price: 1 + 1 + 5, nodes: 1 + 5},
		{query: `{articles(last:7){nodes{id}}}`, price: 1 + 1 + 7, nodes: 1 + 7},
		{query: `{articles(first:5){totalCount}}`, price: 1 + 50, nodes: 1},
		{query: `{articles(first:5){...F}} fragment F on ArticleConnection{nodes{id tags}}`, price: 1 + 1 + 5*2, nodes: 1 + 5},
		{query: `{a:articles(first:5){...F} b:articles(first:2){...F}} fragment F on ArticleConnection{nodes{id}}`, price: 2 + 2 + 7, nodes: 2 + 7},

		// lists
		{query: `{categories{name}}`, price: 1 + 12, nodes: 12},
		{query: `{regions{name}}`, price: 1 + 10, nodes: 10},
		{query: `{trending(first:3){title}}`, price: 30 + 3, nodes: 3},
		{query: `{trending(first:3){related{title}}}`, price: 30 + 3*(1+6), nodes: 3 * 7},
		{query: `{nodes(ids:["a","b"]){id}}`, price: 1 + 2, nodes: 2},
		{query: `query($i:[ID!]!){nodes(ids:$i){id}}`, variables: map[string]any{"i": []any{"a", "b", "c"}}, price: 1 + 3, nodes: 3},

		// variables in every form; an invalid size counts as the nearest valid one
		{query: `query($n:Int){articles(first:$n){nodes{id}}}`, variables: map[string]any{"n": int64(4)}, price: 6, nodes: 5},
		{query: `query($n:Int){articles(first:$n){nodes{id}}}`, variables: map[string]any{"n": json.Number("4")}, price: 6, nodes: 5},
		{query: `query($n:Int){articles(first:$n){nodes{id}}}`, variables: map[string]any{"n": "4"}, price: 6, nodes: 5},
		{query: `query($n:Int){articles(first:$n){nodes{id}}}`, variables: map[string]any{"n": 4.5}, price: 102, nodes: 101},
		{query: `query($n:Int){articles(first:$n){nodes{id}}}`, variables: map[string]any{"n": nil}, price: 22, nodes: 21},
		{query: `query($n:Int){articles(first:$n){nodes{id}}}`, price: 22, nodes: 21},
		{query: `{articles(first:null){nodes{id}}}`, price: 22, nodes: 21},
		{query: `{articles(first:-3){nodes{id}}}`, price: 3, nodes: 2},
		{query: `{articles(first:1000){nodes{id}}}`, price: 102, nodes: 101},
		{query: `{articles(first:99999999999999999999){nodes{id}}}`, price: 102, nodes: 101},

		{query: `{__typename}`, price: 1},
		{query: `{__schema{types{name}}}`, price: 1000},
	} {
		cost, err := estimate(t, c.query, c.variables)
		if want := (querycost.Cost{Price: c.price, Limit: 20_000, Nodes: c.nodes}); err != nil || cost != want {
			t.Errorf("%s %v\n got %+v %v\nwant %+v", c.query, c.variables, cost, err, want)
		}
	}
}

func TestEstimateRefuses(t *testing.T) {
	t.Parallel()
	for query, says := range map[string]string{
		`{articles(first:100){nodes{comments(first:100){nodes{text}}}}}`:                                                             "at most 10000 are allowed; ask for fewer at a time",
		`{articles(first:100){nodes{id title tags a:title b:title c:title related(first:60){id title tags a:title}}}}`:               "points, and at most 20000 are allowed",
		`{site` + strings.Repeat("{home", 10) + `{name}` + strings.Repeat("}", 11):                                                   "11 objects deep, and at most 10",
		`{site{...A}} fragment A on Site{home{home{home{...B}}}} fragment B on Site{home{home{home{home{home{home{home{name}}}}}}}}`: "11 objects deep",
		`{site{...A}} fragment A on Site{...B} fragment B on Site{...A}`:                                                             "contains itself",
		`mutation{a:rename{name} b:rename{name} c:rename{name} d:rename{name} e:rename{name} f:rename{name}}`:                        "6 mutations, and at most 5",
		`mutation{a:addComment{text} ...F} fragment F on Mutation{b:addComment{text}}`:                                               "Mutation.addComment 2 times, and at most 1",
		`{a:trending{id} b:trending{id} c:trending{id}}`:                                                                             "Query.trending 3 times",
		`{__schema{types{fields{args{type{fields{args{type{name}}}}}}}}}`:                                                            "too much of the schema",
	} {
		_, err := estimate(t, query, nil)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s\n got %v\nwant %s", query, err, says)
		}
	}
}

// TestEstimateAllows accepts the deepest and largest documents within the limits, and calls
// that merge into one.
func TestEstimateAllows(t *testing.T) {
	t.Parallel()
	for _, query := range []string{
		`{site` + strings.Repeat("{home", 9) + `{name}` + strings.Repeat("}", 10),
		`{articles(first:50){nodes{comments(first:100){nodes{text}}}}}`,
		`mutation{addComment{text} ...F ...F} fragment F on Mutation{addComment{text}}`,
		`mutation{a:rename{name} b:rename{name} c:rename{name} d:rename{name} addComment{text}}`,
		introspection,
	} {
		if cost, err := estimate(t, query, nil); err != nil {
			t.Errorf("%.80s: %+v %v", query, cost, err)
		}
		if err := querycost.Precheck(query, querycost.Limits{}); err != nil {
			t.Errorf("%.80s: %v", query, err)
		}
	}
}

// TestEstimateFanOut prices fragments that each spread the next one twice: 2^n calls, which are
// never walked one by one, or the test would not end.
func TestEstimateFanOut(t *testing.T) {
	t.Parallel()
	for n := 10; n <= 60; n++ {
		query := `{site{...F0}}`
		for i := range n {
			query += fmt.Sprintf("fragment F%d on Site{...F%d ...F%d}", i, i+1, i+1)
		}
		query += fmt.Sprintf("fragment F%d on Site{name}", n)
		cost, err := estimate(t, query, nil)
		if wantErr := n >= 15; (err != nil) != wantErr || err != nil && !fault.Is(err, fault.TooExpensive) {
			t.Errorf("%d fragments: %+v %v", n, cost, err)
		}
	}
}

// FuzzEstimate prices every document that parses within bounds, validated or not.
func FuzzEstimate(f *testing.F) {
	for _, seed := range []string{`{articles(first:3){nodes{id}}}`, `{...A} fragment A on Query{...A}`, `mutation{addComment{text}}`, `{a(first:$x){b{c}}}`, introspection} {
		f.Add(seed, "7")
	}
	f.Fuzz(func(t *testing.T, query, n string) {
		doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: query}, 1_000)
		if err != nil {
			return
		}
		valid := validator.ValidateWithRules(schema, doc, nil) == nil
		for _, op := range doc.Operations {
			cost, err := querycost.Estimate(op, map[string]any{"n": json.Number(n)}, prices, querycost.Limits{})
			if cost.Price < 0 || cost.Nodes < 0 || err == nil && (cost.Price > cost.Limit || cost.Nodes > 10_000) {
				t.Errorf("%q: %+v %v", query, cost, err)
			}
			if valid && err == nil && cost.Price == 0 {
				t.Errorf("%q: free of charge", query)
			}
		}
	})
}

func estimate(t *testing.T, query string, variables map[string]any) (querycost.Cost, error) {
	t.Helper()
	return querycost.Estimate(operation(t, query), variables, prices, querycost.Limits{})
}

// operation parses query, and sets the definitions as validation does.
func operation(t *testing.T, query string) *ast.OperationDefinition {
	t.Helper()
	doc, err := parser.ParseQuery(&ast.Source{Input: query})
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	validator.Walk(schema, doc, &validator.Events{})
	return doc.Operations[0]
}

// introspection is the query that GraphiQL sends.
const introspection = `query IntrospectionQuery { __schema { description
	queryType { name kind } mutationType { name kind } subscriptionType { name kind }
	types { ...FullType }
	directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } } } }
fragment FullType on __Type { kind name description specifiedByURL isOneOf
	fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason }
	inputFields(includeDeprecated: true) { ...InputValue } interfaces { ...TypeRef }
	enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } }
fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated deprecationReason }
fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
	ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }`
