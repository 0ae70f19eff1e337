// Package changes is the log of everything that readers can notice. A service
// appends to it in the transaction of the change itself, so there is no change
// without its entry and no entry without its change; whatever follows (feeds,
// webhooks, other platforms) reads it from a cursor of its own.
//
// Positions follow the order of commits on both engines: SQLite has one writer;
// on PostgreSQL the last thing a transaction does is to take the log's lock,
// which it holds until it is over.
package changefeed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"entgo.io/ent/dialect"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
)

// Kind is what happened, as GraphQL's ChangeKind calls it.
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
	LeftFilter  Kind = "LEFT_FILTER" // never logged: what a filtered reader sees of another kind
)

// Entry is one change. Item is frozen as JSON; nil makes a tombstone. An article
// names its Place and, where readers saw it before, where it Was; a category
// that moved names the categories it is and was below; a comment only its Owner.
// Everything else about places is looked up as the log is locked.
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
}

// New is the change log of s.
func New(s *store.Store) *Log { return &Log{store: s, notifier: newNotifier()} }

// lockKey names the log's lock among PostgreSQL's advisory locks: "tonggao!".
const lockKey = 0x746f6e6767616f21

// Append adds entries to the log. Ctx and c must be those of a transaction, and
// appending the last thing that it does.
func (l *Log) Append(ctx context.Context, c *ent.Client, entries ...Entry) error {
	tx := ent.TxFromContext(ctx)
	if tx == nil {
		return errors.New("append to the change log: outside of a transaction")
	}
	if err := l.Lock(ctx, c); err != nil {
		return err
	}
	places, err := l.places(ctx, c, entries)
	if err != nil {
		return fmt.Errorf("find the places of changes: %w", err)
	}
	rows := make([]*ent.ChangeCreate, len(entries))
	for i, e := range entries {
		if e.Item == nil && ctx.Value(purging{}) != nil {
			e.Purge = true
		}
		if e.Purge {
			if err := Blank(ctx, c, e.ID); err != nil {
				return err
			}
		}
		if rows[i], err = l.row(c, e, places); err != nil {
			return fmt.Errorf("freeze %s %s: %w", e.Type, e.ID, err)
		}
	}
	if err := c.Change.CreateBulk(rows...).Exec(viewer.AsSystem(ctx)); err != nil {
		return fmt.Errorf("append to the change log: %w", err)
	}
	tx.OnCommit(l.notifier.notifyAfter)
	return nil
}

// purging is the key of what Purging says.
type purging struct{}

// Purging makes every entry that has no item say that copies must be deleted: for what is
// removed because another installation said so.
func Purging(ctx context.Context) context.Context { return context.WithValue(ctx, purging{}, true) }

// Lock keeps everybody else from appending until the transaction ends. On SQLite
// every transaction is alone.
func (l *Log) Lock(ctx context.Context, c *ent.Client) error {
	if l.store.Engine != dialect.Postgres {
		return nil
	}
	if _, err := c.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", int64(lockKey)); err != nil {
		return fmt.Errorf("take the lock of the change log: %w", err)
	}
	return nil
}

// AppendNew appends the entries of things that the log does not know. The caller
// holds the Lock.
func (l *Log) AppendNew(ctx context.Context, c *ent.Client, entries ...Entry) error {
	ids := make([]string, len(entries))
	for i, e := range entries {
		ids[i] = e.ID
	}
	known, err := l.newest(ctx, ids, maxPosition)
	if err != nil {
		return err
	}
	entries = slices.DeleteFunc(entries, func(e Entry) bool {
		return slices.ContainsFunc(known, func(h head) bool { return h.itemID == e.ID })
	})
	if len(entries) == 0 {
		return nil
	}
	return l.Append(ctx, c, entries...)
}

func (l *Log) row(c *ent.Client, e Entry, places placements) (*ent.ChangeCreate, error) {
	payload, err := freeze(e.Item)
	return c.Change.Create().SetKind(string(e.Kind)).SetItemType(e.Type).SetItemID(e.ID).
		SetVersion(e.Version).SetReason(e.Reason).SetPurge(e.Purge).SetAt(l.store.Clock()).SetPayload(payload).
		SetOwnerID(e.Owner).SetPlace(places.of(e, e.Place)).SetWas(places.before(e)).SetBeneath(places.beneath[e.ID]), err
}

func freeze(item any) (string, error) {
	if item == nil {
		return "", nil
	}
	payload, err := json.Marshal(item)
	return string(payload), err
}
