package cli_test

import (
	"fmt"
	"testing"

	"github.com/tonggao/tonggao/internal/app/cli"
	"github.com/tonggao/tonggao/internal/testkit/check"
)

// TestGCPercent bounds the garbage by 64 MiB until the live heap is as large, and then by the
// live heap, as Go does.
func TestGCPercent(t *testing.T) {
	t.Parallel()
	for live, want := range map[uint64]int{0: 400, 16 << 20: 400, 32 << 20: 200, 64 << 20: 100, 1 << 40: 100} {
		check.Equal(t, fmt.Sprint(live), cli.GCPercent(live), want)
	}
}
