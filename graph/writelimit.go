package graph

import (
	"context"
	"net/netip"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/ratelimit"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// A WriteLimit is the rate limit of what the public writes: comments and reports per
// minute from one network or with one reader's token. A nil WriteLimit limits nothing.
type WriteLimit struct {
	clock   func() time.Time
	sources *ratelimit.Limiter[string]
}

// NewWriteLimit returns a limit of perMinute writes with bursts of twice as many, or nil
// for 0.
func NewWriteLimit(perMinute int, clock func() time.Time) *WriteLimit {
	if perMinute == 0 {
		return nil
	}
	return &WriteLimit{clock, ratelimit.New[string](float64(perMinute)/60, 2*float64(perMinute))}
}

// Take counts one write of the viewer. Beyond the limit it returns a LIMITED error with the
// time to wait.
func (l *WriteLimit) Take(ctx context.Context) error {
	if l == nil || policy.Allows(ctx, policy.SkipPublicLimits) {
		return nil
	}
	v := viewer.From(ctx)
	source := v.TokenID
	if source == "" {
		addr, _ := netip.ParseAddr(v.Address) // unknown addresses share one bucket
		source = ratelimit.Network(addr).String()
	}
	if wait := l.sources.Take(source, l.clock()); wait > 0 {
		return &fault.Error{Code: fault.Limited, Retry: wait, Message: "too many comments and reports from you; wait for the seconds in retryAfter"}
	}
	return nil
}
