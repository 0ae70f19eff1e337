package graphqlhttp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/tonggao/tonggao/internal/api/querycost"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// handler speaks GraphQL over HTTP as
// https://graphql.github.io/graphql-over-http/draft/ has it, and carries
// subscriptions over SSE (sse.go) and WebSockets (socket.go).
type handler struct {
	exec      *executor.Executor
	limits    querycost.Limits
	errors    presenter
	requestID func(context.Context) string
	streams   StreamOptions
}

// ServeHTTP answers one request.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	this := h.newExchange(r.Context())
	ctx := context.WithValue(graphql.StartOperationTrace(r.Context()), exchangeKey{}, this)
	if isUpgrade(r.Header) {
		h.serveSocket(ctx, w, r)
		return
	}
	media, acceptable := negotiate(r.Header.Values("Accept"))
	if prefer(mediaEvents, r.Header.Values("Accept")).precise == 3 {
		h.serveEvents(ctx, w, r, media, acceptable)
		return
	}
	var answer reply
	if acceptable {
		answer = h.answer(ctx, w, r, media)
	} else {
		answer = h.refuse(ctx, refused(http.StatusNotAcceptable, "the answer can be "+mediaGraphQL+" or "+mediaJSON+"; name one of them in Accept"))
	}
	answer.write(w, media)
}

// answer is the answer to r. It survives a panic of everything below it.
func (h *handler) answer(ctx context.Context, w http.ResponseWriter, r *http.Request, media string) (answer reply) {
	defer func() {
		value := recover()
		if value == http.ErrAbortHandler {
			panic(value)
		}
		if value != nil {
			answer = h.refuse(ctx, refusal{http.StatusInternalServerError, &panicked{value, debug.Stack()}})
		}
	}()
	params, err := h.read(w, r)
	if err != nil {
		return h.refuse(ctx, err)
	}
	op, errs := h.exec.CreateOperationContext(ctx, params)
	if len(errs) > 0 {
		return h.requestErrors(graphql.WithOperationContext(ctx, op), op, errs, media)
	}
	if err := allowed(w, r.Method, op.Operation.Operation); err != nil {
		return h.refuse(ctx, err)
	}
	return h.execute(ctx, op)
}

// execute runs an operation that nothing speaks against.
func (h *handler) execute(ctx context.Context, op *graphql.OperationContext) reply {
	responses, opCtx := h.exec.DispatchOperation(ctx, op)
	response := responses(opCtx)
	if response == nil {
		return h.refuse(ctx, refusal{http.StatusServiceUnavailable, context.DeadlineExceeded})
	}
	answer := reply{status: http.StatusOK, errors: response.Errors, data: response.Data, extra: response.Extensions}
	if answer.data == nil && len(answer.errors) == 0 {
		answer.data = json.RawMessage("null")
	}
	if wait := heldBack(op, response.Errors); wait > 0 {
		answer.status, answer.retry = http.StatusTooManyRequests, wait
	}
	return answer
}

// heldBack is how many seconds the client has to wait where a limit kept every root
// field from being carried out; 0 where something was carried out, or failed otherwise.
func heldBack(op *graphql.OperationContext, errs gqlerror.List) (seconds int) {
	if op.Operation.Operation != ast.Mutation || len(errs) == 0 ||
		len(errs) != len(graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Mutation"})) {
		return 0
	}
	for _, err := range errs {
		wait, _ := err.Extensions["retryAfter"].(int)
		if wait == 0 || err.Extensions["code"] != string(fault.Limited) {
			return 0
		}
		seconds = max(seconds, wait)
	}
	return seconds
}

// requestErrors is the answer to an operation that is not executed. The older
// media type answers 200 to every well-formed request.
func (h *handler) requestErrors(ctx context.Context, op *graphql.OperationContext, errs gqlerror.List, media string) reply {
	if op.Doc != nil && op.Operation == nil {
		errs = gqlerror.List{carry(fault.New(fault.BadUserInput, "the document has no operation of that name; operationName must be one of its names"))}
	}
	leftOut := max(0, len(errs)-mostErrors)
	response := h.exec.DispatchError(ctx, errs[:len(errs)-leftOut])
	answer := reply{status: http.StatusOK, errors: response.Errors, extra: response.Extensions, leftOut: leftOut}
	if media == mediaGraphQL {
		answer.status = statusOf(response.Errors)
	}
	return answer
}

// allowed refuses a change by GET, which another site could make a browser
// send, and what has no single answer.
func allowed(w http.ResponseWriter, method string, kind ast.Operation) error {
	switch {
	case kind == ast.Subscription:
		return refused(http.StatusBadRequest, "a subscription has no single answer; open it with Accept: text/event-stream, or over a WebSocket with graphql-transport-ws")
	case kind == ast.Mutation && method == http.MethodGet:
		w.Header().Set("Allow", http.MethodPost)
		return refused(http.StatusMethodNotAllowed, "GET is for queries only; send mutations by POST")
	}
	return nil
}

// refusal is a request that is not one, with the status it gets.
type refusal struct {
	status int
	cause  error
}

func (r refusal) Error() string { return r.cause.Error() }
func (r refusal) Unwrap() error { return r.cause }

func refused(status int, message string) error {
	return refusal{status, fault.New(fault.BadUserInput, "%s", message)}
}

// refuse is the answer to err, which no operation was found for.
func (h *handler) refuse(ctx context.Context, err error) reply {
	status := http.StatusInternalServerError
	var r refusal
	if errors.As(err, &r) {
		status = r.status
	}
	return reply{status: status, errors: gqlerror.List{h.errors.present(ctx, err)}}
}

// read takes the parameters out of r.
func (h *handler) read(w http.ResponseWriter, r *http.Request) (*graphql.RawParams, error) {
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
		return nil, refused(http.StatusMethodNotAllowed, "send queries by GET or POST, and mutations by POST")
	}
	if err != nil {
		return nil, err
	}
	if p.Query == "" {
		return nil, refused(http.StatusBadRequest, "query is missing: the text of the document, as a string")
	}
	return &graphql.RawParams{
		Query: p.Query, OperationName: p.OperationName, Variables: p.Variables, Extensions: p.Extensions,
		Headers: r.Header, ReadTime: graphql.TraceTiming{Start: start, End: graphql.Now()},
	}, nil
}

// parameters is a request as JSON.
type parameters struct {
	Query         string         `json:"query"`
	OperationName string         `json:"operationName"`
	Variables     map[string]any `json:"variables"`
	Extensions    map[string]any `json:"extensions"`
}

// readURL takes the parameters of a GET; variables and extensions are JSON.
func (h *handler) readURL(q url.Values) (p parameters, err error) {
	p.Query, p.OperationName = q.Get("query"), q.Get("operationName")
	if !utf8.ValidString(p.Query) || !utf8.ValidString(p.OperationName) {
		return p, refused(http.StatusBadRequest, "query and operationName must be UTF-8, percent-encoded")
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

// readBody takes the parameters of a POST. It reads no further than the limit.
func (h *handler) readBody(w http.ResponseWriter, r *http.Request) (p parameters, err error) {
	if err := readable(r.Header); err != nil {
		return p, err
	}
	limit, values := h.limits.Body, h.limits.Values
	if policy.Allows(r.Context(), policy.SendLargeBodies) {
		limit, values = h.limits.AuthorBody, h.limits.AuthorValues
	}
	body, err := readUpTo(limit, w, r)
	if err != nil {
		return p, err
	}
	if text := bytes.TrimLeft(body, " \t\r\n"); len(text) > 0 && text[0] == '[' {
		return p, refused(http.StatusBadRequest, "batches are not supported; send each operation in a request of its own")
	}
	return p, h.decode(body, &p, "the body", values)
}

// readUpTo reads the body, and hangs up on one that is larger than limit.
func readUpTo(limit int64, w http.ResponseWriter, r *http.Request) (body []byte, err error) {
	var over *http.MaxBytesError
	if r.ContentLength <= limit {
		body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	}
	switch {
	case r.ContentLength > limit, errors.As(err, &over):
		w.Header().Set("Connection", "close") // or the server would read the rest
		return nil, refused(http.StatusRequestEntityTooLarge, fmt.Sprintf("the request is larger than %d bytes; send less at a time", limit))
	case err != nil:
		return nil, refused(http.StatusBadRequest, "the request's body broke off; send it again")
	}
	return body, nil
}

// readable refuses a body that is not plain JSON. A form could be sent by any
// site through a reader's browser; JSON cannot, unless CORS allows it.
func readable(header http.Header) error {
	media, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if charset := params["charset"]; err != nil || media != mediaJSON || charset != "" && !strings.EqualFold(charset, "utf-8") {
		return refused(http.StatusUnsupportedMediaType, "the body must be JSON in UTF-8; say so with Content-Type: application/json")
	}
	if encoding := header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return refused(http.StatusUnsupportedMediaType, "compressed requests are not supported; leave Content-Encoding out")
	}
	return nil
}

// decode reads the JSON object in text; what names it for the client.
func (h *handler) decode(text []byte, into any, what string, values int) error {
	switch levels, n := outline(text); {
	case !utf8.Valid(text), hasLoneSurrogate(text):
		return refused(http.StatusBadRequest, what+" must be JSON in UTF-8; convert text in GBK or another encoding before you send it, and escape no half of a surrogate pair")
	case levels > h.limits.Levels:
		return refused(http.StatusBadRequest, fmt.Sprintf("%s nests deeper than %d levels; send something flatter", what, h.limits.Levels))
	case n > values:
		return refused(http.StatusBadRequest, fmt.Sprintf("%s has more than %d values; send less at a time", what, values))
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // a 64-bit id must not become a float
	err := d.Decode(into)
	if err == nil {
		_, err = d.Token()
	}
	var mistyped *json.UnmarshalTypeError
	switch {
	case err == io.EOF && len(bytes.TrimSpace(text)) > 0:
		return nil
	case errors.As(err, &mistyped) && mistyped.Field != "":
		return refused(http.StatusBadRequest, mistyped.Field+" has the wrong type: query and operationName are strings, variables and extensions objects")
	}
	return refused(http.StatusBadRequest, what+" is not a JSON object")
}

// outline is how deep the brackets of JSON go, and a bound on its values that
// no decoder exceeds before it gives up.
func outline(text []byte) (levels, values int) {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{', c == '[':
			values++
			depth++
			levels = max(levels, depth)
		case c == ',':
			values++
		case c == '}', c == ']':
			depth--
		}
	}
	return levels, values
}
