package store

import (
	"context"
	"fmt"
	"strings"

	"entgo.io/ent/dialect"

	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/attachment"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/ent/reportevent"
	"github.com/tonggao/tonggao/ent/webhook"
	"github.com/tonggao/tonggao/internal/foundation/seal"
)

// Incomplete counts the articles that have no document or no place in the search
// index. It reads the whole site; it is for `tonggao doctor`.
func (s *Store) Incomplete(ctx context.Context) (int, error) {
	slot := "search.rowid"
	if s.Engine == dialect.Postgres {
		slot = "search.slot"
	}
	var n int
	err := s.driver.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM articles
		LEFT JOIN bodies ON bodies.id = articles.id
		LEFT JOIN search ON `+slot+` = articles.search_slot
		WHERE bodies.id IS NULL OR `+slot+` IS NULL`).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count incomplete articles: %w", err)
	}
	return n, nil
}

// sealed are the columns that hold what is sealed, or name the key of it.
var sealed = []struct{ table, column string }{
	{article.Table, article.FieldOriginAddress}, {comment.Table, comment.FieldOriginAddress},
	{report.Table, report.FieldOriginAddress}, {report.Table, report.FieldEvidence},
	{reportevent.Table, reportevent.FieldMaterial}, {attachment.Table, attachment.FieldSealedWith},
	{webhook.Table, webhook.FieldSecret}, {webhook.Table, webhook.FieldPreviousSecret},
}

// Locked counts what was sealed with a key that this store does not have. It reads the
// whole site; it is for `tonggao doctor`, and for a change of keys.
func (s *Store) Locked(ctx context.Context) (int, error) {
	var count strings.Builder
	var args []any
	for i, at := range sealed {
		if i > 0 {
			count.WriteString(" + ")
		}
		fmt.Fprintf(&count, "(SELECT COUNT(*) FROM %s WHERE %s LIKE '%s.%%'", at.table, at.column, seal.Form)
		for _, key := range s.Keys.All() {
			args = append(args, key)
			fmt.Fprintf(&count, " AND substr(%s, 1, %d) <> $%d", at.column, len(key), len(args))
		}
		count.WriteString(")")
	}
	var n int
	if err := s.driver.read.QueryRowContext(ctx, "SELECT "+count.String(), args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("count what cannot be opened: %w", err)
	}
	return n, nil
}
