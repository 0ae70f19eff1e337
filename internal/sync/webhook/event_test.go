package webhook_test

import (
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/sync/webhook"
)

// FuzzPositionOf reads any id: what is read is written the same again.
func FuzzPositionOf(f *testing.F) {
	for _, text := range []string{"chg_1", "chg_12_art_1", "chg_", "chg_-1", "1", "chg_99999999999999999999"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		position, err := webhook.PositionOf(text)
		if err == nil && (position < 1 || !strings.HasPrefix(text, "chg_")) {
			t.Errorf("%q is position %d", text, position)
		}
	})
}
