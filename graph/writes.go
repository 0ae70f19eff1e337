package graph

import (
	"context"
	"net/netip"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/ratelimit"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// Writes limits what the public writes: comments and reports, so many a minute from an
// address or with a reader's token. The staff is not limited. The nil Writes limits
// nothing.
type Writes struct {
	clock   func() time.Time
	sources *ratelimit.Limiter[string]
}

// NewWrites lets through so many writes a minute, and twice as many at once.
func NewWrites(perMinute int, clock func() time.Time) *Writes {
	if perMinute == 0 {
		return nil
	}
	return &Writes{clock, ratelimit.New[string](float64(perMinute)/60, 2*float64(perMinute))}
}

// Take lets one write of the viewer through, or says how long to wait.
func (w *Writes) Take(ctx context.Context) error {
	v := viewer.From(ctx)
	if w == nil || !v.Is(viewer.Anonymous, viewer.Reader) {
		return nil
	}
	source := v.TokenID
	if source == "" {
		addr, _ := netip.ParseAddr(v.Address) // those of nobody we know share one
		source = ratelimit.Network(addr).String()
	}
	if wait := w.sources.Take(source, w.clock()); wait > 0 {
		return &fault.Error{Code: fault.Limited, Retry: wait, Message: "too many comments and reports from you; wait as long as retryAfter says"}
	}
	return nil
}
