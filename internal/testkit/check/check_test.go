package check

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

func TestProblems(t *testing.T) {
	for _, test := range []struct {
		err  error
		want string
	}{
		{nil, ""},
		{fault.Invalid{{Field: []string{"name"}, Code: "REQUIRED"}, {Field: []string{"source", "url"}, Code: "INVALID"}}, "name REQUIRED, source.url INVALID"},
		{fmt.Errorf("create: %w", fault.Invalid{{Field: []string{"slug"}, Code: "TAKEN"}}), "slug TAKEN"},
		{fault.New(fault.NotFound, "no such article"), "NOT_FOUND"},
		{errors.New("disk full"), "INTERNAL"},
		{context.Canceled, string(fault.CodeOf(context.Canceled))},
	} {
		if got := Problems(test.err); got != test.want {
			t.Errorf("Problems(%v) = %q, want %q", test.err, got, test.want)
		}
	}
}

func TestTogether(t *testing.T) {
	got := Together(3, func(worker int) error {
		if worker == 1 {
			return nil
		}
		return fault.Invalid{{Field: []string{"slug"}, Code: "TAKEN"}}
	})
	if want := []string{"", "slug TAKEN", "slug TAKEN"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestEventually checks that it asks again until the answer is yes.
func TestEventually(t *testing.T) {
	t.Parallel()
	asked := 0
	Eventually(t, "the third answer", func() bool { asked++; return asked == 3 })
	Equal(t, "asked", asked, 3)
}

// recorder is a test that only records that it failed.
type recorder struct {
	testing.TB
	failed bool
}

func (r *recorder) Helper()               {}
func (r *recorder) Errorf(string, ...any) { r.failed = true }
func (r *recorder) Fatal(...any)          { r.failed = true }

func TestFailures(t *testing.T) {
	for name, test := range map[string]struct {
		check func(testing.TB)
		fails bool
	}{
		"no error":  {func(t testing.TB) { NoError(t, nil) }, false},
		"an error":  {func(t testing.TB) { NoError(t, errors.New("disk full")) }, true},
		"equal":     {func(t testing.TB) { Equal(t, "slugs", []string{"a", "b"}, "[a b]") }, false},
		"different": {func(t testing.TB) { Equal(t, "slugs", []int{1}, []int{2}) }, true},
	} {
		r := &recorder{}
		if test.check(r); r.failed != test.fails {
			t.Errorf("%s: failed is %t, want %t", name, r.failed, test.fails)
		}
	}
}
