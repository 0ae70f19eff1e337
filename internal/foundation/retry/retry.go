// Package retry decides when something that failed is attempted again: by exponential
// backoff with jitter, and for deliveries to other programs by the schedule of Standard
// Webhooks (https://www.standardwebhooks.com) and the Retry-After header of the receiver.
//
// Delays are pure functions of their arguments: the package reads no clock, draws no
// random numbers and does not sleep. It does not decide which failures are permanent.
package retry

import (
	"strconv"
	"time"
)

// backoff is the delay after each failed attempt, a little over three days in all.
var backoff = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour,
	10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

const (
	jitter        = 0.1       // part of a delay that is added or taken away
	maxRetryAfter = time.Hour // longer demands of a receiver are cut
)

// Exponential returns how long to wait after the given number of failures in a row, from 1:
// first, doubled with each further failure, and at most longest. Up to half of it is jitter,
// selected by random in [0, 1), so that those that failed together do not return together.
func Exponential(failures int, first, longest time.Duration, random float64) time.Duration {
	d := min(first, longest)
	for range min(failures-1, 62) {
		d += min(d, longest-d)
	}
	return d/2 + time.Duration(random*float64(d/2))
}

// Delay returns how long to wait after the given number of failures, from 1, and false
// after the last attempt. Random, in [0, 1), selects the jitter, so that deliveries that
// failed together are not repeated together. A retryAfter in seconds can lengthen the
// delay to an hour, and never shortens it; dates are ignored.
func Delay(failures int, random float64, retryAfter string) (time.Duration, bool) {
	if failures > len(backoff) {
		return 0, false
	}
	d := backoff[max(failures, 1)-1]
	d += time.Duration((2*random - 1) * jitter * float64(d))
	if seconds, err := strconv.Atoi(retryAfter); err == nil && seconds > 0 {
		seconds = min(seconds, int(maxRetryAfter/time.Second))
		d = max(d, time.Duration(seconds)*time.Second)
	}
	return d, true
}
