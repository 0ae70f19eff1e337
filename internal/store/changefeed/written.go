package changefeed

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/tonggao/tonggao/ent"
)

// Written collects the entries that one request commits, so that its answer can say from
// which position on a reader sees them.
type Written struct {
	mu   sync.Mutex
	seqs []int64 // not numbered when they were inserted
	last int64   // of those that were
}

type writtenKey struct{}

// WithWritten returns a context that collects what is committed under it.
func WithWritten(ctx context.Context) (context.Context, *Written) {
	w := &Written{}
	return context.WithValue(ctx, writtenKey{}, w), w
}

func writtenOf(ctx context.Context) *Written {
	w, _ := ctx.Value(writtenKey{}).(*Written)
	return w
}

// record adds the entries when the transaction is committed.
func (w *Written) record(tx *ent.Tx, entries []*ent.Change) {
	if w == nil {
		return
	}
	tx.OnCommit(func(next ent.Committer) ent.Committer {
		return ent.CommitFunc(func(ctx context.Context, tx *ent.Tx) error {
			err := next.Commit(ctx, tx)
			if err != nil {
				return err
			}
			w.mu.Lock()
			defer w.mu.Unlock()
			for _, e := range entries {
				if e.Position == nil {
					w.seqs = append(w.seqs, e.ID)
				} else {
					w.last = max(w.last, *e.Position)
				}
			}
			return nil
		})
	})
}

// Empty reports whether nothing was committed.
func (w *Written) Empty() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.seqs) == 0 && w.last == 0
}

// How long the answer to a write waits for the position of its entries, and after what time
// it looks whether another process has given it.
const (
	numberedTime  = 500 * time.Millisecond
	numberedPause = 50 * time.Millisecond
)

// Position returns the position of the last entry that was committed under WithWritten. It
// waits until the sequencer has given it, but not long; ok is false where there is no entry,
// or none has a position in time.
func (l *Log) Position(ctx context.Context, w *Written) (position int64, ok bool, err error) {
	w.mu.Lock()
	seqs, position := slices.Clone(w.seqs), w.last
	w.mu.Unlock()
	if len(seqs) == 0 {
		return position, position > 0, nil
	}
	ctx, cancel := context.WithTimeout(ctx, numberedTime)
	defer cancel()
	for ctx.Err() == nil {
		settling, end := context.WithTimeout(ctx, numberedPause)
		l.store.Changes().Settle(settling)
		end()
		last, waiting, err := l.numbered(ctx, seqs)
		if err != nil {
			return 0, false, err
		}
		if !waiting {
			return max(position, last), true, nil
		}
	}
	return 0, false, nil
}

// numbered returns the highest position of some entries, and whether some have none yet.
func (l *Log) numbered(ctx context.Context, seqs []int64) (last int64, waiting bool, err error) {
	rows, err := l.store.Client(ctx).QueryContext(ctx, "SELECT COALESCE(MAX(position), 0), COUNT(*) > COUNT(position) FROM changes WHERE seq = ANY($1)", seqs)
	if err != nil {
		return 0, false, fmt.Errorf("read the position of what was written: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := rows.Scan(&last, &waiting); err != nil {
			return 0, false, fmt.Errorf("read the position of what was written: %w", err)
		}
	}
	return last, waiting, rows.Err()
}
