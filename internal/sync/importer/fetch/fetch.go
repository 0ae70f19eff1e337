// Package fetch downloads the pictures of a site that moves in, through the client that
// refuses addresses of internal hosts.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/egress"
)

// Attempts at a picture, and the delay before the second, which doubles each time.
const (
	attempts = 3
	delay    = time.Second
)

// Client downloads pictures.
type Client struct {
	egress *egress.Client
	agent  string
	pause  func(ctx context.Context, d time.Duration) error
}

// New returns a client. Pause waits between attempts.
func New(e *egress.Client, agent string, pause func(context.Context, time.Duration) error) *Client {
	return &Client{e, agent, pause}
}

// Get returns the content at an address. Failures that may pass are tried again.
func (c *Client) Get(ctx context.Context, address string) (io.ReadCloser, error) {
	header := http.Header{"User-Agent": {c.agent}, "Accept": {"image/*"}}
	for attempt := 1; ; attempt++ {
		content, err := c.egress.Get(ctx, address, header)
		if err == nil || attempt == attempts || !passing(err) || ctx.Err() != nil {
			if err != nil {
				return nil, fmt.Errorf("after attempt %d: %w", attempt, err)
			}
			return content, nil
		}
		if err := c.pause(ctx, delay<<(attempt-1)); err != nil {
			return nil, err
		}
	}
}

// passing reports whether another attempt may succeed.
func passing(err error) bool {
	var status egress.StatusError
	if errors.As(err, &status) {
		return status >= 500 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout
	}
	return !errors.Is(err, egress.ErrForbidden)
}

// Pause waits for a time, or until ctx ends.
func Pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
