package graphqlhttp

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tonggao/tonggao/internal/store/policy"
)

// parameters is a GraphQL request as JSON.
type parameters struct {
	Query         string         `json:"query"`
	OperationName string         `json:"operationName"`
	Variables     map[string]any `json:"variables"`
	Extensions    map[string]any `json:"extensions"`
}

// readParams reads the GraphQL request from r.
func (h *handler) readParams(w http.ResponseWriter, r *http.Request) (*graphql.RawParams, error) {
	start := graphql.Now()
	var (
		p   parameters
		err error
	)
	switch r.Method {
	case http.MethodGet:
		p, err = h.readURL(r.URL.Query())
	case http.MethodPost:
		p, err = h.readBody(w, r)
	default:
		w.Header().Set("Allow", "GET, POST")
		return nil, requestError(http.StatusMethodNotAllowed, "send queries by GET or POST, and mutations by POST")
	}
	if err != nil {
		return nil, err
	}
	if p.Query == "" {
		return nil, requestError(http.StatusBadRequest, missingQuery)
	}
	return p.raw(start, r.Header), nil
}

const missingQuery = "query is missing: the text of the document, as a string"

// raw returns p as the executor takes it.
func (p parameters) raw(start time.Time, header http.Header) *graphql.RawParams {
	return &graphql.RawParams{Query: p.Query, OperationName: p.OperationName, Variables: p.Variables, Extensions: p.Extensions,
		Headers: header, ReadTime: graphql.TraceTiming{Start: start, End: graphql.Now()}}
}

// readURL reads the parameters of a GET; variables and extensions are JSON.
func (h *handler) readURL(q url.Values) (p parameters, err error) {
	p.Query, p.OperationName = q.Get("query"), q.Get("operationName")
	if !utf8.ValidString(p.Query) || !utf8.ValidString(p.OperationName) {
		return p, requestError(http.StatusBadRequest, "query and operationName must be UTF-8, percent-encoded")
	}
	for name, into := range map[string]*map[string]any{"variables": &p.Variables, "extensions": &p.Extensions} {
		if text := q.Get(name); text != "" {
			if err := h.decode([]byte(text), into, name, h.limits.Values); err != nil {
				return p, err
			}
		}
	}
	return p, nil
}

// readBody reads the parameters of a POST. Authors may send more than others.
func (h *handler) readBody(w http.ResponseWriter, r *http.Request) (p parameters, err error) {
	if err := checkContentType(r.Header); err != nil {
		return p, err
	}
	limit, values := h.limits.Body, h.limits.Values
	if policy.Allows(r.Context(), policy.SendLargeBodies) {
		limit, values = h.limits.AuthorBody, h.limits.AuthorValues
	}
	body, err := readLimited(limit, w, r)
	if err != nil {
		return p, err
	}
	if text := bytes.TrimLeft(body, " \t\r\n"); len(text) > 0 && text[0] == '[' {
		return p, requestError(http.StatusBadRequest, "batches are not supported; send each operation in a request of its own")
	}
	return p, h.decode(body, &p, "the body", values)
}

// readLimited reads the body of r. If it has more than limit bytes, the connection is closed.
func readLimited(limit int64, w http.ResponseWriter, r *http.Request) (body []byte, err error) {
	var tooLarge *http.MaxBytesError
	if r.ContentLength <= limit {
		body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	}
	switch {
	case r.ContentLength > limit, errors.As(err, &tooLarge):
		w.Header().Set("Connection", "close") // or the server would read the rest
		return nil, requestError(http.StatusRequestEntityTooLarge, "the request is larger than %d bytes; send less at a time", limit)
	case err != nil:
		return nil, requestError(http.StatusBadRequest, "the request's body is incomplete; send it again")
	}
	return body, nil
}

// checkContentType refuses a body that is not plain JSON. A form could be sent by any site
// through a reader's browser (CSRF); JSON cannot, unless CORS allows it.
func checkContentType(header http.Header) error {
	media, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if charset := params["charset"]; err != nil || media != mediaJSON || charset != "" && !strings.EqualFold(charset, "utf-8") {
		return requestError(http.StatusUnsupportedMediaType, "the body must be JSON in UTF-8; declare it with Content-Type: application/json")
	}
	if encoding := header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return requestError(http.StatusUnsupportedMediaType, "compressed requests are not supported; leave Content-Encoding out")
	}
	return nil
}

// decode decodes the JSON object in text, of at most values values, into v. Name is what
// errors call it.
func (h *handler) decode(text []byte, v any, name string, values int) error {
	switch depth, n := measureJSON(text); {
	case !utf8.Valid(text), hasLoneSurrogate(text):
		return requestError(http.StatusBadRequest, "%s must be JSON in UTF-8; convert text in GBK or another encoding before you send it, and escape no half of a surrogate pair", name)
	case depth > h.limits.Levels:
		return requestError(http.StatusBadRequest, "%s nests deeper than %d levels; send something flatter", name, h.limits.Levels)
	case n > values:
		return requestError(http.StatusBadRequest, "%s has more than %d values; send less at a time", name, values)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // a 64-bit ID must not become a float
	err := d.Decode(v)
	if err == nil {
		_, err = d.Token()
	}
	var mistyped *json.UnmarshalTypeError
	switch {
	case err == io.EOF && len(bytes.TrimSpace(text)) > 0:
		return nil
	case errors.As(err, &mistyped) && mistyped.Field != "":
		return requestError(http.StatusBadRequest, "%s has the wrong type: query and operationName are strings, variables and extensions objects", mistyped.Field)
	}
	return requestError(http.StatusBadRequest, "%s is not a JSON object", name)
}

// measureJSON returns how deep the brackets of text nest, and an upper bound of the number
// of values that a decoder makes of it.
func measureJSON(text []byte) (depth, values int) {
	open, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{', c == '[':
			values++
			open++
			depth = max(depth, open)
		case c == ',':
			values++
		case c == '}', c == ']':
			open--
		}
	}
	return depth, values
}
