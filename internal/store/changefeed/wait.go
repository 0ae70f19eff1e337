package changefeed

import (
	"context"
	"sync"
	"time"
)

// pollInterval is how soon the changes of another process are seen, and how late a lost
// wake-up is repaired.
const pollInterval = 200 * time.Millisecond

// batchDelay is how long a wake-up waits for further commits, so that clients of a busy log
// read pages, not single changes.
const batchDelay = 10 * time.Millisecond

// Wait returns when the log has an entry after a position, or with ctx's error. A commit
// of this process wakes it at once.
func (l *Log) Wait(ctx context.Context, after int64) error {
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		committed := l.notifier.wait() // before reading the end, so that no commit is missed
		end, err := l.End(ctx)
		if err != nil || end > after {
			return err
		}
		select {
		case <-committed:
			select {
			case <-time.After(batchDelay):
			case <-ctx.Done():
			}
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// notifier wakes all who wait for the next commit.
type notifier struct {
	mu   sync.Mutex
	next chan struct{}
}

func newNotifier() *notifier { return &notifier{next: make(chan struct{})} }

// wait returns a channel that the next notify closes.
func (n *notifier) wait() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.next
}

func (n *notifier) notify() {
	n.mu.Lock()
	defer n.mu.Unlock()
	close(n.next)
	n.next = make(chan struct{})
}
