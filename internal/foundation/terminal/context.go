package terminal

import "context"

type key struct{}

// With returns a context for the terminals of s: reads show nothing that one of them
// does not show.
func With(ctx context.Context, s Set) context.Context { return context.WithValue(ctx, key{}, s) }

// Named returns the terminals of the context. Without any, reads leave nothing out.
func Named(ctx context.Context) Set {
	s, _ := ctx.Value(key{}).(Set)
	return s
}
