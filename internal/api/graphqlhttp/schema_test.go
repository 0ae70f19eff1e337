package graphqlhttp_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// resolver computes a value when its field is selected.
type resolver = func(ctx context.Context, args map[string]any) (any, error)

// object is a value of an object type.
type object = map[string]any

// schema executes operations without generated code: it has its SDL, and the values of its
// root fields. A value of an object type is a map from field to value, a list is a slice,
// and a resolver can take the place of any value. Invariant: the hooks of gqlgen (root
// fields, errors, panics) are called where generated code calls them.
type schema struct {
	parsed *ast.Schema
	root   object
}

var _ graphql.ExecutableSchema = (*schema)(nil)

// newSchema returns a schema with the given SDL. root has the root fields of all operations.
func newSchema(sdl string, root object) *schema {
	return &schema{gqlparser.MustLoadSchema(&ast.Source{Name: "schema", Input: sdl}), root}
}

// Schema returns the parsed SDL.
func (s *schema) Schema() *ast.Schema { return s.parsed }

// Complexity reports no complexity: querycost computes the cost of documents.
func (s *schema) Complexity(context.Context, string, string, int, map[string]any) (int, bool) {
	return 0, false
}

// Exec runs the operation in ctx.
func (s *schema) Exec(context.Context) graphql.ResponseHandler {
	done := false
	return func(ctx context.Context) *graphql.Response {
		if done {
			return nil
		}
		done = true
		op := graphql.GetOperationContext(ctx)
		kind := s.parsed.Query
		if op.Operation.Operation == ast.Mutation {
			kind = s.parsed.Mutation
		}
		e := execution{s, op}
		var out bytes.Buffer
		e.object(ctx, kind, op.Operation.SelectionSet, s.root, true).MarshalGQL(&out)
		return &graphql.Response{Data: out.Bytes()}
	}
}

// execution is one operation being executed.
type execution struct {
	*schema
	op *graphql.OperationContext
}

func (e execution) object(ctx context.Context, kind *ast.Definition, set ast.SelectionSet, value object, root bool) graphql.Marshaler {
	fields := graphql.CollectFields(e.op, set, append([]string{kind.Name}, kind.Interfaces...))
	out := graphql.NewFieldSet(fields)
	for i, field := range fields {
		resolve := func(ctx context.Context) graphql.Marshaler { return e.field(ctx, kind, field, value[field.Name]) }
		if root {
			ctx := graphql.WithRootFieldContext(ctx, &graphql.RootFieldContext{Object: kind.Name, Field: field})
			out.Values[i] = e.op.RootResolverMiddleware(ctx, resolve)
			continue
		}
		out.Values[i] = resolve(ctx)
	}
	return out
}

// field returns the value of one field, or null and an error.
func (e execution) field(ctx context.Context, kind *ast.Definition, field graphql.CollectedField, value any) (out graphql.Marshaler) {
	fc := &graphql.FieldContext{Object: kind.Name, Field: field}
	ctx = graphql.WithFieldContext(ctx, fc)
	defer func() {
		if crash := recover(); crash != nil {
			graphql.AddError(ctx, graphql.Recover(ctx, crash))
			out = graphql.Null
		}
	}()
	args := field.ArgumentMap(e.op.Variables)
	if err := readTimes(field.Definition, args); err != nil {
		graphql.AddError(ctx, err)
		return graphql.Null
	}
	fc.Args = args
	switch field.Name {
	case "__typename":
		return graphql.MarshalString(kind.Name)
	case "__type":
		value = object{"name": args["name"]}
	}
	if resolver, ok := value.(resolver); ok {
		var err error
		if value, err = resolver(ctx, args); err != nil {
			graphql.AddError(ctx, err)
			return graphql.Null
		}
	}
	return e.value(ctx, field, value)
}

func (e execution) value(ctx context.Context, field graphql.CollectedField, value any) graphql.Marshaler {
	switch value := value.(type) {
	case nil:
		return graphql.Null
	case object:
		return e.object(ctx, e.parsed.Types[field.Definition.Type.Name()], field.Selections, value, false)
	case []any:
		list := make(graphql.Array, len(value))
		for i := range value {
			list[i] = e.value(ctx, field, value[i])
		}
		return list
	}
	return graphql.WriterFunc(func(w io.Writer) { _ = json.NewEncoder(w).Encode(value) })
}

// readTimes parses the arguments of the scalar Time, as generated code does for any scalar.
func readTimes(def *ast.FieldDefinition, args map[string]any) error {
	for _, arg := range def.Arguments {
		text, ok := args[arg.Name].(string)
		if !ok || arg.Type.Name() != "Time" {
			continue
		}
		if _, err := time.Parse(time.RFC3339, text); err != nil {
			return err
		}
	}
	return nil
}
