package graphqlhttp

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"runtime/debug"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/tonggao/tonggao/internal/api/querycost"
	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// handler implements https://graphql.github.io/graphql-over-http/draft/, and subscriptions
// over SSE (sse.go) and WebSockets (socket.go).
type handler struct {
	exec      *executor.Executor
	limits    querycost.Limits
	errors    presenter
	requestID func(context.Context) string
	streams   StreamOptions
	place     func(context.Context, Operation) (context.Context, func(http.Header), error)
	cached    *Cached // nil: no answer is kept

	answerBytes int64
	admission   Admission
}

// ServeHTTP answers one request.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx := context.WithValue(graphql.StartOperationTrace(r.Context()), exchangeKey{}, h.newExchange(r.Context()))
	if isUpgrade(r.Header) {
		h.serveSocket(ctx, w, r)
		return
	}
	media, acceptable := negotiate(r.Header.Values("Accept"))
	if preferenceFor(mediaEvents, r.Header.Values("Accept")).specificity == exact {
		h.serveEvents(ctx, w, r, media, acceptable)
		return
	}
	if !acceptable {
		err := requestError(http.StatusNotAcceptable, "the response can be %s or %s; name one of them in Accept", mediaGraphQL, mediaJSON)
		h.errorResponse(ctx, err).write(w, media)
		return
	}
	h.answer(ctx, w, r, media)
}

// respond returns the response to r, also where something below it panics.
func (h *handler) respond(ctx context.Context, w http.ResponseWriter, r *http.Request, media string) (resp response) {
	defer func() {
		value := recover()
		if value == http.ErrAbortHandler {
			panic(value)
		}
		if value != nil {
			resp = h.errorResponse(ctx, &panicError{value, debug.Stack()})
		}
	}()
	if err := h.admission.Check(ctx); err != nil {
		return h.notAdmitted(ctx, err)
	}
	params, err := h.readParams(w, r)
	if err != nil {
		return h.invalidRequest(ctx, err)
	}
	op, errs := h.exec.CreateOperationContext(ctx, params)
	if len(errs) > 0 {
		return h.invalidOperation(graphql.WithOperationContext(ctx, op), op, errs, media)
	}
	if err := checkMethod(w, r.Method, op.Operation.Operation); err != nil {
		return h.invalidRequest(ctx, err)
	}
	ctx = h.cached.record(ctx, op)
	if h.place == nil {
		return h.execute(ctx, op)
	}
	placed, done, err := h.place(ctx, operationOf(ctx, op))
	if err != nil {
		return h.placeError(ctx, err)
	}
	defer func() { done(w.Header()) }() // before the answer is written
	return h.execute(placed, op)
}

// An Operation is what decides on which database an operation works.
type Operation struct {
	Query  bool     // it only reads
	Kept   bool     // its answer is kept, so that it must be read from the primary
	Fields []string // the names of its root fields
	Header http.Header
}

func operationOf(ctx context.Context, op *graphql.OperationContext) Operation {
	fill := exchangeOf(ctx).fill
	return Operation{Query: op.Operation.Operation == ast.Query, Kept: fill != nil && fill.Keeps(), Fields: rootFields(op), Header: op.Headers}
}

// rootFields returns the names of the root fields of an operation.
func rootFields(op *graphql.OperationContext) (names []string) {
	for _, field := range graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Query", "Mutation"}) {
		names = append(names, field.Name)
	}
	return names
}

// placeError returns the response to an operation that no database can execute.
func (h *handler) placeError(ctx context.Context, err error) response {
	resp := h.errorResponse(ctx, err)
	resp.status = statusOf(resp.errors)
	resp.retryAfter, _ = resp.errors[0].Extensions["retryAfter"].(int)
	return resp
}

// execute runs a query or mutation that passed every check. A query that is not answered in
// time or too large is answered with that error alone.
func (h *handler) execute(ctx context.Context, op *graphql.OperationContext) response {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	done, err := h.admission.Begin(ctx, price(op))
	if err != nil {
		return h.notAdmitted(ctx, err)
	}
	written := 0
	defer func() { done(written) }()
	query := op.Operation.Operation == ast.Query
	a := new(answer)
	if query {
		ctx, a = h.withAnswer(ctx)
	}
	next, opCtx := h.exec.DispatchOperation(ctx, op)
	result := next(opCtx)
	if result != nil {
		written = len(result.Data)
	}
	switch {
	case result == nil, query && errors.Is(ctx.Err(), context.DeadlineExceeded):
		return h.errorResponse(ctx, httpError{http.StatusServiceUnavailable, context.DeadlineExceeded})
	case a.tooLarge(len(result.Data)):
		return h.errorResponse(ctx, httpError{http.StatusOK, a.err()})
	}
	resp := response{status: http.StatusOK, errors: result.Errors, data: result.Data, extensions: result.Extensions}
	if resp.data == nil && len(resp.errors) == 0 {
		resp.data = json.RawMessage("null")
	}
	if status, wait := refused(op, resp.data, result.Errors); wait > 0 {
		resp.status, resp.retryAfter = status, wait
	}
	return resp
}

// refused returns the status, and how many seconds the client has to wait, if nothing was
// executed: a rate limit refused every root field (429), or the database is away (503). The
// seconds are 0 if a field was executed, or failed for another reason.
func refused(op *graphql.OperationContext, data json.RawMessage, errs gqlerror.List) (status, seconds int) {
	failed := 0
	status = http.StatusTooManyRequests
	for _, err := range errs {
		wait, _ := err.Extensions["retryAfter"].(int)
		code := err.Extensions["code"]
		if wait == 0 || code != string(fault.Limited) && code != string(fault.Unavailable) {
			return 0, 0
		}
		if code == string(fault.Unavailable) {
			status = http.StatusServiceUnavailable
		}
		if len(err.Path) == 1 {
			failed++
		}
		seconds = max(seconds, wait)
	}
	unread := op.Operation.Operation == ast.Query && string(data) == "null"
	if !unread && failed != len(graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Query", "Mutation"})) {
		return 0, 0
	}
	return status, seconds
}

// invalidOperation returns the response to an operation that failed parsing, validation or
// a limit. With the older media type every well-formed request gets 200.
func (h *handler) invalidOperation(ctx context.Context, op *graphql.OperationContext, errs gqlerror.List, media string) response {
	if op.Doc != nil && op.Operation == nil {
		errs = gqlerror.List{wrapError(fault.New(fault.BadUserInput, "the document has no operation of that name; operationName must be one of its names"))}
	}
	h.admission.Refused(ctx)
	omitted := max(0, len(errs)-maxErrors)
	result := h.exec.DispatchError(ctx, errs[:len(errs)-omitted])
	resp := response{status: http.StatusOK, errors: result.Errors, extensions: result.Extensions, omitted: omitted}
	if media == mediaGraphQL {
		resp.status = statusOf(result.Errors)
	}
	return resp
}

// checkMethod refuses mutations by GET, which another site could make a browser send (CSRF),
// and subscriptions on a transport that has one response.
func checkMethod(w http.ResponseWriter, method string, kind ast.Operation) error {
	switch {
	case kind == ast.Subscription:
		return requestError(http.StatusBadRequest, "a subscription has no single response; open it with Accept: text/event-stream, or over a WebSocket with graphql-transport-ws")
	case kind == ast.Mutation && method == http.MethodGet:
		w.Header().Set("Allow", http.MethodPost)
		return requestError(http.StatusMethodNotAllowed, "GET is for queries only; send mutations by POST")
	}
	return nil
}

// httpError is an error in the HTTP request, with the status of its response.
type httpError struct {
	status int
	cause  error
}

func (e httpError) Error() string { return e.cause.Error() }
func (e httpError) Unwrap() error { return e.cause }

func requestError(status int, format string, args ...any) error {
	return httpError{status, fault.New(fault.BadUserInput, format, args...)}
}

// invalidRequest returns the response to a request that is refused before its document is
// read, or because of its method.
func (h *handler) invalidRequest(ctx context.Context, err error) response {
	h.admission.Refused(ctx)
	return h.errorResponse(ctx, err)
}

// errorResponse returns the response to a request without an operation.
func (h *handler) errorResponse(ctx context.Context, err error) response {
	status := http.StatusInternalServerError
	var e httpError
	if errors.As(err, &e) {
		status = e.status
	}
	return response{status: status, errors: gqlerror.List{h.errors.present(ctx, err)}}
}
