// Package execution is what the generated executor (graph/generated) calls in place of
// gqlgen's run-time functions. Gqlgen starts a goroutine for each row of a list and for each
// field with a resolver, and builds a tree of marshalers before it writes the first byte.
// Here one goroutine resolves an operation field by field and writes each value into one
// buffer as soon as it is known. That is possible because no field waits for another: a
// field of many rows is loaded for all of them at once (internal/foundation/dataloader).
//
// graph/generate.go is the generator; docs/decisions/0024-reads-without-a-cache.md says
// why.
package execution

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
)

// fieldContext is a context with the FieldContext of a field or of a row, in one
// allocation. To gqlgen it is what graphql.WithFieldContext returns.
type fieldContext struct {
	context.Context
	field graphql.FieldContext
	index int
}

// Value implements context.Context.
func (c *fieldContext) Value(key any) any {
	if key == fieldKey {
		return &c.field
	}
	return c.Context.Value(key)
}

// fieldKey is the key of the FieldContext, which gqlgen does not export.
var fieldKey = func() any {
	var p keyProbe
	graphql.GetFieldContext(&p)
	return p.key
}()

// keyProbe remembers the key that it is asked for.
type keyProbe struct {
	context.Context
	key any
}

// Value implements context.Context.
func (p *keyProbe) Value(key any) any {
	p.key = key
	return nil
}

// Enter returns the context of a field of an object.
func Enter(ctx context.Context, object string, field graphql.CollectedField, method, resolver bool) context.Context {
	return enter(ctx, object, field, method, resolver)
}

func enter(ctx context.Context, object string, field graphql.CollectedField, method, resolver bool) *fieldContext {
	return &fieldContext{Context: ctx, field: graphql.FieldContext{Parent: graphql.GetFieldContext(ctx),
		Object: object, Field: field, IsMethod: method, IsResolver: resolver}}
}

// Resolve returns the value of a field without arguments. A panic becomes an error of the
// field, which is null then.
func Resolve[T any](ctx context.Context, oc *graphql.OperationContext, object string, field graphql.CollectedField, resolver, nonNull bool,
	resolve func(context.Context) (any, error), marshal func(context.Context, T) graphql.Marshaler) (m graphql.Marshaler) {
	c := enter(ctx, object, field, true, resolver)
	defer func() {
		if p := recover(); p != nil {
			oc.Error(c, oc.Recover(c, p))
			m = graphql.Null
		}
	}()
	value, err := oc.ResolverMiddleware(c, resolve)
	if err != nil {
		oc.Error(c, graphql.AddFieldLocationToError(c, err))
		return graphql.Null
	}
	if value == nil {
		if nonNull {
			graphql.AddInvalidNullError(c, "")
		}
		return graphql.Null
	}
	return marshal(c, value.(T))
}

// Root returns the value of a field of Query or Mutation.
func Root(ctx context.Context, oc *graphql.OperationContext, resolve func(context.Context) graphql.Marshaler) graphql.Marshaler {
	return oc.RootResolverMiddleware(ctx, func(ctx context.Context) (m graphql.Marshaler) {
		defer func() {
			if p := recover(); p != nil {
				oc.Error(ctx, oc.Recover(ctx, p))
				m = graphql.Null
			}
		}()
		return resolve(ctx)
	})
}
