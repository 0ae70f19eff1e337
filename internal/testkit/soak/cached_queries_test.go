package soak_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
)

// queries returns queries about the items of the world: every root field with arguments that
// find something, with the leaves of its type, and with each of its objects.
func (w *world) queries(t *testing.T) (list []string) {
	t.Helper()
	s := schema(t)
	for _, field := range s.Query.Fields {
		if strings.HasPrefix(field.Name, "__") {
			continue
		}
		for _, arguments := range w.arguments(field) {
			for _, selection := range selections(s, s.Types[field.Type.Name()], 2) {
				list = append(list, "{ "+field.Name+arguments+" "+selection+" }")
			}
		}
	}
	return list
}

// arguments returns what a root field is asked with.
func (w *world) arguments(f *ast.FieldDefinition) (list []string) {
	id := func(names ...string) {
		for _, name := range names {
			list = append(list, fmt.Sprintf("(id: %q)", w.id[name]))
		}
	}
	filter := func(fields ...string) {
		for _, field := range fields {
			name, item, _ := strings.Cut(field, " ")
			list = append(list, fmt.Sprintf("(first: 5, filter: {%s: %q})", name, w.id[item]))
		}
	}
	switch f.Name {
	case "node":
		id("article", "draft", "down", "comment", "pending", "category", "sibling", "publisher", "idle", "vacant")
	case "nodes":
		list = append(list, fmt.Sprintf("(ids: [%q, %q, %q])", w.id["article"], w.id["down"], w.id["draft"]))
	case "article":
		id("article", "draft", "down")
		list = append(list, fmt.Sprintf("(slug: %q)", w.address))
	case "articles":
		filter("category category", "category sibling", "publisher publisher", "region vacant")
		list = append(list, "(first: 5)", "(first: 5, orderBy: UPDATED_DESC)", "(first: 5, orderBy: VIEWS_DESC)", `(first: 5, filter: {tag: "食堂"})`)
	case "search":
		list = append(list, `(query: "食堂", first: 5)`, `(query: "菜单", first: 5)`)
	case "category":
		id("category", "sibling", "empty")
		list = append(list, fmt.Sprintf("(slug: %q)", w.slug("category")), fmt.Sprintf("(slug: %q)", w.slug("new")))
	case "region":
		id("vacant")
	case "publisher":
		id("publisher", "idle")
	case "comments":
		filter("article article")
		list = append(list, "(first: 5)")
	case "categories", "regions", "site", "trending":
		list = append(list, "")
	case "publishers":
		list = append(list, "(first: 50)")
	}
	return list // what is for one client, or for staff, is not kept
}

// selections returns the leaves of a type, and each of its objects, down to some levels.
func selections(s *ast.Schema, def *ast.Definition, depth int) (list []string) {
	var leaves []string
	for _, f := range def.Fields {
		if strings.HasPrefix(f.Name, "__") {
			continue
		}
		next, name := s.Types[f.Type.Name()], f.Name+neededArguments(f)
		if next.Kind == ast.Scalar || next.Kind == ast.Enum {
			leaves = append(leaves, name)
			continue
		}
		below := depth - 1
		if strings.HasSuffix(next.Name, "Connection") || strings.HasSuffix(next.Name, "Edge") {
			below = depth
		}
		if below > 0 {
			for _, inner := range selections(s, next, below) {
				list = append(list, "{ "+name+" "+inner+" }")
			}
		}
	}
	if def.IsAbstractType() {
		for _, t := range s.GetPossibleTypes(def) {
			for _, inner := range selections(s, t, 1) {
				leaves = append(leaves, "... on "+t.Name+" "+aliased(inner, t.Name))
			}
		}
	}
	if len(leaves) > 0 {
		list = append(list, "{ "+strings.Join(append(leaves, "__typename"), " ")+" }")
	}
	return list
}

// aliased gives the leaves of a type names that no other type has: theirs may be of other types.
func aliased(selection, of string) string {
	var b strings.Builder
	depth := 0
	for word := range strings.FieldsSeq(selection) {
		name := strings.TrimLeft(word, "({")
		if depth == 0 && name == word && word != "}" && !strings.HasPrefix(word, "__") && !strings.HasSuffix(word, ")") {
			b.WriteString(strings.ToLower(of) + "_" + strings.SplitN(word, "(", 2)[0] + ": ")
		}
		depth += strings.Count(word, "(") - strings.Count(word, ")")
		b.WriteString(word + " ")
	}
	return b.String()
}

// neededArguments returns the arguments of a nested field.
func neededArguments(f *ast.FieldDefinition) string {
	var list []string
	for _, a := range f.Arguments {
		switch {
		case a.Name == "first":
			list = append(list, "first: 3")
		case a.Type.Name() == "Terminal" && a.Type.NonNull && a.DefaultValue == nil:
			list = append(list, a.Name+": WAP")
		}
	}
	if len(list) == 0 {
		return ""
	}
	return "(" + strings.Join(list, ",") + ")"
}
