package webhook

import "net/http"

// probeFrom is after how many attempts at an event that the receiver answers, and
// does not take, it is asked to take the next event instead.
const probeFrom = 4

// verdict is what an attempt means.
type verdict int

const (
	delivered verdict = iota
	refused           // answered with a failure of its own: this event may be the trouble
	failing           // not answered, or by something in front of a receiver that is down
	gone              // wants no more, ever
)

// judge tells what an HTTP status means; 0 is no answer.
func classify(status int) verdict {
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
