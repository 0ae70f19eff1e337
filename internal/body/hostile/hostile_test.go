package hostile_test

import (
	"testing"

	"github.com/tonggao/tonggao/internal/body/hostile"
)

func TestASeedIsAnInput(t *testing.T) {
	t.Parallel()
	forms, seen := map[hostile.Form]int{}, map[string]bool{}
	for seed := range uint64(4_000) {
		form, input := hostile.Input(seed)
		if again, same := hostile.Input(seed); again != form || same != input {
			t.Fatalf("seed %d gives two inputs", seed)
		}
		forms[form]++
		seen[input] = true
	}
	if forms[hostile.HTML] != 2_000 || forms[hostile.Markdown] != 1_000 || forms[hostile.Tree] != 1_000 || len(seen) < 3_800 {
		t.Errorf("%v, %d different inputs", forms, len(seen))
	}
}
