// Package outbox delivers signed messages to HTTP receivers. Webhooks
// (internal/sync/webhook) and alerts (internal/moderation/alert) share it.
//
// Its users keep the messages: a row written in the transaction of the change it
// reports (a transactional outbox), or a cursor in the change feed. A process takes a
// lease on what it sends, by a conditional update of that row, for LeaseTime. Send
// signs a message after Standard Webhooks, posts it through egress, which prevents
// SSRF, and classifies the answer; Retry returns the backoff after a failure.
//
// The invariant: a lease outlives the longest attempt, so a message is never in flight
// twice, and it is delivered at least once, always under the same id. The package
// opens no database and keeps no state.
package outbox

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/egress"
	"github.com/tonggao/tonggao/internal/foundation/input"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/retry"
	"github.com/tonggao/tonggao/internal/foundation/webhooksig"
)

// Leases. Two attempts in a row, an event and the probe of the next, fit into RenewWithin.
const (
	LeaseTime   = 45 * time.Second
	RenewWithin = 25 * time.Second // a lease with less time left is renewed before the next attempt
)

// Message is a signed POST request.
type Message struct {
	ID      string // the same on every attempt
	URL     string
	Secrets []string // of Standard Webhooks, one signature each; none: unsigned
	Body    []byte   // JSON
}

// Outcome classifies the answer to a message.
type Outcome int

// The outcomes.
const (
	Delivered Outcome = iota
	Refused           // the receiver failed on its own: this message may be the cause
	Failed            // no answer, or one from a proxy in front of a receiver that is down
	Gone              // the receiver wants no further messages
)

// Classify returns the outcome of an HTTP status; 0 is no answer.
func Classify(status int) Outcome {
	switch {
	case status >= 200 && status < 300:
		return Delivered
	case status == http.StatusGone:
		return Gone
	case status == 0, status >= 300 && status < 400, status == http.StatusTooManyRequests, status == http.StatusRequestTimeout,
		status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusNotFound,
		status >= http.StatusBadGateway && status <= http.StatusGatewayTimeout:
		return Failed
	default:
		return Refused
	}
}

// Attempt records one attempt to deliver a message.
type Attempt struct {
	At      instant.Instant
	Took    time.Duration
	Outcome Outcome
	Answer  egress.Answer // Status 0: none
	Err     error         // why there is no answer
}

// Send signs m as of now and posts it.
func Send(ctx context.Context, client *egress.Client, m Message, now instant.Instant) Attempt {
	a := Attempt{At: now}
	begun := time.Now()
	header, err := webhooksig.Header(m.Secrets, m.ID, now, m.Body)
	if err == nil {
		a.Answer, err = client.Post(ctx, m.URL, header, m.Body)
	}
	a.Err, a.Took, a.Outcome = err, time.Since(begun), Classify(a.Answer.Status)
	return a
}

// Problem returns what went wrong, in one line for people; "" if nothing did.
func (a Attempt) Problem() string {
	var timeout interface{ Timeout() bool }
	switch status := a.Answer.Status; {
	case a.Outcome == Delivered:
		return ""
	case status >= 300 && status < 400:
		return fmt.Sprintf("answered %d; redirects are not followed: give the address that it leads to", status)
	case status != 0:
		return fmt.Sprintf("answered %d", status)
	case errors.Is(a.Err, context.DeadlineExceeded), errors.As(a.Err, &timeout) && timeout.Timeout():
		return "did not answer in time"
	default:
		return fmt.Sprint(a.Err)
	}
}

// Retry returns the backoff after the given number of failures in a row, lengthened by
// the receiver's Retry-After, and false after the last attempt.
func (a Attempt) Retry(failures int) (time.Duration, bool) {
	return retry.Delay(failures, rand.Float64(), a.Answer.RetryAfter)
}

// Excerpt returns at most max characters of foreign text, in one line, safe to store
// and to show.
func Excerpt(text string, max int) string {
	text = strings.Join(strings.Fields(input.Clean(text)), " ")
	if runes := []rune(text); len(runes) > max {
		text = string(runes[:max-1]) + "…"
	}
	return text
}

// Poll calls round at once, after every interval and on every wake-up, until ctx ends.
// Of failures in a row it reports the first.
func Poll(ctx context.Context, interval time.Duration, wake <-chan struct{}, round func(context.Context) error, report func(error)) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for failing := false; ctx.Err() == nil; {
		err := round(ctx)
		if err != nil && !failing && ctx.Err() == nil {
			report(err)
		}
		failing = err != nil
		select {
		case <-ctx.Done():
		case <-ticker.C:
		case <-wake:
		}
	}
}
