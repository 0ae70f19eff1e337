package webhook_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/webhook"
)

func TestSchedule(t *testing.T) {
	t.Parallel()
	total := time.Duration(0)
	for n := 1; ; n++ {
		d, again := webhook.Wait(n, 0.5, "")
		if !again {
			if n != 10 || total != 75*time.Hour+35*time.Minute+5*time.Second {
				t.Errorf("%d attempts over %v", n, total)
			}
			break
		}
		total += d
	}
	if low, _ := webhook.Wait(2, 0, ""); low != 270*time.Second {
		t.Errorf("at least %v", low)
	}
	for header, want := range map[string]time.Duration{"": 5 * time.Second, "1": 5 * time.Second, "90": 90 * time.Second,
		"86400": time.Hour, "99999999999999999999": 5 * time.Second, "9223372036854775807": time.Hour, "-5": 5 * time.Second, "soon": 5 * time.Second} {
		if d, _ := webhook.Wait(1, 0.5, header); d != want {
			t.Errorf("Retry-After %q: %v, want %v", header, d, want)
		}
	}
}

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
