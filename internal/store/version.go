package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/store/invalidation"
)

// Version names a state of all items of a type, such as Category: between two calls with
// equal versions none was changed.
type Version struct {
	own  uint64 // commits of this process that changed items
	base uint64 // how often the history of changes was lost sight of
	last int64  // the position of the newest change of an item of the type
}

// versioned are the types that have versions: those of small tables, which change rarely.
const versioned = "'Category', 'Publisher', 'Region'"

// maxUnseen is after how long everything counts as changed: retention removes old entries.
const maxUnseen = time.Minute

// versions follows the change log of one database.
type versions struct {
	mu   sync.Mutex // of those who read on
	seen atomic.Pointer[seen]
}

// seen is what is known of the changes up to a position.
type seen struct {
	upTo int64
	base uint64
	last map[string]int64
	at   time.Time
}

// covers reports whether s has all changes up to a position, without asking the database.
func (s *seen) covers(position int64) bool {
	return s != nil && s.upTo == position && time.Since(s.at) < maxUnseen
}

// ItemsChanged begins a new Version of all types. It is called after a commit that changed
// items, before the commit is acknowledged.
func (s *Store) ItemsChanged() { s.ownCommits.Add(1) }

// Version returns the version of the items of a type that a request reads. It has all
// changes that are in the position of the request (Read) and all that this process has
// acknowledged. It reports false where ctx has no position, as in transactions, which read
// what they write themselves.
func (s *Store) Version(ctx context.Context, itemType string) (Version, bool, error) {
	r := readingOf(ctx)
	if r == nil || ent.TxFromContext(ctx) != nil {
		return Version{}, false, nil
	}
	own := s.ownCommits.Load()
	known, err := s.seenBy(ctx, r.position)
	if err != nil {
		return Version{}, false, err
	}
	return Version{own: own, base: known.base, last: known.last[itemType]}, true, nil
}

// seenBy returns what is known of the changes up to a position at least.
func (s *Store) seenBy(ctx context.Context, had int64) (*seen, error) {
	ctx = invalidation.Unrecorded(ctx) // what is kept says itself what it depends on
	one, _ := s.versions.LoadOrStore(Source(ctx), &versions{})
	v := one.(*versions)
	if known := v.seen.Load(); known.covers(had) {
		return known, nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	known := v.seen.Load()
	if known.covers(had) {
		return known, nil
	}
	if known == nil {
		known = &seen{}
	}
	fresh := time.Since(known.at) > maxUnseen
	if !fresh && known.upTo > had { // the request is slow, or the database was restored
		head, err := s.head(ctx)
		if err != nil || head >= known.upTo {
			return known, err
		}
		fresh = true
	}
	next := &seen{upTo: had, base: known.base, last: map[string]int64{}, at: time.Now()}
	if fresh {
		next.base++
	} else if err := s.changesBetween(ctx, known, next); err != nil {
		return nil, err
	}
	v.seen.Store(next)
	return next, nil
}

// changesBetween sets what changed last up to next.upTo.
func (s *Store) changesBetween(ctx context.Context, known, next *seen) (err error) {
	for itemType, position := range known.last {
		next.last[itemType] = position
	}
	if known.upTo == next.upTo {
		return nil
	}
	rows, err := s.client.QueryContext(ctx, "SELECT item_type, MAX(position) FROM changes WHERE position > $1 AND position <= $2 AND item_type IN ("+versioned+") GROUP BY item_type",
		known.upTo, next.upTo)
	if err != nil {
		return fmt.Errorf("read which items changed: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var itemType string
		var position int64
		if err := rows.Scan(&itemType, &position); err != nil {
			return fmt.Errorf("read which items changed: %w", err)
		}
		next.last[itemType] = position
	}
	return rows.Err()
}

// head returns the last position of the log in the database that ctx reads from.
func (s *Store) head(ctx context.Context) (last int64, err error) {
	rows, err := s.client.QueryContext(ctx, "SELECT last FROM change_head")
	if err != nil {
		return 0, fmt.Errorf("read the position of the change log: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := rows.Scan(&last); err != nil {
			return 0, fmt.Errorf("read the position of the change log: %w", err)
		}
	}
	return last, rows.Err()
}
