package graphqlhttp

import (
	"encoding/json"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// The media types of an answer. In the older one every well-formed request is
// answered with 200; in the newer one the status tells.
const (
	mediaJSON    = "application/json"
	mediaGraphQL = "application/graphql-response+json"
)

// preference is how much a client likes a media type: q, then how precisely
// it was named, then how early.
type preference struct {
	q       float64
	precise int // 3 for type/subtype, 2 for type/*, 1 for */*
	place   int
}

// negotiate picks the media type of the answer; ok is false where the client
// takes neither. Without an Accept header, and for wildcards, it is JSON.
func negotiate(accept []string) (media string, ok bool) {
	ranges := strings.Split(strings.Join(accept, ","), ",")
	if strings.TrimSpace(strings.Join(ranges, "")) == "" {
		return mediaJSON, true
	}
	plain, newer := prefer(mediaJSON, ranges), prefer(mediaGraphQL, ranges)
	switch {
	case plain.q == 0 && newer.q == 0:
		return mediaJSON, false
	case newer.over(plain):
		return mediaGraphQL, true
	}
	return mediaJSON, true
}

// prefer is what the ranges of an Accept header say of media; the most precise one counts.
func prefer(media string, ranges []string) (best preference) {
	for place, r := range ranges {
		name, params, err := mime.ParseMediaType(r)
		if err != nil {
			continue
		}
		p := preference{q: quality(params["q"]), place: -place}
		switch name {
		case media:
			p.precise = 3
		case "application/*":
			p.precise = 2
		case "*/*":
			p.precise = 1
		}
		if p.precise > best.precise {
			best = p
		}
	}
	return best
}

func (p preference) over(o preference) bool {
	switch {
	case p.q != o.q:
		return p.q > o.q
	case p.precise != o.precise:
		return p.precise > o.precise
	}
	return p.place > o.place
}

func quality(q string) float64 {
	if q == "" {
		return 1
	}
	n, err := strconv.ParseFloat(q, 64)
	if err != nil || !(n >= 0 && n <= 1) {
		return 0
	}
	return n
}

// The errors of an answer take no more bytes than this.
const largestErrors = 3 << 10

// reply is an answer before it is written.
type reply struct {
	status  int
	errors  gqlerror.List
	data    json.RawMessage // nil: there is no data entry
	extra   map[string]any
	leftOut int // errors that are not told
	retry   int // seconds to wait; 0: not told
}

// statusOf is the status for the first of the errors.
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

// write sends the answer. The data is copied as it is: it is JSON already, and
// most of the answer.
func (a reply) write(w http.ResponseWriter, media string) {
	head, tail := []byte("{"), []byte("}\n")
	if len(a.errors) > 0 {
		text, leftOut := errorsJSON(a.errors)
		head = append(append(head, `"errors":`...), text...)
		a.leftOut += leftOut
	}
	if a.data != nil {
		if len(a.errors) > 0 {
			head = append(head, ',')
		}
		head = append(head, `"data":`...)
	}
	if extra := a.extensions(); extra != nil {
		tail = append(append([]byte(`,"extensions":`), extra...), tail...)
	}
	header := w.Header()
	header.Add("Vary", "Accept")
	header.Set("Content-Type", media+"; charset=utf-8")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Length", strconv.Itoa(len(head)+len(a.data)+len(tail)))
	if a.retry > 0 {
		header.Set("Retry-After", strconv.Itoa(a.retry))
	}
	w.WriteHeader(a.status)
	for _, part := range [][]byte{head, a.data, tail} {
		_, _ = w.Write(part) // a client that went away is no error of ours
	}
}

// extensions is the JSON of the extensions, or nil.
func (a reply) extensions() []byte {
	if a.leftOut > 0 {
		if a.extra == nil {
			a.extra = map[string]any{}
		}
		a.extra["errorsLeftOut"] = a.leftOut
	}
	if len(a.extra) == 0 {
		return nil
	}
	text, err := json.Marshal(a.extra)
	if err != nil { // an extension of ours that is no JSON
		return nil
	}
	return text
}

// errorsJSON writes as many of the errors as there is room for, and at least the first.
func errorsJSON(errs gqlerror.List) (text []byte, leftOut int) {
	for n := min(len(errs), mostErrors); ; n-- {
		text, _ = json.Marshal(errs[:n])
		if len(text) <= largestErrors {
			return text, len(errs) - n
		}
		if n == 1 {
			text, _ = json.Marshal(gqlerror.List{{Message: errs[0].Message, Extensions: errs[0].Extensions}})
			return text, len(errs) - 1
		}
	}
}
