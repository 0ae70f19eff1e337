// Package fault is the one error type that may reach a user.
//
// An Error carries a code of the public contract, a message written for the
// person who reads the answer, and, apart from it, the cause for the log. An
// Invalid carries what is wrong with an input, field by field; it becomes the
// userErrors of a mutation's payload. Every other error is a defect of the
// server: its text never leaves the process.
package fault

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Code is the kind of a fault, as extensions.code shows it.
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
)

// Error is a fault with a message for the user.
type Error struct {
	Code    Code
	Message string        // for the user: what is wrong, what to try
	Cause   error         // for the log; may be nil
	Retry   time.Duration // how long to wait, with Limited and Unavailable; 0 where it does not apply
}

// New makes a fault without a cause.
func New(code Code, format string, args ...any) error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrap makes a fault out of cause, which stays in the log.
func Wrap(cause error, code Code, format string, args ...any) error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), Cause: cause}
}

// Error is the message and the cause, for the log.
func (e *Error) Error() string {
	if e.Cause == nil {
		return e.Message
	}
	return e.Message + ": " + e.Cause.Error()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// CodeOf is the code of err: that of the outermost Error in its chain,
// BadUserInput for an Invalid, and Internal for everything else.
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

// Is reports whether err carries code.
func Is(err error, code Code) bool { return err != nil && CodeOf(err) == code }

// Field is one thing that is wrong with an input.
type Field struct {
	Code    string   // REQUIRED, TOO_LONG, INVALID, TAKEN, UNKNOWN, NOT_ALLOWED
	Field   []string // the path in the input, such as [source url]
	Message string
}

// Invalid lists what is wrong with an input. Nothing was written.
type Invalid []Field

// Error lists the fields and messages.
func (v Invalid) Error() string {
	parts := make([]string, len(v))
	for i, f := range v {
		parts[i] = strings.Join(f.Field, ".") + ": " + f.Message
	}
	return strings.Join(parts, "; ")
}

// Add appends one complaint; path is dotted, such as "source.url".
func (v *Invalid) Add(code, path, format string, args ...any) {
	*v = append(*v, Field{Code: code, Field: strings.Split(path, "."), Message: fmt.Sprintf(format, args...)})
}

// Err is v as an error, or nil where nothing is wrong.
func (v Invalid) Err() error {
	if len(v) == 0 {
		return nil
	}
	return v
}
