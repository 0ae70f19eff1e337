package terminal

import "context"

type key struct{}

// With says that what is done in the context is for all terminals of s: it shows
// nothing that one of them does not show.
func With(ctx context.Context, s Set) context.Context { return context.WithValue(ctx, key{}, s) }

// Named is the terminals that what is done in the context is for; none: no
// terminal was named, and nothing is left out.
func Named(ctx context.Context) Set {
	s, _ := ctx.Value(key{}).(Set)
	return s
}
