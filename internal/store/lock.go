package store

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/publisher"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// AdvisoryLock is the key of one of PostgreSQL's advisory locks. All keys that the
// program uses are listed here, so that no two packages take the same one.
type AdvisoryLock int64

// The advisory locks.
const (
	ErasureLock   AdvisoryLock = 0x746f6e6765726173 // "tongeras"
	MigrationLock AdvisoryLock = 0x746f6e676d696772 // "tongmigr"
	SiteLock      AdvisoryLock = 0x746f6e6773697465 // "tongsite"
	WebhookLock   AdvisoryLock = 0x746f6e677765626b // "tongwebk"
)

// LockAdvisory waits for an advisory lock of PostgreSQL and holds it until the
// transaction of c ends. On SQLite it does nothing; see Lock.
func (s *Store) LockAdvisory(ctx context.Context, c *ent.Client, key AdvisoryLock) error {
	return s.Lock(ctx, c, "SELECT pg_advisory_xact_lock($1)", int64(key))
}

// RowLock is how LockRows locks rows.
type RowLock string

// The row locks. A foreign key that is inserted takes a lock on the row it refers to that
// only ForDelete excludes.
const (
	ForShare  RowLock = "FOR SHARE"         // excludes changes
	ForChange RowLock = "FOR NO KEY UPDATE" // excludes all but new references
	ForDelete RowLock = "FOR UPDATE"        // excludes everything
)

// LockRows locks the rows of a table with these ids, in the order of their ids, until the
// transaction of c ends. Rows that do not exist are skipped.
//
// A rule that reads and then writes calls it first, so that what it reads stays true until
// the commit. Transactions that lock rows of several tables lock parents before children
// (tokens, articles, comments, reports, pictures), and append to the audit log and to the
// change log last; so none waits for another that waits for it.
func (s *Store) LockRows(ctx context.Context, c *ent.Client, how RowLock, table string, ids ...string) error {
	return s.Lock(ctx, c, "SELECT 1 FROM "+table+" WHERE id = ANY($1::text[]) ORDER BY id "+string(how), ids)
}

// LockItems locks articles, comments and publishers, which users name by their ids alone,
// until the transaction of c ends; for a comment also its article, before it. Other ids
// are skipped.
func (s *Store) LockItems(ctx context.Context, c *ent.Client, ids ...string) error {
	if s.Engine != dialect.Postgres || len(ids) == 0 {
		return nil
	}
	items := map[typeid.Kind][]string{}
	for _, id := range ids {
		if kind, err := typeid.KindOf(id); err == nil {
			items[kind] = append(items[kind], id)
		}
	}
	if comments := items[typeid.Comment]; len(comments) > 0 {
		articles, err := c.Comment.Query().Where(comment.IDIn(comments...)).Select(comment.FieldArticleID).Strings(viewer.AsSystem(ctx))
		if err != nil {
			return fmt.Errorf("find the articles of comments to lock: %w", err)
		}
		items[typeid.Article] = append(items[typeid.Article], articles...)
	}
	for _, level := range []struct {
		kind  typeid.Kind
		table string
	}{{typeid.Publisher, publisher.Table}, {typeid.Article, article.Table}, {typeid.Comment, comment.Table}} {
		if len(items[level.kind]) == 0 {
			continue
		}
		if err := s.LockRows(ctx, c, ForChange, level.table, items[level.kind]...); err != nil {
			return err
		}
	}
	return nil
}

// Lock runs a locking statement of PostgreSQL, such as LOCK TABLE or SELECT … FOR
// UPDATE, whose effect lasts until the transaction ends. On SQLite every writing
// transaction is alone, so there it does nothing.
func (s *Store) Lock(ctx context.Context, c *ent.Client, statement string, args ...any) error {
	if s.Engine != dialect.Postgres {
		return nil
	}
	if _, err := c.ExecContext(ctx, statement, args...); err != nil {
		return fmt.Errorf("lock (%s): %w", statement, err)
	}
	return nil
}
