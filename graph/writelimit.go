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

// A WriteLimit is the limit of what the public writes from one network or with one reader's
// token: comments, reports and files per minute, and their bytes per day.
type WriteLimit struct {
	clock  func() time.Time
	writes *ratelimit.Limiter[string] // nil: no limit
	bytes  *ratelimit.Limiter[string] // nil: no limit
}

// NewWriteLimit returns a limit of perMinute writes with bursts of twice as many, and of
// bytes in any 24 hours; 0 of either is no limit.
func NewWriteLimit(perMinute, bytesPerDay int, clock func() time.Time) *WriteLimit {
	l := &WriteLimit{clock: clock}
	if perMinute > 0 {
		l.writes = ratelimit.New[string](float64(perMinute)/60, 2*float64(perMinute))
	}
	if half := float64(bytesPerDay) / 2; half > 0 { // half at once, half over the day
		l.bytes = ratelimit.New[string](half/(24*60*60), half)
	}
	return l
}

// rowBytes counts what a write stores in addition to its text: columns, indexes and the audit log.
const rowBytes = 2 << 10

// Take counts one write of the viewer with these texts. Beyond the limit it returns a LIMITED
// error with the time to wait.
func (l *WriteLimit) Take(ctx context.Context, texts ...*string) error {
	source, limited := l.source(ctx)
	if !limited {
		return nil
	}
	if l.writes != nil {
		if wait := l.writes.Take(source, l.clock()); wait > 0 {
			return &fault.Error{Code: fault.Limited, Retry: wait, Message: "too many comments and reports from you; wait for the seconds in retryAfter"}
		}
	}
	bytes := rowBytes
	for _, text := range texts {
		if text != nil {
			bytes += len(*text)
		}
	}
	return l.Store(ctx, bytes)
}

// Store counts bytes that are stored for the viewer.
func (l *WriteLimit) Store(ctx context.Context, bytes int) error {
	source, limited := l.source(ctx)
	if !limited || l.bytes == nil {
		return nil
	}
	if wait := l.bytes.Spend(source, float64(bytes), l.clock()); wait > 0 {
		return &fault.Error{Code: fault.Limited, Retry: wait, Message: "you have sent as much text and as many files as one address may in a day; wait for the seconds in retryAfter, or send less"}
	}
	return nil
}

// source returns whose limit a write counts towards, if there is a limit for the viewer.
func (l *WriteLimit) source(ctx context.Context) (source string, limited bool) {
	if l == nil || policy.Allows(ctx, policy.SkipPublicLimits) {
		return "", false
	}
	v := viewer.From(ctx)
	if v.TokenID != "" {
		return v.TokenID, true
	}
	addr, _ := netip.ParseAddr(v.Address) // unknown addresses share one bucket
	return ratelimit.Network(addr).String(), true
}
