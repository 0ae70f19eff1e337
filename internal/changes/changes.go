// Package changes is the log of everything that readers can notice. A service
// appends to it in the transaction of the change itself, so there is no change
// without its entry and no entry without its change; whatever follows (feeds,
// webhooks, other platforms) reads it from a cursor of its own.
//
// Positions follow the order of commits on both engines: SQLite has one writer;
// on PostgreSQL the last thing a transaction does is to take the log's lock,
// which it holds until it is over.
package changes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"entgo.io/ent/dialect"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/viewer"
)

// Kind is what happened, as GraphQL's ChangeKind calls it.
type Kind string

// The kinds of changes.
const (
	Created     Kind = "CREATED"
	Updated     Kind = "UPDATED"
	Published   Kind = "PUBLISHED"
	Unpublished Kind = "UNPUBLISHED"
	Deleted     Kind = "DELETED"
	Moved       Kind = "MOVED"
	TakenDown   Kind = "TAKEN_DOWN"
	Restored    Kind = "RESTORED"
)

// Entry is one change. Item is frozen as JSON; nil makes a tombstone.
type Entry struct {
	Kind    Kind
	Type    string // the GraphQL type, such as Article
	ID      string
	Version int
	Reason  string
	Purge   bool // copies must be deleted, not only hidden
	Item    any
}

// Log is the change log of a store.
type Log struct{ store *store.Store }

// New is the change log of s.
func New(s *store.Store) *Log { return &Log{s} }

// lockKey names the log's lock among PostgreSQL's advisory locks: "tonggao!".
const lockKey = 0x746f6e6767616f21

// Append adds entries to the log. Ctx and c must be those of a transaction, and
// appending the last thing that it does.
func (l *Log) Append(ctx context.Context, c *ent.Client, entries ...Entry) error {
	if ent.TxFromContext(ctx) == nil {
		return errors.New("append to the change log: outside of a transaction")
	}
	if l.store.Engine == dialect.Postgres {
		if _, err := c.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", int64(lockKey)); err != nil {
			return fmt.Errorf("take the lock of the change log: %w", err)
		}
	}
	rows := make([]*ent.ChangeCreate, len(entries))
	for i, e := range entries {
		payload, err := freeze(e.Item)
		if err != nil {
			return fmt.Errorf("freeze %s %s: %w", e.Type, e.ID, err)
		}
		rows[i] = c.Change.Create().SetKind(string(e.Kind)).SetItemType(e.Type).SetItemID(e.ID).
			SetVersion(e.Version).SetReason(e.Reason).SetPurge(e.Purge).SetAt(l.store.Clock()).SetPayload(payload)
	}
	if err := c.Change.CreateBulk(rows...).Exec(viewer.AsSystem(ctx)); err != nil {
		return fmt.Errorf("append to the change log: %w", err)
	}
	return nil
}

func freeze(item any) (string, error) {
	if item == nil {
		return "", nil
	}
	payload, err := json.Marshal(item)
	return string(payload), err
}
