package webhook

import (
	"net/http"
	"strconv"
	"time"
)

// waits is how long to wait after each failed attempt: the schedule of Standard
// Webhooks, a little over three days. After the last one the webhook is paused.
var waits = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour,
	10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

const (
	// probeFrom is after how many attempts at an event that the receiver answers,
	// and does not take, it is asked to take the next event instead.
	probeFrom = 4
	// longestRetryAfter is how much of a receiver's Retry-After is believed.
	longestRetryAfter = time.Hour
)

// verdict is what an attempt means.
type verdict int

const (
	delivered verdict = iota
	refused           // answered with a failure of its own: this event may be the trouble
	failing           // not answered, or by something in front of a receiver that is down
	gone              // wants no more, ever
)

// judge tells what an HTTP status means; 0 is no answer.
func judge(status int) verdict {
	switch {
	case status >= 200 && status < 300:
		return delivered
	case status == http.StatusGone:
		return gone
	case status == 0, status >= 300 && status < 400, status == http.StatusTooManyRequests, status == http.StatusRequestTimeout,
		status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusNotFound,
		status >= http.StatusBadGateway && status <= http.StatusGatewayTimeout:
		return failing
	default:
		return refused
	}
}

// wait is how long to wait after an event failed so many times, and false where
// that was the last time. Random is in [0, 1): it spreads the wait by a tenth up
// and down, so that many do not come back in step. The receiver may ask for more.
func wait(failures int, random float64, retryAfter string) (time.Duration, bool) {
	if failures > len(waits) {
		return 0, false
	}
	d := waits[failures-1]
	d += time.Duration((random - 0.5) * 0.2 * float64(d))
	if seconds, err := strconv.Atoi(retryAfter); err == nil && seconds > 0 {
		d = max(d, min(time.Duration(min(seconds, 1<<20))*time.Second, longestRetryAfter))
	}
	return d, true
}
