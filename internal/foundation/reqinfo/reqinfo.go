// Package reqinfo carries the ID, the client address and the language of a request in the
// context: for the log, for rate limits, and for responses. It does not authorise anything.
package reqinfo

import (
	"context"
	"net/netip"
)

// Info describes a request before its body is read.
type Info struct {
	ID      string
	Address netip.Addr // of the client; the zero Addr where there is none
	Chinese bool       // the client prefers messages in Chinese to English
}

type key struct{}

// With returns a context with i.
func With(ctx context.Context, i Info) context.Context { return context.WithValue(ctx, key{}, i) }

// From returns the request of the context, or the zero Info.
func From(ctx context.Context) Info {
	i, _ := ctx.Value(key{}).(Info)
	return i
}
