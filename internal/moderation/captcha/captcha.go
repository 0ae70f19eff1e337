// Package captcha asks a service whether a person solved its puzzle, before somebody
// who shows no token writes.
//
// The services agree on one protocol, siteverify: Turnstile, hCaptcha, reCAPTCHA and
// what imitates them. A solution that the service refuses writes nothing. A service
// that hangs, fails or answers nonsense refuses nobody: whoever asked is told that
// nobody knows, and lets a person look. The package refuses to tell the service where
// a reader is; it saw that when it showed its puzzle.
package captcha

import (
	"context"
	"log/slog"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// longest is the most bytes of a solution. The services' own have 2,048 or so.
const longest = 8 << 10

// Verifier knows whether a solution is right. An error means that it cannot tell. It
// returns when ctx ends.
type Verifier interface {
	Verify(ctx context.Context, solution string) (right bool, err error)
}

// Captcha is what a portal asks of those who write. The nil Captcha asks nothing.
type Captcha struct {
	verifier Verifier
	limit    time.Duration
	logger   *slog.Logger
}

// New asks v, which has so long to answer.
func New(v Verifier, limit time.Duration, logger *slog.Logger) *Captcha {
	return &Captcha{v, limit, logger}
}

// Ask adds to bad what speaks against a write with this solution; unsure means that
// nobody could tell. Written reports whether the same write was done before: a
// solution is good once, and whoever sends a write again has no other.
func (c *Captcha) Ask(ctx context.Context, solution *string, written func() (bool, error), bad *fault.Invalid) (unsure bool, err error) {
	if c == nil || !viewer.From(ctx).Is(viewer.Anonymous) {
		return false, nil
	}
	if done, err := written(); done || err != nil {
		return false, err
	}
	if solution == nil || *solution == "" {
		bad.Add("REQUIRED", "captcha", "solve the captcha that the portal shows, and send what it gives you")
		return false, nil
	}
	if len(*solution) > longest {
		bad.Add("TOO_LONG", "captcha", "has %d bytes; send what the captcha gives you as it is", len(*solution))
		return false, nil
	}
	limited, cancel := context.WithTimeout(ctx, c.limit)
	defer cancel()
	right, err := c.verifier.Verify(limited, *solution)
	if err != nil {
		c.logger.WarnContext(ctx, "the captcha service did not say; a person has to look", "error", err)
		return true, nil
	}
	if right {
		return false, nil
	}
	if done, err := written(); done || err != nil { // meanwhile, by a request beside this one
		return false, err
	}
	bad.Add("NOT_ALLOWED", "captcha", "it was not solved, was used before or is too old; let the reader solve a new one")
	return false, nil
}
