// Package captcha verifies the captcha solutions of clients that write without a token,
// against spam.
//
// It speaks siteverify, the protocol that Turnstile, hCaptcha, reCAPTCHA and their clones
// share. A solution that the service rejects stops the write. A service that times out,
// fails or responds with nonsense does not: Check reports that it is unsure, and a
// moderator reviews what was written. The package does not send the reader's address to
// the service, which has seen it when it showed the captcha.
package captcha

import (
	"context"
	"log/slog"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// maxSolution limits the bytes of a solution; those of the services have about 2,048.
const maxSolution = 8 << 10

// Verifier reports whether a solution is correct. An error means that it cannot decide. It
// returns when ctx ends.
type Verifier interface {
	Verify(ctx context.Context, solution string) (correct bool, err error)
}

// Captcha checks the solutions of clients. The nil Captcha accepts every client.
type Captcha struct {
	verifier Verifier
	timeout  time.Duration
	logger   *slog.Logger
}

// New returns a Captcha that waits for v until the timeout.
func New(v Verifier, timeout time.Duration, logger *slog.Logger) *Captcha {
	return &Captcha{v, timeout, logger}
}

// Check adds to bad what is wrong with the solution of a client without a token; unsure
// means that the service could not decide. Written reports whether the same write
// succeeded before: a solution is valid once, and a client that repeats a write has no
// other.
func (c *Captcha) Check(ctx context.Context, solution *string, written func() (bool, error), bad *fault.Invalid) (unsure bool, err error) {
	if c == nil || policy.Allows(ctx, policy.SkipCaptcha) {
		return false, nil
	}
	if done, err := written(); done || err != nil {
		return false, err
	}
	if solution == nil || *solution == "" {
		bad.Add("REQUIRED", "captcha", "solve the captcha that the portal shows, and send its solution")
		return false, nil
	}
	if len(*solution) > maxSolution {
		bad.Add("TOO_LONG", "captcha", "has %d bytes; send the solution of the captcha unchanged", len(*solution))
		return false, nil
	}
	limited, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	correct, err := c.verifier.Verify(limited, *solution)
	if err != nil {
		c.logger.WarnContext(ctx, "captcha verification failed; accepting the write for review", "error", err)
		return true, nil
	}
	if correct {
		return false, nil
	}
	if done, err := written(); done || err != nil { // by a concurrent request
		return false, err
	}
	bad.Add("NOT_ALLOWED", "captcha", "the solution is wrong, was used before or has expired; let the reader solve a new captcha")
	return false, nil
}
