// Package fault has the two error types whose text may reach a user.
//
// An Error carries a code of the public contract, a message for the user and,
// separately, the cause for the log. An Invalid lists what is wrong with an input,
// field by field; it becomes the userErrors of a mutation's payload. Any other error is
// a defect of the server: its code is Internal, and its text is only logged.
package fault

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Code is the kind of an error, shown to clients as extensions.code.
type Code string

// The codes of the public contract.
const (
	BadUserInput    Code = "BAD_USER_INPUT"
	Unauthenticated Code = "UNAUTHENTICATED"
	Forbidden       Code = "FORBIDDEN"
	NotFound        Code = "NOT_FOUND"
	Conflict        Code = "CONFLICT"
	Limited         Code = "LIMITED"
	TooExpensive    Code = "TOO_EXPENSIVE"
	Unavailable     Code = "UNAVAILABLE"
	Internal        Code = "INTERNAL"
	OutcomeUnknown  Code = "OUTCOME_UNKNOWN" // of a write, whose answer was lost
)

// Error is an error with a message for the user.
type Error struct {
	Code    Code
	Message string        // for the user: what is wrong and what to do
	Cause   error         // for the log; may be nil
	Retry   time.Duration // when to retry, with Limited and Unavailable; 0: not known
	Version int           // the item's current version, with Conflict; 0: not known
}

// New returns an Error without a cause.
func New(code Code, format string, args ...any) error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrap returns an Error with a cause, which only the log shows. If the cause has the same code,
// the time after which to try again is that of the cause.
func Wrap(cause error, code Code, format string, args ...any) error {
	e := &Error{Code: code, Message: fmt.Sprintf(format, args...), Cause: cause}
	var inner *Error
	if errors.As(cause, &inner) && inner.Code == code {
		e.Retry = inner.Retry
	}
	return e
}

// Error returns the message and the cause, for the log.
func (e *Error) Error() string {
	if e.Cause == nil {
		return e.Message
	}
	return e.Message + ": " + e.Cause.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// CodeOf returns the code of err: that of the outermost Error in its chain, BadUserInput
// for an Invalid, and Internal for any other.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	var invalid Invalid
	if errors.As(err, &invalid) {
		return BadUserInput
	}
	return Internal
}

// Is reports whether the code of err is code; nil has none.
func Is(err error, code Code) bool { return err != nil && CodeOf(err) == code }

// Field is one thing that is wrong with an input.
type Field struct {
	Code    string   // REQUIRED, TOO_LONG, INVALID, TAKEN, UNKNOWN, NOT_ALLOWED
	Field   []string // the path in the input, such as [source url]
	Message string
}

// Invalid lists what is wrong with an input, of which nothing was written.
type Invalid []Field

// Error returns the fields and messages.
func (v Invalid) Error() string {
	parts := make([]string, len(v))
	for i, f := range v {
		parts[i] = strings.Join(f.Field, ".") + ": " + f.Message
	}
	return strings.Join(parts, "; ")
}

// Add appends what is wrong with one field; path is dotted, such as "source.url".
func (v *Invalid) Add(code, path, format string, args ...any) {
	*v = append(*v, Field{Code: code, Field: strings.Split(path, "."), Message: fmt.Sprintf(format, args...)})
}

// Err returns v as an error, or nil where nothing is wrong.
func (v Invalid) Err() error {
	if len(v) == 0 {
		return nil
	}
	return v
}
