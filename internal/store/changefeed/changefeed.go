// Package changefeed is the change log: an outbox of everything that readers can notice.
// A service appends to it in the transaction of the change itself, so there is no change
// without its entry and no entry without its change. Feeds, webhooks, subscriptions and
// other platforms read it from cursors of their own.
//
// Positions follow the order of commits on both engines. SQLite has one writer, which sets
// them. On PostgreSQL an entry has none until it is committed and a store.Sequencer numbers
// it, some milliseconds later: a writer cannot know the position of what it wrote. Two things
// are asked of a transaction. It has locked the row of the item, or inserted it, before it
// appends; and what an entry keeps of other rows, its placement, is read under a lock that
// their writers conflict with, which Append takes. Readers wait until what was committed
// before they came is numbered.
//
// Reading: Page takes a filter and a cursor. A client without a cursor first receives a
// snapshot of the content, then every change. A change that moves an item out of the
// filter is returned as LEFT_FILTER; one that moves an article or a category into it
// brings the comments and articles along. Retention removes superseded entries; a cursor
// that is older fails with ErrTooOld. The package does not deliver anything.
package changefeed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/change"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/invalidation"
)

// Kind says what happened, as GraphQL's ChangeKind names it.
type Kind string

// The kinds of changes.
const (
	Created     Kind = "CREATED"
	Updated     Kind = "UPDATED"
	Published   Kind = "PUBLISHED"
	Unpublished Kind = "UNPUBLISHED"
	Expired     Kind = "EXPIRED"
	Deleted     Kind = "DELETED"
	TakenDown   Kind = "TAKEN_DOWN"
	Restored    Kind = "RESTORED"
	Moved       Kind = "MOVED"
	LeftFilter  Kind = "LEFT_FILTER" // never logged: another kind, as a client with a filter receives it
)

// removes reports whether the kind hides or deletes its item.
func (k Kind) removes() bool {
	return k == Unpublished || k == Expired || k == Deleted || k == TakenDown
}

// Entry is one change to append. Item is stored as JSON; nil makes a tombstone. An article
// names its placement and, where readers saw it before, the one it had; a category that
// moved names its parents, a comment only its Owner. The rest of their placements is
// looked up as it is appended.
type Entry struct {
	Kind    Kind
	Type    string // the GraphQL type, such as Article
	ID      string
	Version int
	Reason  string
	Purge   bool // copies must be deleted, not only hidden; the log blanks its own
	Item    any
	Owner   string // the article of a comment
	Place   *Placement
	Was     *Placement
}

// Log is the change log of a store.
type Log struct {
	store    *store.Store
	notifier *notifier
	history  history
}

// New returns the change log of s.
func New(s *store.Store) *Log { return &Log{store: s, notifier: newNotifier()} }

// Append adds entries to the log. Ctx and c must be those of a transaction that has locked
// or inserted the rows of the items.
func (l *Log) Append(ctx context.Context, c *ent.Client, entries ...Entry) error {
	tx := ent.TxFromContext(ctx)
	if tx == nil {
		return errors.New("append to the change log: outside of a transaction")
	}
	if len(entries) == 0 {
		return nil
	}
	placements, err := l.findPlacements(ctx, c, entries)
	if err != nil {
		return fmt.Errorf("append to the change log: %w", err)
	}
	last, err := l.take(ctx, c, len(entries))
	if err != nil {
		return fmt.Errorf("append to the change log: %w", err)
	}
	rows := make([]*ent.ChangeCreate, len(entries))
	for i, e := range entries {
		if e.Purge {
			if err := Blank(ctx, c, e.ID); err != nil {
				return err
			}
		}
		if rows[i], err = l.row(c, e, placements); err != nil {
			return fmt.Errorf("append to the change log: encode %s %s: %w", e.Type, e.ID, err)
		}
		if last != nil {
			rows[i].SetPosition(*last - int64(len(entries)-1-i))
		}
	}
	made, err := c.Change.CreateBulk(rows...).Save(viewer.AsSystem(ctx))
	if err != nil {
		return fmt.Errorf("append to the change log: %w", err)
	}
	tx.OnCommit(l.committed(made))
	if slices.ContainsFunc(entries, func(e Entry) bool { return ItemType(e.Type) != Article && ItemType(e.Type) != Comment }) {
		tx.OnCommit(l.itemsChanged)
	}
	writtenOf(ctx).record(tx, made)
	for _, e := range entries {
		invalidation.Log(ctx, invalidation.Entry{Type: e.Type, ID: e.ID, Owner: e.Owner})
	}
	return nil
}

// take returns the last of the next n positions, which are the caller's; nil on PostgreSQL,
// where the sequencer gives them.
func (l *Log) take(ctx context.Context, c *ent.Client, n int) (last *int64, err error) {
	if l.store.Engine == dialect.Postgres {
		return nil, nil
	}
	rows, err := c.QueryContext(ctx, "UPDATE change_head SET last = last + $1 RETURNING last", n)
	if err != nil {
		return nil, fmt.Errorf("take positions: %w", err)
	}
	last = new(int64)
	if err := sql.ScanOne(rows, last); err != nil {
		return nil, errors.Join(fmt.Errorf("take positions: %w", err), rows.Close())
	}
	return last, rows.Close()
}

// committed wakes the sequencer and the readers when a transaction was committed, and remembers
// that its entries are of this process.
func (l *Log) committed(made []*ent.Change) ent.CommitHook {
	return func(next ent.Committer) ent.Committer {
		return ent.CommitFunc(func(ctx context.Context, tx *ent.Tx) error {
			if err := next.Commit(ctx, tx); err != nil {
				return err
			}
			for _, e := range made {
				l.store.Invalidations().Committed(e.ID)
			}
			l.store.Changes().Wake()
			l.notifier.notify()
			return nil
		})
	}
}

// itemsChanged ends what is kept in memory of small tables when a transaction was committed,
// or may have been.
func (l *Log) itemsChanged(next ent.Committer) ent.Committer {
	return ent.CommitFunc(func(ctx context.Context, tx *ent.Tx) error {
		defer l.store.ItemsChanged()
		return next.Commit(ctx, tx)
	})
}

// Lock keeps all other transactions from appending until this one ends, so that none can log
// an item between reading it and logging it. It is for a data migration; services lock the
// item. On SQLite every writing transaction is alone.
func (l *Log) Lock(ctx context.Context, c *ent.Client) error {
	return l.store.Lock(ctx, c, "LOCK TABLE changes IN SHARE ROW EXCLUSIVE MODE")
}

// AppendNew appends the entries whose items are not in the log yet. The caller holds the
// Lock.
func (l *Log) AppendNew(ctx context.Context, c *ent.Client, entries ...Entry) error {
	ids := make([]string, len(entries))
	for i, e := range entries {
		ids[i] = e.ID
	}
	known, err := c.Change.Query().Where(change.ItemIDIn(ids...)).Select(change.FieldItemID).Strings(viewer.AsSystem(ctx))
	if err != nil {
		return fmt.Errorf("look for items in the change log: %w", err)
	}
	entries = slices.DeleteFunc(entries, func(e Entry) bool { return slices.Contains(known, e.ID) })
	return l.Append(ctx, c, entries...)
}

func (l *Log) row(c *ent.Client, e Entry, ps placements) (*ent.ChangeCreate, error) {
	payload, err := encode(e.Item)
	if err != nil {
		return nil, err
	}
	return c.Change.Create().SetKind(string(e.Kind)).SetItemType(e.Type).SetItemID(e.ID).
		SetVersion(e.Version).SetReason(e.Reason).SetPurge(e.Purge).SetAt(l.store.Clock()).SetPayload(payload).
		SetOwnerID(e.Owner).SetPlace(ps.of(e, e.Place)).SetWas(ps.before(e)).SetBeneath(ps.descendants[e.ID]), nil
}

func encode(item any) (string, error) {
	if item == nil {
		return "", nil
	}
	payload, err := json.Marshal(item)
	return string(payload), err
}
