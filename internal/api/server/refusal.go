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

// statuses is the HTTP status of faults that come before GraphQL.
var statuses = map[fault.Code]int{
	fault.Unauthenticated: http.StatusUnauthorized,
	fault.Forbidden:       http.StatusForbidden,
	fault.NotFound:        http.StatusNotFound,
	fault.TooExpensive:    http.StatusRequestEntityTooLarge,
	fault.Limited:         http.StatusTooManyRequests,
	fault.Conflict:        http.StatusConflict,
	fault.Unavailable:     http.StatusServiceUnavailable,
	fault.BadUserInput:    http.StatusBadRequest,
}

// refuse answers in the form of a GraphQL error, which is what clients of the API
// read. The cause stays in the log.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	code, message := fault.CodeOf(err), "something went wrong on our side"
	var f *fault.Error
	if errors.As(err, &f) {
		message = f.Message
	}
	status, ok := statuses[code]
	if !ok {
		status = http.StatusInternalServerError
	}
	if status >= http.StatusInternalServerError {
		s.options.Logger.ErrorContext(r.Context(), "refused", "request", reqinfo.From(r.Context()).ID, "error", err)
	}
	extensions := map[string]any{"code": code, "requestId": reqinfo.From(r.Context()).ID}
	if f != nil && f.Retry > 0 {
		seconds := int(math.Ceil(f.Retry.Seconds()))
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
		extensions["retryAfter"] = seconds
	}
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="tonggao"`)
	}
	body, _ := json.Marshal(map[string]any{"errors": []any{map[string]any{"message": message, "extensions": extensions}}})
	writeJSON(w, status, string(body))
}
