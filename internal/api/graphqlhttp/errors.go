package graphqlhttp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/tonggao/tonggao/internal/api/responsecache"
	"github.com/tonggao/tonggao/internal/foundation/fault"
)

const (
	maxMessage  = 300 // bytes of an error's message
	maxPathName = 64  // bytes of one element of an error's path
	maxErrors   = 5   // in a response, and in the log for one request
)

// exchange is the state of one HTTP request: its ID, how many of its errors were logged, and
// what the cache of answers keeps.
type exchange struct {
	id     string
	logged atomic.Int32
	fill   *responsecache.Fill // of the cache; nil: the answer is not for it
	public bool                // the operation is a query that a cache may answer
}

type exchangeKey struct{}

func exchangeOf(ctx context.Context) *exchange {
	if e, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		return e
	}
	return &exchange{}
}

// panicError carries a panic of a resolver to the presenter.
type panicError struct {
	value any
	stack []byte
}

func (p *panicError) Error() string { return fmt.Sprintf("panic: %v", p.value) }

func recovered(_ context.Context, value any) error { return &panicError{value, debug.Stack()} }

// presenter turns every error into what the client may read: the code and message of a
// fault, or what is wrong with an input. Every other error is a defect: it is logged, and
// the client reads the ID of the request instead.
type presenter struct {
	log *slog.Logger
}

func (p presenter) present(ctx context.Context, err error) *gqlerror.Error {
	shown := p.classify(ctx, err)
	shown.Message = truncate(shown.Message, maxMessage)
	var at *gqlerror.Error
	if errors.As(err, &at) {
		shown.Path, shown.Locations = truncatePath(at.Path), at.Locations[:min(len(at.Locations), 2)]
	}
	return shown
}

// classify returns the code and message for err.
func (p presenter) classify(ctx context.Context, err error) *gqlerror.Error {
	var (
		f       *fault.Error
		invalid fault.Invalid
	)
	switch {
	case errors.As(err, &f) && f.Code != fault.Internal:
		return p.presentFault(ctx, f)
	case errors.As(err, &invalid):
		return newError(fault.BadUserInput, invalid.Error())
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return newError(fault.Unavailable, "the server did not answer in time; try again, or ask for less")
	case isDocumentError(err), isArgumentError(ctx) && !errors.As(err, new(*panicError)):
		return newError(fault.BadUserInput, documentMessage(err))
	}
	return p.presentInternal(ctx, err)
}

func (p presenter) presentFault(ctx context.Context, f *fault.Error) *gqlerror.Error {
	shown := newError(f.Code, f.Message)
	if f.Retry > 0 {
		shown.Extensions["retryAfter"] = int(math.Ceil(f.Retry.Seconds()))
	}
	if f.Version > 0 {
		shown.Extensions["version"] = f.Version
	}
	if f.Code == fault.Unavailable && f.Cause != nil {
		p.logError(ctx, slog.LevelWarn, "graphql: unavailable", f.Cause)
	}
	return shown
}

func (p presenter) presentInternal(ctx context.Context, err error) *gqlerror.Error {
	p.logError(ctx, slog.LevelError, "graphql: internal error", err)
	id := exchangeOf(ctx).id
	shown := newError(fault.Internal, "internal error; try again, and if it persists, report the request ID "+id)
	shown.Extensions["requestId"] = id
	return shown
}

// logError logs err if it is one of the first errors of its request.
func (p presenter) logError(ctx context.Context, level slog.Level, message string, err error) {
	e := exchangeOf(ctx)
	if e.logged.Add(1) > maxErrors {
		return
	}
	attrs := []slog.Attr{slog.String("request_id", e.id), slog.String("error", messageOf(err))}
	var at *gqlerror.Error
	if errors.As(err, &at) && len(at.Path) > 0 {
		attrs = append(attrs, slog.String("path", truncatePath(at.Path).String()))
	}
	var crash *panicError
	if errors.As(err, &crash) {
		attrs = append(attrs, slog.String("stack", string(crash.stack)))
	}
	p.log.LogAttrs(ctx, level, message, attrs...)
}

// messageOf returns the text of err without the positions that gqlerror adds.
func messageOf(err error) string {
	var at *gqlerror.Error
	if errors.As(err, &at) {
		return at.Message
	}
	return err.Error()
}

// documentMessage returns what is wrong with a document or a variable. The executor names
// the variable in the path only, and Go types instead of GraphQL types.
func documentMessage(err error) string {
	message := messageOf(err)
	var at *gqlerror.Error
	if !errors.As(err, &at) || len(at.Path) < 2 || at.Path[0] != ast.PathName("variable") {
		return message
	}
	if i := strings.LastIndex(message, " as "); i >= 0 && strings.HasPrefix(message, "cannot use ") {
		message = "must be of the type " + message[i+len(" as "):]
	} else if message == "must be defined" {
		message = "must be given"
	}
	return "$" + truncatePath(at.Path[1:]).String() + ": " + message
}

func newError(code fault.Code, message string) *gqlerror.Error {
	return &gqlerror.Error{Message: message, Extensions: map[string]any{"code": string(code)}}
}

// isDocumentError reports whether the executor refused the document or its variables.
func isDocumentError(err error) bool {
	var at *gqlerror.Error
	if !errors.As(err, &at) {
		return false
	}
	code := at.Extensions["code"]
	return code == errcode.ParseFailed || code == errcode.ValidationFailed
}

// isArgumentError reports whether ctx is that of a field whose arguments could not be read.
// Generated code leaves Args nil then, and only then.
func isArgumentError(ctx context.Context) bool {
	fc := graphql.GetFieldContext(ctx)
	return fc != nil && fc.Args == nil && fc.Field.Field != nil && fc.Field.Definition != nil && len(fc.Field.Definition.Arguments) > 0
}

// truncate cuts s to at most n bytes, and marks the cut with an ellipsis.
func truncate(s string, n int) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if len(s) <= n {
		return s
	}
	cut := n - len("…")
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}

func truncatePath(path ast.Path) ast.Path {
	short := make(ast.Path, len(path))
	for i, element := range path {
		if name, ok := element.(ast.PathName); ok {
			element = ast.PathName(truncate(string(name), maxPathName))
		}
		short[i] = element
	}
	return short
}
