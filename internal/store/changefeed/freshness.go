package changefeed

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/invalidation"
	"github.com/tonggao/tonggao/internal/store/setting"
)

// Freshness applies what other processes have changed to the tracker of the store, so that
// answers that this process keeps are never older than a second. It reads the log and the count
// of unlogged changes when an answer is asked for, not more often than checkInterval, and so
// costs nothing without readers.
type Freshness struct {
	log *Log

	mu      sync.Mutex // of one check at a time
	seen    state
	failure error
	failed  time.Time // when the last check failed

	applied atomic.Pointer[applied] // nil: there was no check
}

// applied is what the last check did.
type applied struct {
	began    time.Time
	position int64 // of the log, up to which changes were applied
}

// How often other processes' changes are looked for, after what time without a look answers may
// be too old, and after how long the log may have been trimmed in between.
const (
	checkInterval = 200 * time.Millisecond
	tooOld        = 600 * time.Millisecond
	forgotten     = 10 * time.Minute
	appliedAtOnce = 1000 // entries; where there are more, everything is invalidated
)

// state is what a check reads.
type state struct {
	head
	unlogged int64
}

// NewFreshness returns the freshness of what is read from the store of l.
func NewFreshness(l *Log) *Freshness { return &Freshness{log: l} }

// Position returns up to which position of the log changes were applied.
func (f *Freshness) Position() int64 {
	if last := f.applied.Load(); last != nil {
		return last.position
	}
	return 0
}

// age returns how long ago the last check began.
func (f *Freshness) age() time.Duration {
	if last := f.applied.Load(); last != nil {
		return time.Since(last.began)
	}
	return forgotten
}

// Ensure returns when all that other processes committed more than a second ago was applied,
// and everything up to a position of the log. It fails where the database does not answer, or
// has not come to the position.
func (f *Freshness) Ensure(ctx context.Context, atLeast int64) error {
	switch late, age := f.Position() < atLeast, f.age(); {
	case age < checkInterval && !late:
		return nil
	case late || age > tooOld:
		f.mu.Lock()
	case !f.mu.TryLock():
		return nil // another request checks
	}
	defer f.mu.Unlock()
	if f.age() >= checkInterval || f.Position() < atLeast {
		if f.failure != nil && time.Since(f.failed) < checkInterval {
			return f.failure
		}
		if f.failure = f.check(ctx); f.failure != nil {
			f.failed = time.Now()
			return f.failure
		}
	}
	if f.Position() < atLeast {
		return errBehind
	}
	return nil
}

var errBehind = errors.New("the change log has not come to the position")

// check applies what is new.
func (f *Freshness) check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(invalidation.Unrecorded(context.WithoutCancel(ctx)), tooOld)
	defer cancel()
	ctx = store.Background(ctx)
	began, tracker := time.Now(), f.log.store.Invalidations()
	now, err := f.read(ctx)
	if err != nil {
		return err
	}
	others := tracker.OthersCounted(f.seen.unlogged, now.unlogged)
	switch {
	case f.age() >= forgotten || now.epoch != f.seen.epoch || now.last < f.seen.last || others:
		tracker.InvalidateAll()
	case now.last > f.seen.last || now.waiting:
		if err := f.apply(ctx, now.head); err != nil {
			return err
		}
	}
	f.seen = now
	f.applied.Store(&applied{began, now.last})
	return nil
}

// read reads the state of the database.
func (f *Freshness) read(ctx context.Context) (s state, err error) {
	if s.head, err = f.log.head(ctx); err != nil {
		return s, err
	}
	text, found, err := setting.Get(ctx, f.log.store.Client(ctx), store.UnloggedSetting)
	if err != nil || !found {
		return s, err
	}
	if s.unlogged, err = strconv.ParseInt(text, 10, 64); err != nil {
		return s, fmt.Errorf("read the count of unlogged changes: %w", err)
	}
	return s, nil
}

// apply applies the entries after the last check, up to a position, and those that are
// committed and have no position yet.
func (f *Freshness) apply(ctx context.Context, to head) (err error) {
	waiting := ""
	if to.waiting {
		waiting = " OR position IS NULL"
	}
	rows, err := f.log.store.Client(ctx).QueryContext(ctx, `SELECT seq, position IS NOT NULL, item_type, item_id, owner_id FROM changes
		WHERE position > $1 AND position <= $2`+waiting+` LIMIT $3`, f.seen.last, to.last, appliedAtOnce+1)
	if err != nil {
		return fmt.Errorf("read the changes of other processes: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	tracker := f.log.store.Invalidations()
	for n := 0; rows.Next(); n++ {
		var seq int64
		var numbered bool
		var e invalidation.Entry
		if err := rows.Scan(&seq, &numbered, &e.Type, &e.ID, &e.Owner); err != nil {
			return fmt.Errorf("read the changes of other processes: %w", err)
		}
		if n == appliedAtOnce {
			tracker.InvalidateAll()
			break
		}
		tracker.Apply(seq, e, numbered)
	}
	return rows.Err()
}
