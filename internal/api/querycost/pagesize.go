package querycost

import (
	"encoding/json"
	"math"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
)

// The page sizes of the public contract.
const (
	defaultPage = 20
	maxPage     = 100
)

// pages reads page sizes from the arguments of fields.
type pages struct {
	variables map[string]any
}

// size returns the page size of f, if it has the argument first or last. A size that the
// resolver will refuse counts as the nearest valid one.
func (p pages) size(f *ast.Field) (size int64, paged bool) {
	if f.Definition == nil {
		return 0, false
	}
	for _, arg := range [...]string{"first", "last"} {
		def := f.Definition.Arguments.ForName(arg)
		if def == nil {
			continue
		}
		paged = true
		if n, ok := p.number(f.Arguments.ForName(arg), def.DefaultValue); ok {
			size = max(size, min(max(n, 1), maxPage))
		}
	}
	if paged && size == 0 {
		size = defaultPage
	}
	return size, paged
}

// ids returns the number of IDs in the argument ids of f.
func (p pages) ids(f *ast.Field) (n int64, ok bool) {
	arg := f.Arguments.ForName("ids")
	if arg == nil {
		return 0, false
	}
	if arg.Value.Kind == ast.Variable {
		list, isList := p.variables[arg.Value.Raw].([]any)
		if !isList {
			return 1, true
		}
		return max(1, int64(len(list))), true
	}
	return max(1, int64(len(arg.Value.Children))), true
}

// number returns the value of arg, or else its default; ok is false if it is null or absent.
func (p pages) number(arg *ast.Argument, fallback *ast.Value) (n int64, ok bool) {
	value := fallback
	if arg != nil {
		value = arg.Value
	}
	if value == nil {
		return 0, false
	}
	if value.Kind == ast.Variable {
		given, present := p.variables[value.Raw]
		if !present && fallback != nil {
			return parse(fallback.Raw), true
		}
		return integer(given)
	}
	return parse(value.Raw), value.Kind != ast.NullValue
}

// integer converts a decoded Int; a value that is none counts as the largest.
func integer(v any) (n int64, ok bool) {
	switch v := v.(type) {
	case nil:
		return 0, false
	case int:
		return int64(v), true
	case int64:
		return v, true
	case json.Number:
		return parse(string(v)), true
	case string:
		return parse(v), true
	}
	return math.MaxInt64, true
}

func parse(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return math.MaxInt64
	}
	return n
}
