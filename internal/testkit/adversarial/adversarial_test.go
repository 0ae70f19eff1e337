package adversarial_test

import (
	"testing"

	"github.com/tonggao/tonggao/internal/testkit/adversarial"
)

func TestInput(t *testing.T) {
	t.Parallel()
	forms, seen := map[adversarial.Form]int{}, map[string]bool{}
	for seed := range uint64(4_000) {
		form, input := adversarial.Input(seed)
		if again, same := adversarial.Input(seed); again != form || same != input {
			t.Fatalf("seed %d gives two inputs", seed)
		}
		forms[form]++
		seen[input] = true
	}
	if forms[adversarial.HTML] != 2_000 || forms[adversarial.Markdown] != 1_000 || forms[adversarial.Tree] != 1_000 || len(seen) < 3_800 {
		t.Errorf("%v, %d different inputs", forms, len(seen))
	}
}
