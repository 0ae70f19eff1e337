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

// Mark is the end of the log within its epoch.
type Mark struct {
	Position int64
	Epoch    string
}

// Wait returns the end of the log when it is another than seen, or ctx's error. A commit of
// this process wakes it at once. The end comes earlier than seen where the log lost entries.
func (l *Log) Wait(ctx context.Context, seen Mark) (Mark, error) {
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		committed := l.notifier.wait() // before reading the end, so that no commit is missed
		head, err := l.settled(ctx, maxPosition)
		if now := (Mark{head.last, head.epoch}); err != nil || now != seen {
			return now, err
		}
		select {
		case <-committed:
			select {
			case <-time.After(batchDelay):
			case <-ctx.Done():
			}
		case <-ticker.C:
		case <-ctx.Done():
			return seen, ctx.Err()
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
