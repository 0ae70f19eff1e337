package viewcount

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"entgo.io/ent/dialect"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// batchSize is how many counts one statement writes.
const batchSize = 1000

// Flush writes what was counted, all of it or nothing. Counts of articles that were deleted
// in the meantime are dropped.
func (c *Counter) Flush(ctx context.Context) error {
	c.flushing.Lock()
	defer c.flushing.Unlock()
	taken := c.take()
	if len(taken) == 0 {
		return nil
	}
	err := c.store.Tx(viewer.AsSystem(ctx), func(ctx context.Context, client *ent.Client) error {
		return write(ctx, client, c.store.Engine, taken)
	})
	if err != nil {
		c.finish(taken)
		return fmt.Errorf("write the view counts: %w", err)
	}
	c.finish(nil)
	return nil
}

// take returns the counts and starts again from none.
func (c *Counter) take() map[count]int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	taken := c.pending
	c.pending, c.writing = map[count]int64{}, len(taken)
	return taken
}

// finish ends the flush that take began; unwritten counts go back to those that are pending.
func (c *Counter) finish(unwritten map[count]int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for one, n := range unwritten {
		c.pending[one] += n
	}
	c.writing = 0
}

// write adds counts to the articles and to their days.
func write(ctx context.Context, client *ent.Client, engine string, counts map[count]int64) error {
	keys := make([]count, 0, len(counts))
	for one := range counts {
		keys = append(keys, one)
	}
	slices.SortFunc(keys, func(a, b count) int { // replicas that lock in one order do not deadlock
		return cmp.Or(cmp.Compare(a.article, b.article), cmp.Compare(a.day, b.day))
	})
	statements := statementsOf[engine]
	for batch := range slices.Chunk(keys, batchSize) {
		rows := make([][3]any, len(batch))
		for i, one := range batch {
			rows[i] = [3]any{one.article, one.day, counts[one]}
		}
		list, _ := json.Marshal(rows) // strings and integers always marshal
		for _, statement := range statements {
			if _, err := client.ExecContext(ctx, statement, string(list)); err != nil {
				return err
			}
		}
	}
	return nil
}

// statementsOf are the statements of each engine that write a list of [article, day, views].
// The first locks the articles, so that none is deleted before the second refers to it.
var statementsOf = map[string][2]string{
	dialect.SQLite: {
		`UPDATE articles SET view_count = view_count + counted.views FROM (
			SELECT value ->> 0 AS article, SUM(value ->> 2) AS views FROM json_each(?) GROUP BY 1
		) AS counted WHERE articles.id = counted.article`,
		`INSERT INTO view_days (article_id, day, views)
			SELECT articles.id, value ->> 1, value ->> 2 FROM json_each(?) JOIN articles ON articles.id = value ->> 0 WHERE true
			ON CONFLICT (day, article_id) DO UPDATE SET views = view_days.views + excluded.views`,
	},
	dialect.Postgres: {
		`UPDATE articles SET view_count = articles.view_count + counted.views FROM (
			SELECT locked.id, given.views FROM articles AS locked JOIN (
				SELECT value ->> 0 AS article, SUM((value ->> 2)::bigint)::bigint AS views
				FROM jsonb_array_elements($1::jsonb) GROUP BY 1
			) AS given ON locked.id = given.article ORDER BY locked.id FOR NO KEY UPDATE OF locked
		) AS counted WHERE articles.id = counted.id`,
		`INSERT INTO view_days (article_id, day, views)
			SELECT articles.id, (value ->> 1)::bigint, (value ->> 2)::bigint
			FROM jsonb_array_elements($1::jsonb) JOIN articles ON articles.id = value ->> 0
			ORDER BY 1, 2
			ON CONFLICT (day, article_id) DO UPDATE SET views = view_days.views + excluded.views`,
	},
}
