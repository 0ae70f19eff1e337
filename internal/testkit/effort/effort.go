// Package effort scales how much randomised and repeated tests do: seeds of a property
// test, histories of a model test, cycles of a soak test. The environment variable
// TONGGAO_TEST_EFFORT is an integer factor; without it the factor is 1, which keeps the
// whole suite within minutes. A test names its own ordinary amount and nothing else:
//
//	for seed := range effort.N(20) { ... }
//
// It does not scale time: a test that waits longer does not test more.
package effort

import (
	"fmt"
	"os"
	"strconv"
	"sync"
)

// Variable names the environment variable.
const Variable = "TONGGAO_TEST_EFFORT"

// N returns n times the factor.
func N(n int) int { return n * factor() }

// factor panics where the variable is set to something else than a positive integer: a
// run that was meant to be thorough must not quietly be an ordinary one.
var factor = sync.OnceValue(func() int {
	f, err := parse(os.Getenv(Variable))
	if err != nil {
		panic(err)
	}
	return f
})

// parse reads the factor from the variable's text.
func parse(text string) (int, error) {
	if text == "" {
		return 1, nil
	}
	f, err := strconv.Atoi(text)
	if err != nil || f < 1 {
		return 0, fmt.Errorf("%s is %q; set it to a positive integer, such as 10", Variable, text)
	}
	return f, nil
}
