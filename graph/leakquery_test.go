package graph_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tonggao/tonggao/graph"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
)

// querySet holds queries that select every field of every type from every root field,
// with everything that its arguments could be.
type querySet struct {
	List []string

	schema *ast.Schema
	depth  int
	asked  map[string]bool // Type.field
}

// leakQueries generates the queries for p, with the given number of levels of objects.
func leakQueries(p *leakPortal, depth int) *querySet {
	q := &querySet{schema: new(graph.Resolver).Schema().Schema(), depth: depth, asked: map[string]bool{}}
	for _, field := range q.schema.Query.Fields {
		if strings.HasPrefix(field.Name, "__") {
			continue
		}
		for i, arguments := range q.choices(field, p) {
			q.asked["Query."+field.Name] = true
			selections := q.selections(field.Type.Name())
			if words := strings.Contains(arguments, "query:") || strings.Contains(arguments, "filter:"); words && i > 0 {
				selections = q.shallow(field.Type.Name()) // only whether it finds something matters
			}
			for _, selection := range fitting(selections, field.Name, arguments) {
				q.List = append(q.List, "{ "+field.Name+arguments+" "+selection+" }")
			}
		}
	}
	return q
}

// nodeID finds the ID of a query by node.
var nodeID = regexp.MustCompile(`^\(id: "([^"]+)"\)$`)

// typeNames names the object type of each kind of ID that node finds.
var typeNames = map[typeid.Kind]string{
	typeid.Article: "Article", typeid.Category: "Category", typeid.Publisher: "Publisher", typeid.Region: "Region", typeid.Comment: "Comment",
	typeid.Report: "Report", typeid.Revision: "Revision", typeid.Webhook: "Webhook", typeid.Attempt: "WebhookAttempt", typeid.Picture: "Picture",
}

// fitting returns the selections for a root field that finds items by ID or slug. Only node
// selects objects of the item, and only of its own type: the other root fields resolve them
// in the same way, and selections on other types find nothing.
func fitting(selections []string, root, arguments string) (list []string) {
	if !strings.HasPrefix(arguments, "(id") && !strings.HasPrefix(arguments, "(slug:") {
		return selections
	}
	var of string
	if id := nodeID.FindStringSubmatch(arguments); id != nil && root == "node" {
		kind, _ := typeid.KindOf(id[1])
		of = "... on " + typeNames[kind] + " {"
	}
	for i, selection := range selections {
		leaves := strings.Count(selection, "{") == 1+strings.Count(selection, "... on")
		if i == 0 || of == "" && leaves || of != "" && strings.Contains(selection, of) {
			list = append(list, selection)
		}
	}
	return list
}

// selections returns what can be selected on a type, in parts that each stay below the
// cost limit: its leaves, then each of its objects.
func (q *querySet) selections(name string) []string {
	def := q.schema.Types[name]
	if isLeaf(def) {
		return []string{""}
	}
	var parts []string
	for _, leaves := range q.leaves(def) {
		parts = append(parts, "{ "+leaves+" }")
	}
	for _, object := range q.objects(def) {
		for _, inner := range q.inner(object, q.depth) {
			parts = append(parts, "{ "+inner+" }")
		}
	}
	return parts
}

// shallow returns the leaves of a connection's nodes, and its count.
func (q *querySet) shallow(name string) (parts []string) {
	depth := q.depth
	q.depth = 0
	for _, part := range q.selections(name) {
		if !strings.Contains(part, "pageInfo") {
			parts = append(parts, part)
		}
	}
	q.depth = depth
	return parts[:min(len(parts), 2)]
}

// inner returns selections of an object field: all its leaves, and each of its own
// objects as far as depth allows.
func (q *querySet) inner(f typedField, depth int) []string {
	q.asked[f.owner+"."+f.field.Name] = true
	def := q.schema.Types[f.field.Type.Name()]
	head := f.on + f.field.Name + q.required(f.field) + " { "
	var parts []string
	for _, leaves := range q.leaves(def) {
		parts = append(parts, head+leaves+" }"+f.off)
	}
	wrapper := strings.HasSuffix(def.Name, "Connection") || strings.HasSuffix(def.Name, "Edge")
	if depth == 0 && !wrapper {
		return parts
	}
	for _, object := range q.objects(def) {
		below := depth - 1
		if wrapper {
			below = depth
		}
		for _, inner := range q.inner(object, below) {
			parts = append(parts, head+inner+" }"+f.off)
		}
	}
	return parts
}

// A typedField is a field of an object type; for the types of an interface it is inside
// a fragment.
type typedField struct {
	owner   string
	field   *ast.FieldDefinition
	on, off string
}

func (q *querySet) objects(def *ast.Definition) (list []typedField) {
	for _, t := range q.types(def) {
		for _, f := range t.def.Fields {
			if !isLeaf(q.schema.Types[f.Type.Name()]) && !strings.HasPrefix(f.Name, "__") {
				list = append(list, typedField{t.def.Name, f, t.on, t.off})
			}
		}
	}
	return list
}

// leaves returns the scalar and enum fields of a type; of an interface, those of each
// of its types.
func (q *querySet) leaves(def *ast.Definition) (parts []string) {
	for _, t := range q.types(def) {
		names := []string{"__typename"}
		for _, f := range t.def.Fields {
			if isLeaf(q.schema.Types[f.Type.Name()]) && !strings.HasPrefix(f.Name, "__") {
				q.asked[t.def.Name+"."+f.Name] = true
				names = append(names, f.Name+q.required(f))
			}
		}
		parts = append(parts, t.on+strings.Join(names, " ")+t.off)
	}
	return parts
}

// A fragment is an object type, and the text around a selection on it.
type fragment struct {
	def     *ast.Definition
	on, off string
}

// types returns the object types of a type.
func (q *querySet) types(def *ast.Definition) []fragment {
	if def.Kind == ast.Object {
		return []fragment{{def: def}}
	}
	var list []fragment
	for _, t := range q.schema.GetPossibleTypes(def) {
		list = append(list, fragment{t, "... on " + t.Name + " { ", " } "})
	}
	return list
}

func isLeaf(def *ast.Definition) bool { return def.Kind == ast.Scalar || def.Kind == ast.Enum }

// required returns the arguments that a nested field needs.
func (q *querySet) required(f *ast.FieldDefinition) string {
	var list []string
	for _, a := range f.Arguments {
		switch {
		case a.Name == "first":
			list = append(list, "first: 3")
		case a.Type.Name() == "Terminal" && a.DefaultValue == nil:
			list = append(list, a.Name+": WAP")
		}
	}
	return brackets(list)
}

// choices returns everything that the arguments of a root field could be.
func (q *querySet) choices(f *ast.FieldDefinition, p *leakPortal) []string {
	all := []string{""}
	if f.Arguments.ForName("first") != nil {
		all = []string{"(first: 20)"}
	}
	quoted := func(name string, values []string) (list []string) {
		for _, value := range values {
			list = append(list, brackets([]string{name + ": " + strconv.Quote(value)}))
		}
		return list
	}
	if f.Arguments.ForName("id") != nil {
		all = quoted("id", p.IDs)
	}
	if f.Arguments.ForName("slug") != nil {
		all = append(all, quoted("slug", p.Slugs)...)
	}
	if f.Arguments.ForName("ids") != nil {
		all = nil
		for chunk := range slices.Chunk(p.IDs, 4) {
			all = append(all, `(ids: ["`+strings.Join(chunk, `", "`)+`"])`)
		}
	}
	if f.Arguments.ForName("receipt") != nil {
		all = quoted("receipt", []string{"R-0000-0000-0000-0000", "zq"})
	}
	if f.Arguments.ForName("query") != nil {
		all = nil
		for _, s := range p.Secrets {
			all = append(all, brackets([]string{"query: " + strconv.Quote(s.Value[:min(len(s.Value), 90)])}))
		}
		all = append(all, `(query: "看得见")`)
	}
	if filter := f.Arguments.ForName("filter"); filter != nil && f.Arguments.ForName("query") == nil {
		all = append(all, q.filters(filter.Type.Name(), p)...)
	}
	if order := f.Arguments.ForName("orderBy"); order != nil {
		for _, value := range q.schema.Types[order.Type.Name()].EnumValues {
			all = append(all, "(first: 20, orderBy: "+value.Name+")")
		}
	}
	return all
}

// filters returns each field of a filter with everything it could be.
func (q *querySet) filters(name string, p *leakPortal) (list []string) {
	for _, f := range q.schema.Types[name].Fields {
		var values []string
		switch t := q.schema.Types[f.Type.Name()]; {
		case t.Kind == ast.Enum:
			for _, value := range t.EnumValues {
				values = append(values, value.Name)
			}
		case t.Name == "ID":
			values = idsFor(f.Name, p.IDs)
		case t.Name == "Boolean":
			values = []string{"true", "false"}
		case t.Name == "Time":
			values = []string{`"2000-01-01T00:00:00Z"`, `"2100-01-01T00:00:00Z"`}
		default:
			for _, s := range p.Secrets {
				values = append(values, strconv.Quote(s.Value))
			}
		}
		for _, value := range values {
			list = append(list, fmt.Sprintf("(filter: { %s: %s })", f.Name, value))
		}
	}
	return list
}

// idsFor returns the ids that a field of a filter accepts.
func idsFor(field string, ids []string) (list []string) {
	prefix := map[string]string{"category": "cat_", "region": "reg_", "publisher": "pub_", "article": "art_"}[field]
	for _, id := range ids {
		if strings.HasPrefix(id, prefix) {
			list = append(list, strconv.Quote(id))
		}
	}
	return list
}

func brackets(arguments []string) string {
	if len(arguments) == 0 {
		return ""
	}
	return "(" + strings.Join(arguments, ", ") + ")"
}

// Missing returns the fields that can be reached from Query and that no query selects.
func (q *querySet) Missing() (missing []string) {
	reached, queue := map[string]bool{"Query": true}, []*ast.Definition{q.schema.Query}
	for len(queue) > 0 {
		def := queue[0]
		queue = queue[1:]
		for _, t := range q.types(def) {
			for _, f := range t.def.Fields {
				name := f.Type.Name()
				if strings.HasPrefix(f.Name, "__") {
					continue
				}
				if !q.asked[t.def.Name+"."+f.Name] {
					missing = append(missing, t.def.Name+"."+f.Name)
				}
				if next := q.schema.Types[name]; !reached[name] && !isLeaf(next) {
					reached[name] = true
					queue = append(queue, next)
				}
			}
		}
	}
	slices.Sort(missing)
	return slices.Compact(missing)
}
