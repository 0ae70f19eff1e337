package changefeed

import (
	"context"
	"sync"
	"time"

	"github.com/tonggao/tonggao/ent"
)

// poll is how soon what another replica wrote is seen, and how late a wake-up
// that got lost is made good.
const poll = 200 * time.Millisecond

// gather is how long a wake-up waits for other commits that come close behind it:
// who follows a busy log reads pages, not single changes, and leaves the writers be.
const gather = 10 * time.Millisecond

// Wait returns when there is something in the log after a position, or with
// ctx's error. What this process writes wakes it at the commit.
func (l *Log) Wait(ctx context.Context, after int64) error {
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	for {
		rung := l.notifier.wait() // before looking, so that nothing comes between
		end, err := l.End(ctx)
		if err != nil || end > after {
			return err
		}
		select {
		case <-rung:
			select {
			case <-time.After(gather):
			case <-ctx.Done():
			}
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// bell wakes everybody who waits for the next commit.
type notifier struct {
	mu   sync.Mutex
	next chan struct{}
}

func newNotifier() *notifier { return &notifier{next: make(chan struct{})} }

// heard is closed when the bell rings next.
func (b *notifier) wait() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.next
}

func (b *notifier) notify() {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.next)
	b.next = make(chan struct{})
}

// ringAfter rings when a transaction was committed.
func (b *notifier) notifyAfter(next ent.Committer) ent.Committer {
	return ent.CommitFunc(func(ctx context.Context, tx *ent.Tx) error {
		err := next.Commit(ctx, tx)
		if err == nil {
			b.notify()
		}
		return err
	})
}
