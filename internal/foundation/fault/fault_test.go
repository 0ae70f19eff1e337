package fault_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// TestCodeOf checks the code of errors as they reach the edge: wrapped on their way.
func TestCodeOf(t *testing.T) {
	t.Parallel()
	conflict := fault.New(fault.Conflict, "the article was changed in the meantime")
	invalid := fault.Invalid{{Code: "REQUIRED", Field: []string{"title"}, Message: "must not be empty"}}
	for name, c := range map[string]struct {
		err  error
		want fault.Code
	}{
		"an Error":                    {conflict, fault.Conflict},
		"a wrapped Error":             {fmt.Errorf("publish: %w", fmt.Errorf("save: %w", conflict)), fault.Conflict},
		"an Error that has a cause":   {fault.Wrap(io.ErrUnexpectedEOF, fault.Unavailable, "try again"), fault.Unavailable},
		"the outermost of two Errors": {fault.Wrap(conflict, fault.NotFound, "there is no such article"), fault.NotFound},
		"an Error among several":      {errors.Join(io.EOF, conflict), fault.Conflict},
		"an Invalid":                  {invalid, fault.BadUserInput},
		"a wrapped Invalid":           {fmt.Errorf("create: %w", invalid.Err()), fault.BadUserInput},
		"an Error about an Invalid":   {fault.Wrap(invalid, fault.Forbidden, "not yours"), fault.Forbidden},
		"any other":                   {io.EOF, fault.Internal},
		"the end of a context":        {context.Canceled, fault.Internal},
	} {
		if got := fault.CodeOf(c.err); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		if !fault.Is(c.err, c.want) || fault.Is(c.err, fault.Limited) {
			t.Errorf("%s: Is does not agree with CodeOf", name)
		}
	}
	if fault.Is(nil, fault.Internal) {
		t.Error("nil has a code")
	}
}

// TestWrap checks that the cause is in the log and in the chain, but not in the message.
func TestWrap(t *testing.T) {
	t.Parallel()
	err := fault.Wrap(io.ErrUnexpectedEOF, fault.Unavailable, "the picture %q cannot be read", "a.jpg")
	var e *fault.Error
	if !errors.As(err, &e) || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("%#v", err)
	}
	if e.Message != `the picture "a.jpg" cannot be read` || strings.Contains(e.Message, e.Cause.Error()) {
		t.Errorf("the message is %q", e.Message)
	}
	if want := `the picture "a.jpg" cannot be read: unexpected EOF`; err.Error() != want {
		t.Errorf("the log has %q, want %q", err.Error(), want)
	}
	plain := fault.New(fault.NotFound, "there is no article %s", "art_1")
	if plain.Error() != "there is no article art_1" || errors.Unwrap(plain) != nil {
		t.Errorf("without a cause: %q, %v", plain, errors.Unwrap(plain))
	}
}

// TestWrapKeepsRetry keeps the time after which to try again, where the cause is of the same kind.
func TestWrapKeepsRetry(t *testing.T) {
	t.Parallel()
	away := fmt.Errorf("read the token: %w", &fault.Error{Code: fault.Unavailable, Message: "the database is away", Retry: 2 * time.Second})
	for code, want := range map[fault.Code]time.Duration{fault.Unavailable: 2 * time.Second, fault.BadUserInput: 0} {
		var e *fault.Error
		if err := fault.Wrap(away, code, "the token cannot be checked"); !errors.As(err, &e) || e.Retry != want {
			t.Errorf("%s: %#v", code, err)
		}
	}
}

// TestInvalid collects what is wrong with an input.
func TestInvalid(t *testing.T) {
	t.Parallel()
	var bad fault.Invalid
	if bad.Err() != nil {
		t.Error("an empty Invalid is an error")
	}
	bad.Add("REQUIRED", "title", "must not be empty")
	bad.Add("TOO_LONG", "source.url", "has %d characters; at most %d fit", 3000, 2048)
	err := bad.Err()
	var got fault.Invalid
	if !errors.As(err, &got) || len(got) != 2 {
		t.Fatalf("%#v", err)
	}
	if f := got[1]; f.Code != "TOO_LONG" || strings.Join(f.Field, "/") != "source/url" || f.Message != "has 3000 characters; at most 2048 fit" {
		t.Errorf("%+v", f)
	}
	if want := "title: must not be empty; source.url: has 3000 characters; at most 2048 fit"; err.Error() != want {
		t.Errorf("%q, want %q", err, want)
	}
}
