// Package check has the few assertions that tests of many packages share. It compares
// values as they print, and errors by what users are shown of them: fields and codes.
package check

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// NoError ends the test where err is not nil.
func NoError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Equal fails the test where got and want do not print the same.
func Equal(t testing.TB, what string, got, want any) {
	t.Helper()
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

// longestWait is how long Eventually waits: only a test that fails waits that long, and the
// machine may be busy with others.
const longestWait = 2 * time.Minute

// Eventually waits until done returns true, and ends the test where it does not within two
// minutes.
func Eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for begin := time.Now(); !done(); <-tick.C {
		if time.Since(begin) > longestWait {
			t.Fatalf("it does not happen within %s: %s", longestWait, what)
		}
	}
}

// Problems formats an error for comparison: the fields and codes of invalid input, such as
// "name REQUIRED, slug TAKEN"; the code of any other error; nothing for nil.
func Problems(err error) string {
	if err == nil {
		return ""
	}
	var invalid fault.Invalid
	if !errors.As(err, &invalid) {
		return string(fault.CodeOf(err))
	}
	list := make([]string, len(invalid))
	for i, field := range invalid {
		list[i] = strings.Join(field.Field, ".") + " " + field.Code
	}
	return strings.Join(list, ", ")
}

// Together runs do n times concurrently and returns the Problems of each run, sorted.
func Together(n int, do func(worker int) error) []string {
	problems := make([]string, n)
	var wg sync.WaitGroup
	for worker := range n {
		wg.Go(func() { problems[worker] = Problems(do(worker)) })
	}
	wg.Wait()
	slices.Sort(problems)
	return problems
}
