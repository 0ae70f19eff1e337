package app_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tonggao/tonggao/graph"
)

// questions are queries made from the schema: every field of every type, reached
// from every root field, with everything that its arguments could be.
type questions struct {
	schema *ast.Schema
	depth  int
	asked  map[string]bool // Type.field
	list   []string
}

// ask makes the questions to put to v, with so many objects inside objects.
func ask(v *vault, depth int) *questions {
	q := &questions{schema: new(graph.Resolver).Schema().Schema(), depth: depth, asked: map[string]bool{}}
	for _, field := range q.schema.Query.Fields {
		if strings.HasPrefix(field.Name, "__") {
			continue
		}
		for i, arguments := range q.choices(field, v) {
			q.asked["Query."+field.Name] = true
			selections := q.selections(field.Type.Name())
			if words := strings.Contains(arguments, "query:") || strings.Contains(arguments, "filter:"); words && i > 0 {
				selections = q.shallow(field.Type.Name()) // it matters whether there is an answer at all
			}
			for _, selection := range selections {
				q.list = append(q.list, "{ "+field.Name+arguments+" "+selection+" }")
			}
		}
	}
	return q
}

// selections is what can be asked of a type, in parts that are each affordable:
// its leaves, then each of its objects.
func (q *questions) selections(name string) []string {
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

// shallow is the leaves of a page's rows, and how many there are.
func (q *questions) shallow(name string) (parts []string) {
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

// inner is a field that is an object, with all its leaves, and each of its own
// objects as long as depth allows.
func (q *questions) inner(f typedField, depth int) []string {
	q.asked[f.owner+"."+f.field.Name] = true
	def := q.schema.Types[f.field.Type.Name()]
	head := f.on + f.field.Name + q.some(f.field) + " { "
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

// typedField is a field of an object type; of an interface's types, inside a
// fragment.
type typedField struct {
	owner   string
	field   *ast.FieldDefinition
	on, off string
}

func (q *questions) objects(def *ast.Definition) (list []typedField) {
	for _, t := range q.types(def) {
		for _, f := range t.def.Fields {
			if !isLeaf(q.schema.Types[f.Type.Name()]) && !strings.HasPrefix(f.Name, "__") {
				list = append(list, typedField{t.def.Name, f, t.on, t.off})
			}
		}
	}
	return list
}

// leaves is the fields of a type that are no objects; of an interface, those of
// each of its types.
func (q *questions) leaves(def *ast.Definition) (parts []string) {
	for _, t := range q.types(def) {
		names := []string{"__typename"}
		for _, f := range t.def.Fields {
			if isLeaf(q.schema.Types[f.Type.Name()]) && !strings.HasPrefix(f.Name, "__") {
				q.asked[t.def.Name+"."+f.Name] = true
				names = append(names, f.Name+q.some(f))
			}
		}
		parts = append(parts, t.on+strings.Join(names, " ")+t.off)
	}
	return parts
}

type typeIn struct {
	def     *ast.Definition
	on, off string
}

// types is the object types behind a type.
func (q *questions) types(def *ast.Definition) []typeIn {
	if def.Kind == ast.Object {
		return []typeIn{{def: def}}
	}
	var list []typeIn
	for _, t := range q.schema.GetPossibleTypes(def) {
		list = append(list, typeIn{t, "... on " + t.Name + " { ", " } "})
	}
	return list
}

func isLeaf(def *ast.Definition) bool { return def.Kind == ast.Scalar || def.Kind == ast.Enum }

// some is arguments with which a nested field can be asked at all.
func (q *questions) some(f *ast.FieldDefinition) string {
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

// choices is everything that the arguments of a root field could be.
func (q *questions) choices(f *ast.FieldDefinition, v *vault) []string {
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
		all = quoted("id", v.ids)
	}
	if f.Arguments.ForName("slug") != nil {
		all = append(all, quoted("slug", v.slugs)...)
	}
	if f.Arguments.ForName("ids") != nil {
		all = nil
		for some := range slices.Chunk(v.ids, 4) {
			all = append(all, `(ids: ["`+strings.Join(some, `", "`)+`"])`)
		}
	}
	if f.Arguments.ForName("receipt") != nil {
		all = quoted("receipt", []string{"R-0000-0000-0000-0000", "zq"})
	}
	if f.Arguments.ForName("query") != nil {
		all = nil
		for _, s := range v.secrets {
			all = append(all, brackets([]string{"query: " + strconv.Quote(s.value[:min(len(s.value), 90)])}))
		}
		all = append(all, `(query: "看得见")`)
	}
	if filter := f.Arguments.ForName("filter"); filter != nil && f.Arguments.ForName("query") == nil {
		all = append(all, q.filters(filter.Type.Name(), v)...)
	}
	if order := f.Arguments.ForName("orderBy"); order != nil {
		for _, value := range q.schema.Types[order.Type.Name()].EnumValues {
			all = append(all, "(first: 20, orderBy: "+value.Name+")")
		}
	}
	return all
}

// filters is a filter's every field with everything it could be.
func (q *questions) filters(name string, v *vault) (list []string) {
	for _, f := range q.schema.Types[name].Fields {
		var values []string
		switch t := q.schema.Types[f.Type.Name()]; {
		case t.Kind == ast.Enum:
			for _, value := range t.EnumValues {
				values = append(values, value.Name)
			}
		case t.Name == "ID":
			values = idsFor(f.Name, v.ids)
		case t.Name == "Boolean":
			values = []string{"true", "false"}
		case t.Name == "Time":
			values = []string{`"2000-01-01T00:00:00Z"`, `"2100-01-01T00:00:00Z"`}
		default:
			for _, s := range v.secrets {
				values = append(values, strconv.Quote(s.value))
			}
		}
		for _, value := range values {
			list = append(list, fmt.Sprintf("(filter: { %s: %s })", f.Name, value))
		}
	}
	return list
}

// idsFor is the ids that a filter's field takes; others are refused anyway.
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

// unasked is the fields that can be reached from Query and stand in no question.
func (q *questions) unasked() (missing []string) {
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
