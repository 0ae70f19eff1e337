package ratelimit_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/ratelimit"
)

func TestTake(t *testing.T) {
	t.Parallel()
	l := ratelimit.New[string](0.1, 2) // one in ten seconds, two at once
	now := time.Unix(1_700_000_000, 0)
	for i, step := range []struct {
		from   string
		passed time.Duration
		wait   time.Duration
	}{
		{"a", 0, 0}, {"a", 0, 0}, {"a", 0, 10 * time.Second}, {"b", 0, 0}, {"a", 4 * time.Second, 6 * time.Second},
		{"a", 6 * time.Second, 0}, {"a", 0, 10 * time.Second}, {"a", -time.Hour, 10 * time.Second},
		{"a", 3 * time.Hour, 0}, {"a", 0, 0}, {"a", 0, 10 * time.Second},
	} {
		now = now.Add(step.passed)
		if wait := l.Take(step.from, now).Round(time.Millisecond); wait != step.wait {
			t.Errorf("step %d: %s has to wait %s, want %s", i, step.from, wait, step.wait)
		}
	}
}

// TestSpend takes prices, charges what came out later, and bounds both saving and debt.
func TestSpend(t *testing.T) {
	t.Parallel()
	l, now := ratelimit.New[string](10, 100), time.Unix(1_700_000_000, 0)
	spend := func(price float64, want time.Duration) {
		t.Helper()
		if wait := l.Spend("a", price, now).Round(time.Millisecond); wait != want {
			t.Errorf("a price of %v has to wait %s, want %s", price, wait, want)
		}
	}
	spend(80, 0)
	spend(50, 3*time.Second)
	l.Charge("a", -30, now) // 50 are left
	spend(50, 0)
	l.Charge("a", 1_000_000, now)
	spend(0, 10*time.Second)
	now = now.Add(20 * time.Second)
	l.Charge("a", -1_000_000, now)
	spend(500, 0) // needs all, and leaves a debt
	spend(0, 40*time.Second)
}

// TestCharging checks that clients are served less the more they retry while they are
// refused, but at least a tenth, and that those who wait as long as Take returned are
// admitted.
func TestCharging(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ asks, bunch, served int }{ // per second, of 100 that are allowed
		{50, 1, 50}, {100, 1, 100}, {200, 1, 91}, {500, 1, 56}, {1000, 1, 11}, {2000, 1, 10}, {20_000, 1, 10}, {20_000, 100, 10},
	} {
		l := ratelimit.New[string](100, 2).Charging(0.1)
		begin, admitted := time.Unix(1_700_000_000, 0), 0
		for i := range 60 * c.asks {
			if l.Take("a", begin.Add(time.Duration(i-i%c.bunch)*time.Second/time.Duration(c.asks))) == 0 {
				admitted++
			}
		}
		if got := (admitted + 30) / 60; got < c.served-2 || got > c.served+2 {
			t.Errorf("a client with %d requests per second is served %d, want about %d", c.asks, got, c.served)
		}
		end := begin.Add(time.Minute)
		if wait := l.Take("a", end); wait > 0 && l.Take("a", end.Add(wait)) != 0 {
			t.Errorf("a client with %d requests per second that then waits is refused", c.asks)
		}
	}
}

// TestTakeReordered checks that requests that arrive in another order than they read the
// clock are not admitted more often.
func TestTakeReordered(t *testing.T) {
	t.Parallel()
	l := ratelimit.New[string](1, 1)
	begin := time.Unix(1_700_000_000, 0)
	admitted := 0
	for i := range 1000 {
		now := begin.Add(time.Duration(i/2) * 10 * time.Millisecond) // five seconds
		if i%2 == 1 {
			now = now.Add(-2 * time.Second)
		}
		if l.Take("a", now) == 0 {
			admitted++
		}
	}
	if admitted != 5 {
		t.Errorf("%d were admitted in five seconds", admitted)
	}
}

// TestEviction uses more sources than there are buckets.
func TestEviction(t *testing.T) {
	t.Parallel()
	l := ratelimit.New[int](1, 1)
	now := time.Unix(1_700_000_000, 0)
	for i := range 300_000 {
		if l.Take(i, now) != 0 {
			t.Fatal("a new source has to wait")
		}
	}
	if l.Take(299_999, now) == 0 {
		t.Error("the newest source was forgotten")
	}
	if l.Take(0, now) != 0 {
		t.Error("the oldest source was kept")
	}
}

// TestReturn gives back what was admitted, and no more than the burst.
func TestReturn(t *testing.T) {
	t.Parallel()
	l, now := ratelimit.New[int](1, 1), time.Unix(0, 0)
	l.Return(7) // unknown
	for range 3 {
		if l.Take(7, now) != 0 {
			t.Fatal("what was given back is not there")
		}
		l.Return(7)
		l.Return(7)
	}
	if l.Take(7, now) != 0 || l.Take(7, now) == 0 {
		t.Error("more was given back than the burst")
	}
}

func TestNetwork(t *testing.T) {
	t.Parallel()
	for a, b := range map[string]string{
		"2001:db8:1:2::1": "2001:db8:1:2:ffff::9", "::ffff:192.0.2.1": "192.0.2.1", "fe80::1%eth0": "fe80::2",
	} {
		if x, y := ratelimit.Network(netip.MustParseAddr(a)), ratelimit.Network(netip.MustParseAddr(b)); x != y || !x.IsValid() {
			t.Errorf("%s and %s do not share a bucket: %s, %s", a, b, x, y)
		}
	}
	for a, b := range map[string]string{"2001:db8:1:2::1": "2001:db8:1:3::1", "192.0.2.1": "192.0.2.2"} {
		if x, y := ratelimit.Network(netip.MustParseAddr(a)), ratelimit.Network(netip.MustParseAddr(b)); x == y {
			t.Errorf("%s and %s share %s", a, b, x)
		}
	}
	if ratelimit.Network(netip.Addr{}).IsValid() {
		t.Error("no address has a network")
	}
}
