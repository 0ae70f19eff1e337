package admission_test

import (
	"context"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/api/admission"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/reqinfo"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

func from(address string) context.Context {
	return viewer.AsAnonymous(reqinfo.With(context.Background(), reqinfo.Info{Address: netip.MustParseAddr(address)}))
}

// bench has a controller with a clock and a processor that the test moves.
type bench struct {
	*admission.Controller
	now, cpu atomic.Int64
}

func newBench(lanes admission.Lanes) *bench {
	b := &bench{}
	b.Controller = admission.New(admission.Options{Rate: 1_000, Burst: 10_000, Lanes: lanes,
		Clock: func() time.Time { return time.Unix(1_700_000_000, b.now.Load()) },
		CPU:   func() time.Duration { return time.Duration(b.cpu.Load()) }})
	return b
}

// run runs a document that takes the given processor time and writes the given bytes.
func (b *bench) run(ctx context.Context, price int64, cpu time.Duration, bytes int) error {
	done, err := b.Begin(ctx, price)
	if err != nil {
		return err
	}
	b.cpu.Add(int64(cpu))
	done(bytes)
	return nil
}

// TestPriceIsTakenBefore refuses a document that the client cannot pay before it runs, and only
// its own.
func TestPriceIsTakenBefore(t *testing.T) {
	t.Parallel()
	b := newBench(admission.Lanes{Expensive: 100_000})
	one, other := from("192.0.2.1"), from("192.0.2.2")
	if _, err := b.Begin(one, 8_000); err != nil { // is still running
		t.Fatal(err)
	}
	err := b.run(one, 8_000, 0, 0)
	if f, ok := err.(*fault.Error); !ok || f.Code != fault.Limited || f.Retry < 6*time.Second {
		t.Errorf("the second document: %v", err)
	}
	if err := b.run(other, 8_000, 0, 0); err != nil {
		t.Errorf("another address: %v", err)
	}
	staff := viewer.With(one, viewer.Viewer{Role: viewer.Editor, TokenID: "tok_1"})
	if err := b.run(staff, 20_000, time.Minute, 1<<30); err != nil {
		t.Errorf("an editor: %v", err)
	}
}

// TestCostIsChargedAfter charges processor time and bytes beyond the price, gives back most of
// the price of cheap work, and charges for refused documents.
func TestCostIsChargedAfter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		price int64
		cpu   time.Duration
		bytes int
		more  int // documents of 100 points that can be paid after it
	}{
		{"what it promised", 5_000, 250 * time.Millisecond, 0, 50},
		{"twice as much", 4_000, 400 * time.Millisecond, 0, 20},
		{"many bytes", 100, 0, 16 << 20, 18},
		{"a tenth is kept", 10_000, 0, 0, 90},
	} {
		b, ctx := newBench(admission.Lanes{}), from("192.0.2.1")
		if err := b.run(ctx, c.price, c.cpu, c.bytes); err != nil {
			t.Fatal(err)
		}
		more := 0
		for b.run(ctx, 100, 5*time.Millisecond, 0) == nil {
			more++
		}
		if more != c.more {
			t.Errorf("%s: %d documents afterwards, want %d", c.name, more, c.more)
		}
	}
	b, ctx := newBench(admission.Lanes{}), from("192.0.2.1")
	if err := b.run(ctx, 100, time.Hour, 0); err != nil {
		t.Fatal(err)
	}
	if err := b.Check(ctx); !fault.Is(err, fault.Limited) {
		t.Errorf("in debt: %v", err)
	}
	b.now.Add(int64(time.Minute)) // the debt is at most a burst
	if err := b.Check(ctx); err != nil {
		t.Errorf("a minute later: %v", err)
	}
	for range 300 {
		b.Refused(ctx)
	}
	if err := b.Check(ctx); !fault.Is(err, fault.Limited) {
		t.Errorf("after refused documents: %v", err)
	}
}

// TestShareOfProcessors divides processor time among what runs at the same time.
func TestShareOfProcessors(t *testing.T) {
	t.Parallel()
	b := newBench(admission.Lanes{})
	first, err := b.Begin(from("192.0.2.1"), 10)
	if err != nil {
		t.Fatal(err)
	}
	second, err := b.Begin(from("192.0.2.2"), 10)
	if err != nil {
		t.Fatal(err)
	}
	b.cpu.Add(int64(200 * time.Millisecond)) // 2,000 points for each
	first(0)
	b.cpu.Add(int64(500 * time.Millisecond)) // 10,000 points for the second
	second(0)
	if err := b.run(from("192.0.2.1"), 7_500, 375*time.Millisecond, 0); err != nil {
		t.Errorf("the first: %v", err)
	}
	if err := b.Check(from("192.0.2.2")); !fault.Is(err, fault.Limited) {
		t.Errorf("the second: %v", err)
	}
}

// TestGate runs one expensive document at a time and refuses what does not fit into the queue,
// while cheap ones pass.
func TestGate(t *testing.T) {
	t.Parallel()
	b := newBench(admission.Lanes{Cheap: 100, Expensive: 1_000, Queue: 1, Wait: time.Hour})
	running, err := b.Begin(from("192.0.2.1"), 900)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	for range 2 {
		go func() { ended <- b.run(from("192.0.2.2"), 900, 0, 0) }()
	}
	if err := <-ended; !fault.Is(err, fault.Unavailable) { // the other has the one place in the queue
		t.Errorf("beyond the queue: %v", err)
	}
	if err := b.run(from("192.0.2.4"), 100, 0, 0); err != nil {
		t.Errorf("a cheap document: %v", err)
	}
	running(0)
	if err := <-ended; err != nil {
		t.Errorf("the one that waited: %v", err)
	}
}

// TestNoLimit admits everything but what the gate refuses.
func TestNoLimit(t *testing.T) {
	t.Parallel()
	d := admission.New(admission.Options{})
	for range 100 {
		done, err := d.Begin(from("192.0.2.1"), 20_000)
		if err != nil {
			t.Fatal(err)
		}
		done(1 << 30)
		d.Refused(from("192.0.2.1"))
	}
	if err := d.Check(from("192.0.2.1")); err != nil {
		t.Error(err)
	}
}
