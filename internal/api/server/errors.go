package server

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/reqinfo"
)

var statuses = map[fault.Code]int{
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Forbidden:       http.StatusForbidden,
	fault.NotFound:        http.StatusNotFound,
	fault.TooExpensive:    http.StatusRequestEntityTooLarge,
	fault.Limited:         http.StatusTooManyRequests,
	fault.Conflict:        http.StatusConflict,
	fault.Unavailable:     http.StatusServiceUnavailable,
	fault.BadUserInput:    http.StatusBadRequest,
	fault.OutcomeUnknown:  http.StatusGatewayTimeout,
}

// Describe returns the HTTP status and the message for err. The message of a defect reveals
// nothing.
func Describe(err error) (status int, message string) {
	status, known := statuses[fault.CodeOf(err)]
	if !known {
		return http.StatusInternalServerError, "internal error; report the request ID in X-Request-Id if it persists"
	}
	var f *fault.Error
	if errors.As(err, &f) {
		return status, f.Message
	}
	return status, err.Error() // a fault.Invalid, which is written for the user
}

// SetRetryAfter sets the header of the same name, if err says when to try again, and
// returns the seconds.
func SetRetryAfter(h http.Header, err error) (seconds int) {
	var f *fault.Error
	if errors.As(err, &f) && f.Retry > 0 {
		seconds = int(math.Ceil(f.Retry.Seconds()))
		h.Set("Retry-After", strconv.Itoa(seconds))
	}
	return seconds
}

// writeError writes err in the form of a GraphQL error, which clients of the API read. Its
// cause goes to the log only.
func (s *Server) writeError(w http.ResponseWriter, r *http.Request, err error) {
	status, message := Describe(err)
	id := reqinfo.From(r.Context()).ID
	if status >= http.StatusInternalServerError {
		s.options.Logger.ErrorContext(r.Context(), "request failed", "request", id, "error", err)
	}
	extensions := map[string]any{"code": fault.CodeOf(err), "requestId": id}
	if seconds := SetRetryAfter(w.Header(), err); seconds > 0 {
		extensions["retryAfter"] = seconds
	}
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="tonggao"`)
	}
	body, _ := json.Marshal(map[string]any{"errors": []any{map[string]any{"message": message, "extensions": extensions}}}) // strings and numbers always marshal
	writeJSON(w, status, string(body))
}
