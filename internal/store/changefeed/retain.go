package changefeed

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/change"
	"github.com/tonggao/tonggao/ent/predicate"
	"github.com/tonggao/tonggao/internal/foundation/heartbeat"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
)

// trimBatch is how many entries one transaction processes, so that writers never wait
// long.
const trimBatch = 500

// Trim removes entries that a later one superseded, and tombstones, as far as they are
// older than before. The newest entry of an item that exists stays for ever: it is the
// copy that a new client receives. The horizon is moved in the same transaction, so a
// client cannot miss an entry without receiving ErrTooOld.
func (l *Log) Trim(ctx context.Context, before instant.Instant) error {
	ctx = viewer.AsSystem(ctx)
	for more := true; more && ctx.Err() == nil; {
		err := l.store.Tx(ctx, func(ctx context.Context, c *ent.Client) (err error) {
			more, err = l.trim(ctx, c, before)
			return err
		})
		if err != nil {
			return fmt.Errorf("trim the change log: %w", err)
		}
	}
	return ctx.Err()
}

func (l *Log) trim(ctx context.Context, c *ent.Client, before instant.Instant) (more bool, err error) {
	from, err := l.Horizon(ctx)
	if err != nil {
		return false, err
	}
	rows, err := c.Change.Query().Where(change.PositionGT(from)).Order(change.ByPosition()).Limit(trimBatch+1).
		Select(change.FieldPosition, change.FieldAt).All(ctx)
	if err != nil {
		return false, fmt.Errorf("read the oldest changes: %w", err)
	}
	// The last entry of all stays: it is the end of the log.
	old := 0
	for old < len(rows)-1 && rows[old].At < before {
		old++
	}
	if old == 0 {
		return false, nil
	}
	to := *rows[old-1].Position
	for _, step := range []struct {
		statement string
		args      []any
	}{
		{"INSERT INTO settings (name, value) VALUES ($1, '0') ON CONFLICT (name) DO NOTHING", []any{horizonSetting}},
		{"UPDATE settings SET value = $1 WHERE name = $2 AND CAST(value AS bigint) < $3", []any{strconv.FormatInt(to, 10), horizonSetting, to}},
		{`DELETE FROM changes WHERE position IN (SELECT was.position FROM changes AS since JOIN changes AS was
			ON was.item_id = since.item_id AND was.position < since.position WHERE since.position > $1 AND since.position <= $2)`, []any{from, to}},
		{"DELETE FROM changes WHERE position > $1 AND position <= $2 AND kind IN ('UNPUBLISHED', 'EXPIRED', 'DELETED', 'TAKEN_DOWN')", []any{from, to}},
	} {
		if _, err := c.ExecContext(ctx, step.statement, step.args...); err != nil {
			return false, err
		}
	}
	return old == trimBatch, nil
}

// trimInterval is how often Run trims.
const trimInterval = 10 * time.Minute

// Run trims the log to a retention time, until ctx ends.
func (l *Log) Run(ctx context.Context, retention time.Duration, logger *slog.Logger) error {
	ticker := time.NewTicker(trimInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			err := heartbeat.Round(ctx, trimInterval, func(ctx context.Context) error {
				return l.Trim(ctx, l.store.Clock().Add(-retention))
			})
			if err != nil && ctx.Err() == nil {
				logger.Error("trimming the change log failed; retrying in 10m", "error", err)
			}
		}
	}
}

// blankBatch bounds the items of one statement.
const blankBatch = 1000

// Blank erases the payloads and reasons of items that must be deleted everywhere.
func Blank(ctx context.Context, c *ent.Client, items ...string) error {
	return rewrite(ctx, c, items, func(u *sql.UpdateBuilder) { u.Set(change.FieldPayload, "").Set(change.FieldReason, "") })
}

// Purge blanks items whose removal is in the log already and marks it: copies must be
// deleted, not only hidden. It is for removals by order of another installation.
func Purge(ctx context.Context, c *ent.Client, items ...string) error {
	mark := func(u *sql.UpdateBuilder) { u.Set(change.FieldPurge, true) }
	removals := change.KindIn(string(Unpublished), string(Expired), string(Deleted), string(TakenDown))
	if err := rewrite(ctx, c, items, mark, removals); err != nil {
		return err
	}
	return Blank(ctx, c, items...)
}

// rewrite changes the entries of items. It locks them in the order in which a sequencer does,
// because two that update the same rows in different orders would deadlock.
func rewrite(ctx context.Context, c *ent.Client, items []string, set func(*sql.UpdateBuilder), only ...predicate.Change) error {
	ctx = viewer.AsSystem(ctx)
	for part := range slices.Chunk(items, blankBatch) {
		entries := append(only, change.ItemIDIn(part...))
		err := c.Change.Query().Where(entries...).Order(change.ByID()).Modify(lockRows).Select(change.FieldID).Scan(ctx, new([]int64))
		if err == nil {
			err = c.Change.Update().Where(entries...).Modify(set).Exec(ctx)
		}
		if err != nil {
			return fmt.Errorf("rewrite %s in the change log: %w", part[0], err)
		}
	}
	return nil
}

// lockRows locks what is selected on PostgreSQL.
func lockRows(s *sql.Selector) {
	if store.IsPostgres(s) {
		s.ForUpdate()
	}
}
