package graphqlhttp

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// maxErrorBytes bounds the errors of a response.
const maxErrorBytes = 3 << 10

// response is a response before it is written.
type response struct {
	status     int
	errors     gqlerror.List
	data       json.RawMessage // nil: there is no data entry
	extensions map[string]any
	omitted    int // errors that are left out
	retryAfter int // seconds; 0: the header is left out
}

// statusOf returns the status for the first of the errors.
func statusOf(errs gqlerror.List) int {
	if len(errs) == 0 {
		return http.StatusBadRequest
	}
	code, _ := errs[0].Extensions["code"].(string)
	switch fault.Code(code) {
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.Limited:
		return http.StatusTooManyRequests
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	case fault.Internal:
		return http.StatusInternalServerError
	}
	return http.StatusBadRequest
}

// parts returns the body. The data is JSON already, and most of the response, so it is not
// encoded again.
func (r response) parts() [3][]byte {
	head, tail := []byte("{"), []byte("}\n")
	if len(r.errors) > 0 {
		text, omitted := errorsJSON(r.errors)
		head = append(append(head, `"errors":`...), text...)
		r.omitted += omitted
	}
	if r.data != nil {
		if len(r.errors) > 0 {
			head = append(head, ',')
		}
		head = append(head, `"data":`...)
	}
	if extensions := r.extensionsJSON(); extensions != nil {
		tail = append(append([]byte(`,"extensions":`), extensions...), tail...)
	}
	return [3][]byte{head, r.data, tail}
}

// write writes the response.
func (r response) write(w http.ResponseWriter, media string) {
	parts := r.parts()
	header := w.Header()
	header.Add("Vary", "Accept")
	header.Set("Content-Type", media+"; charset=utf-8")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Length", strconv.Itoa(len(parts[0])+len(parts[1])+len(parts[2])))
	if r.retryAfter > 0 {
		header.Set("Retry-After", strconv.Itoa(r.retryAfter))
	}
	w.WriteHeader(r.status)
	for _, part := range parts {
		_, _ = w.Write(part) // fails only if the client is gone
	}
}

// extensionsJSON returns the JSON of the extensions, or nil if there are none.
func (r response) extensionsJSON() []byte {
	if r.omitted > 0 {
		if r.extensions == nil {
			r.extensions = map[string]any{}
		}
		r.extensions["errorsLeftOut"] = r.omitted
	}
	if len(r.extensions) == 0 {
		return nil
	}
	text, err := json.Marshal(r.extensions)
	if err != nil { // an extension of ours that has no JSON
		return nil
	}
	return text
}

// errorsJSON returns the JSON of as many errors as fit into maxErrorBytes, at least of the
// first, and how many are left out.
func errorsJSON(errs gqlerror.List) (text []byte, omitted int) {
	for n := min(len(errs), maxErrors); ; n-- {
		text, _ = json.Marshal(errs[:n])
		if len(text) <= maxErrorBytes {
			return text, len(errs) - n
		}
		if n == 1 {
			text, _ = json.Marshal(gqlerror.List{{Message: errs[0].Message, Extensions: errs[0].Extensions}})
			return text, len(errs) - 1
		}
	}
}
