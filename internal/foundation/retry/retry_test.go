package retry_test

import (
	"math"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/retry"
)

// noJitter is the random number that leaves a delay as it is in the schedule.
const noJitter = 0.5

func TestExponential(t *testing.T) {
	t.Parallel()
	for failures, most := range map[int]time.Duration{
		-1: time.Second, 0: time.Second, 1: time.Second, 2: 2 * time.Second, 3: 4 * time.Second, 6: 32 * time.Second,
		7: time.Minute, 64: time.Minute, math.MaxInt: time.Minute,
	} {
		for random, want := range map[float64]time.Duration{0: most / 2, 0.5: most * 3 / 4, 1: most} {
			if got := retry.Exponential(failures, time.Second, time.Minute, random); got != want {
				t.Errorf("%d failures, random %v: %v, want %v", failures, random, got, want)
			}
		}
	}
	if got := retry.Exponential(3, time.Hour, time.Minute, 1); got != time.Minute {
		t.Errorf("a first delay above the longest: %v", got)
	}
	if got := retry.Exponential(100, 1, math.MaxInt64, 0); got <= 0 {
		t.Errorf("the delay overflows: %v", got)
	}
}

// TestDelaySchedule compares the delays with the schedule of Standard Webhooks.
func TestDelaySchedule(t *testing.T) {
	t.Parallel()
	var total time.Duration
	for i, want := range []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour,
		10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour} {
		got, again := retry.Delay(i+1, noJitter, "")
		if got != want || !again {
			t.Errorf("after %d failures: %v, %v; want %v", i+1, got, again, want)
		}
		total += got
	}
	if want := 75*time.Hour + 35*time.Minute + 5*time.Second; total != want {
		t.Errorf("all attempts take %v, want %v", total, want)
	}
	for _, failures := range []int{10, 11, 1 << 30} {
		if d, again := retry.Delay(failures, noJitter, "60"); again || d != 0 {
			t.Errorf("after %d failures: %v, %v; want no further attempt", failures, d, again)
		}
	}
	for _, failures := range []int{0, -1} {
		if d, again := retry.Delay(failures, noJitter, ""); d != 5*time.Second || !again {
			t.Errorf("after %d failures: %v, %v; want the first delay", failures, d, again)
		}
	}
}

// TestDelayJitter checks that jitter spreads a delay by a tenth up and down.
func TestDelayJitter(t *testing.T) {
	t.Parallel()
	for random, want := range map[float64]time.Duration{0: 270 * time.Second, 0.25: 285 * time.Second, 0.5: 300 * time.Second, 1: 330 * time.Second} {
		if got, _ := retry.Delay(2, random, ""); got != want {
			t.Errorf("random %v: %v, want %v", random, got, want)
		}
	}
}

// TestDelayRetryAfter checks that a receiver can ask for more time, up to an hour, and
// that headers that are not a number of seconds change nothing.
func TestDelayRetryAfter(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]time.Duration{
		"": 5 * time.Second, "0": 5 * time.Second, "1": 5 * time.Second, "-5": 5 * time.Second, "soon": 5 * time.Second,
		"90": 90 * time.Second, "3600": time.Hour, "3601": time.Hour, "86400": time.Hour,
		"9223372036854775807": time.Hour, "99999999999999999999": 5 * time.Second, "1.5": 5 * time.Second,
		"Fri, 31 Dec 2027 23:59:59 GMT": 5 * time.Second,
	} {
		if got, _ := retry.Delay(1, noJitter, header); got != want {
			t.Errorf("Retry-After %q: %v, want %v", header, got, want)
		}
	}
	if got, _ := retry.Delay(9, noJitter, "60"); got != 24*time.Hour {
		t.Errorf("Retry-After shortens the delay to %v", got)
	}
}
