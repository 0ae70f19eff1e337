package portal

import (
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// Problems writes an error as tests compare it: the fields and codes of invalid input, such
// as "name REQUIRED, slug TAKEN", the code of any other error, or nothing.
func Problems(err error) string {
	if err == nil {
		return ""
	}
	var bad fault.Invalid
	if !errors.As(err, &bad) {
		return string(fault.CodeOf(err))
	}
	list := make([]string, len(bad))
	for i, f := range bad {
		list[i] = strings.Join(f.Field, ".") + " " + f.Code
	}
	return strings.Join(list, ", ")
}

// Together runs do n times concurrently and returns the Problems of each, sorted.
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
