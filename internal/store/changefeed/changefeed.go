// Package changefeed is the change log: an outbox of everything that readers can notice.
// A service appends to it in the transaction of the change itself, so there is no change
// without its entry and no entry without its change. Feeds, webhooks, subscriptions and
// other platforms read it from cursors of their own.
//
// Positions follow the order of commits on both engines: SQLite has one writer; on
// PostgreSQL the last thing a transaction does is to take the log's lock, which it holds
// until it ends.
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

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
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
// looked up while the log is locked.
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

// New returns the change log of s.
func New(s *store.Store) *Log { return &Log{store: s, notifier: newNotifier()} }

// Append adds entries to the log. Ctx and c must be those of a transaction, and appending
// the last thing that it does.
func (l *Log) Append(ctx context.Context, c *ent.Client, entries ...Entry) error {
	tx := ent.TxFromContext(ctx)
	if tx == nil {
		return errors.New("append to the change log: outside of a transaction")
	}
	if err := l.Lock(ctx, c); err != nil {
		return err
	}
	placements, err := l.findPlacements(ctx, c, entries)
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
	}
	if err := c.Change.CreateBulk(rows...).Exec(viewer.AsSystem(ctx)); err != nil {
		return fmt.Errorf("append to the change log: %w", err)
	}
	tx.OnCommit(l.notifier.notifyAfter)
	return nil
}

// Lock keeps all other transactions from appending until this one ends. On SQLite every
// writing transaction is alone.
func (l *Log) Lock(ctx context.Context, c *ent.Client) error {
	if err := l.store.LockAdvisory(ctx, c, store.ChangeFeedLock); err != nil {
		return fmt.Errorf("lock the change log: %w", err)
	}
	return nil
}

// AppendNew appends the entries whose items are not in the log yet. The caller holds the
// Lock.
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
		return slices.ContainsFunc(known, func(k entry) bool { return k.itemID == e.ID })
	})
	if len(entries) == 0 {
		return nil
	}
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
