package store

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"strconv"

	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/internal/store/invalidation"
)

// UnloggedSetting counts the transactions that changed what readers see and what the change log
// does not show: settings, pictures, schedules, erased personal data. Other processes that keep
// answers read it.
const UnloggedSetting = "unlogged_changes"

const countUnlogged = `INSERT INTO settings (name, value) VALUES ('` + UnloggedSetting + `', '1')
	ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(settings.value AS bigint) + 1 AS text) RETURNING value`

// Invalidations returns the tracker of what was changed.
func (s *Store) Invalidations() *invalidation.Tracker { return s.driver.tracker }

// countOnce counts, on c, a transaction that changed what the change log does not show, and
// returns the count. It is the last statement of the transaction: others wait for its row no
// longer than a commit takes.
func countOnce(ctx context.Context, c interface {
	QueryContext(context.Context, string, ...any) (*stdsql.Rows, error)
}) (count int64, err error) {
	rows, err := c.QueryContext(invalidation.Unseen(Background(ctx)), countUnlogged)
	if err == nil {
		var text string
		err = sql.ScanOne(rows, &text)
		err = errors.Join(err, rows.Close())
		if err == nil {
			count, err = strconv.ParseInt(text, 10, 64)
		}
	}
	if err != nil {
		return 0, fmt.Errorf("count a change that is not in the log: %w", err)
	}
	return count, nil
}

// changed invalidates what depends on what a statement outside of a transaction changes.
func (d *driver) changed(ctx context.Context, query string) *invalidation.Writes {
	ctx, writes := invalidation.WithWrites(ctx)
	writes.Statement(ctx, query)
	writes.Invalidate(d.tracker)
	return writes
}

// written invalidates what depends on what a statement outside of a transaction changed, and
// counts it. A statement that failed may have been executed all the same.
func (d *driver) written(ctx context.Context, query string, failed error) error {
	writes := d.changed(ctx, query)
	if failed != nil || !writes.Unlogged() {
		return failed
	}
	count, err := countOnce(ctx, d.pool(ctx, d.write))
	if err == nil {
		d.tracker.CommittedUnlogged(count)
	}
	return err
}
