package follower

import (
	"context"
	"errors"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/store/setting"
)

// A remote whose database was restored, or a copy that was away for too long, cannot continue:
// the follower starts over. It applies a new snapshot to what it has, notes what it applied in
// the table followed, and once it is up to date removes what is left of the pass before.

// errRefused marks a cursor that the remote does not continue from.
var errRefused = errors.New("the cursor was refused")

// startOver returns the state that begins a new pass.
func (s state) startOver() state {
	return state{From: s.From, Waiting: map[string]string{}, Pass: s.Pass + 1, Sweep: true}
}

// note records that a change was applied.
func (s state) note(ctx context.Context, c *ent.Client, ch Change) error {
	statement, args := "INSERT INTO followed (id, item_type, pass) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET pass = excluded.pass", []any{ch.ItemID, ch.ItemType, s.Pass}
	if ch.removes() {
		statement, args = "DELETE FROM followed WHERE id = $1", args[:1]
	}
	if _, err := c.ExecContext(ctx, statement, args...); err != nil {
		return fmt.Errorf("note what was copied: %w", err)
	}
	return nil
}

// sweepBatch is how many items one transaction removes.
const sweepBatch = 100

// sweep removes what was copied in an earlier pass only.
func (f *Follower) sweep(ctx context.Context, s *state) error {
	for more := true; more; {
		next := *s
		err := f.Store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
			stale, err := stale(ctx, c, s.Pass)
			if err != nil {
				return err
			}
			for _, ch := range stale {
				if err := f.apply(ctx, c, &next, ch); err != nil {
					return err
				}
				if err := next.note(ctx, c, ch); err != nil {
					return err
				}
			}
			more = len(stale) == sweepBatch
			next.Sweep = more
			return setting.PutJSON(ctx, c, stateSetting, next)
		})
		if err != nil {
			return fmt.Errorf("remove what the remote does not have: %w", err)
		}
		*s = next
	}
	return nil
}

// stale returns removals of items that were copied before a pass: articles first, as nothing
// that still has one can be removed, and categories below others before those.
func stale(ctx context.Context, c *ent.Client, pass int) (list []Change, err error) {
	rows, err := c.QueryContext(ctx, "SELECT id, item_type FROM followed WHERE pass < $1 ORDER BY item_type, id DESC LIMIT $2", pass, sweepBatch)
	if err != nil {
		return nil, fmt.Errorf("list what was copied before: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		ch := Change{Kind: "DELETED"}
		if err := rows.Scan(&ch.ItemID, &ch.ItemType); err != nil {
			return nil, fmt.Errorf("list what was copied before: %w", err)
		}
		list = append(list, ch)
	}
	return list, rows.Err()
}
