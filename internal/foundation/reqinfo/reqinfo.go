// Package request names a request, for the log and for the answer that tells a
// client what to quote. It travels in the context and decides nothing.
package reqinfo

import (
	"context"
	"net/netip"
)

// Info is what is known of a request before it is read.
type Info struct {
	ID      string
	Address netip.Addr // the client's; not valid where there is none
}

type key struct{}

// With puts i into the context.
func With(ctx context.Context, i Info) context.Context { return context.WithValue(ctx, key{}, i) }

// From is the request in the context, or none.
func From(ctx context.Context) Info {
	i, _ := ctx.Value(key{}).(Info)
	return i
}
