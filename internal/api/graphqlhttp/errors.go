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

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

const (
	longestMessage = 300 // bytes of an error's message
	longestName    = 64  // bytes of one element of an error's path
	mostErrors     = 5   // in an answer, and in the log for one request
)

// exchange is what the answer and the log say of the HTTP request.
type exchange struct {
	id     string
	logged atomic.Int32
}

type exchangeKey struct{}

func exchangeOf(ctx context.Context) *exchange {
	if r, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		return r
	}
	return &exchange{}
}

// panicked is a panic of a resolver on its way to the presenter.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

func recovered(_ context.Context, value any) error { return &panicked{value, debug.Stack()} }

// presenter turns every error into what the client may read. A fault tells its
// code and message, bad input tells what is wrong with it; every other error
// is logged, and the client is told the request's id.
type presenter struct {
	log *slog.Logger
}

func (p presenter) present(ctx context.Context, err error) *gqlerror.Error {
	shown := p.judge(ctx, err)
	shown.Message = clip(shown.Message, longestMessage)
	var at *gqlerror.Error
	if errors.As(err, &at) {
		shown.Path, shown.Locations = clipPath(at.Path), at.Locations[:min(len(at.Locations), 2)]
	}
	return shown
}

// judge finds the code and the message for err.
func (p presenter) judge(ctx context.Context, err error) *gqlerror.Error {
	var (
		f       *fault.Error
		invalid fault.Invalid
	)
	switch {
	case errors.As(err, &f) && f.Code != fault.Internal:
		return p.fault(ctx, f)
	case errors.As(err, &invalid):
		return told(fault.BadUserInput, invalid.Error())
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return told(fault.Unavailable, "the server did not manage in time; try again, or ask for less")
	case isDocumentError(err), isArgumentError(ctx) && !errors.As(err, new(*panicked)):
		return told(fault.BadUserInput, complaint(err))
	}
	return p.internal(ctx, err)
}

func (p presenter) fault(ctx context.Context, f *fault.Error) *gqlerror.Error {
	shown := told(f.Code, f.Message)
	if f.Retry > 0 {
		shown.Extensions["retryAfter"] = int(math.Ceil(f.Retry.Seconds()))
	}
	if f.Code == fault.Unavailable && f.Cause != nil {
		p.note(ctx, slog.LevelWarn, "graphql: unavailable", f.Cause)
	}
	return shown
}

func (p presenter) internal(ctx context.Context, err error) *gqlerror.Error {
	p.note(ctx, slog.LevelError, "graphql: internal error", err)
	id := exchangeOf(ctx).id
	shown := told(fault.Internal, "something went wrong on our side; try again, and if it goes on, tell us the request id "+id)
	shown.Extensions["requestId"] = id
	return shown
}

// note logs err, for the first few errors of a request.
func (p presenter) note(ctx context.Context, level slog.Level, message string, err error) {
	r := exchangeOf(ctx)
	if r.logged.Add(1) > mostErrors {
		return
	}
	attrs := []slog.Attr{slog.String("request_id", r.id), slog.String("error", wording(err))}
	var at *gqlerror.Error
	if errors.As(err, &at) && len(at.Path) > 0 {
		attrs = append(attrs, slog.String("path", clipPath(at.Path).String()))
	}
	var crash *panicked
	if errors.As(err, &crash) {
		attrs = append(attrs, slog.String("stack", string(crash.stack)))
	}
	p.log.LogAttrs(ctx, level, message, attrs...)
}

// wording is the text of err without the positions that gqlerror puts around it.
func wording(err error) string {
	var at *gqlerror.Error
	if errors.As(err, &at) {
		return at.Message
	}
	return err.Error()
}

// complaint is what is wrong with a document or a variable. The executor names
// the variable in the path only, and types in words of its own.
func complaint(err error) string {
	message := wording(err)
	var at *gqlerror.Error
	if !errors.As(err, &at) || len(at.Path) < 2 || at.Path[0] != ast.PathName("variable") {
		return message
	}
	if i := strings.LastIndex(message, " as "); i >= 0 && strings.HasPrefix(message, "cannot use ") {
		message = "must be of the type " + message[i+len(" as "):]
	} else if message == "must be defined" {
		message = "must be given"
	}
	return "$" + clipPath(at.Path[1:]).String() + ": " + message
}

func told(code fault.Code, message string) *gqlerror.Error {
	return &gqlerror.Error{Message: message, Extensions: map[string]any{"code": string(code)}}
}

// isDocumentError reports whether the executor found fault with the document or its variables.
func isDocumentError(err error) bool {
	var at *gqlerror.Error
	if !errors.As(err, &at) {
		return false
	}
	code := at.Extensions["code"]
	return code == errcode.ParseFailed || code == errcode.ValidationFailed
}

// isArgumentError reports whether ctx is that of a field whose arguments could
// not be read: generated code leaves Args nil then, and only then.
func isArgumentError(ctx context.Context) bool {
	fc := graphql.GetFieldContext(ctx)
	return fc != nil && fc.Args == nil && fc.Field.Field != nil && fc.Field.Definition != nil && len(fc.Field.Definition.Arguments) > 0
}

// clip shortens s to at most n bytes, and says so.
func clip(s string, n int) string {
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

func clipPath(path ast.Path) ast.Path {
	short := make(ast.Path, len(path))
	for i, element := range path {
		if name, ok := element.(ast.PathName); ok {
			element = ast.PathName(clip(string(name), longestName))
		}
		short[i] = element
	}
	return short
}
