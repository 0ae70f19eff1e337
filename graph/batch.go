package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/dataloader"
	"github.com/tonggao/tonggao/internal/store/pagination"
)

// loadBatch returns what fetch finds for id. It calls fetch once for all rows that were
// loaded together with row. Each field of the document has a batch of its own, so two
// aliases of one field do not disturb each other.
func loadBatch[T, R any](ctx context.Context, g dataloader.Group[T], row T, id string, fetch func(context.Context, []T) (map[string]R, error)) (R, error) {
	found, err := dataloader.Load(ctx, g, row, graphql.GetFieldContext(ctx).Field.Field, fetch)
	return found[id], err
}

// byIDs adapts a fetch by IDs to one by rows; id returns the ID to fetch for a row, or "".
func byIDs[T, R any](id func(T) string, fetch func(context.Context, []string) (map[string]R, error)) func(context.Context, []T) (map[string]R, error) {
	return func(ctx context.Context, rows []T) (map[string]R, error) {
		seen := make(map[string]bool, len(rows))
		ids := make([]string, 0, len(rows))
		for _, row := range rows {
			if id := id(row); id != "" && !seen[id] {
				seen[id] = true
				ids = append(ids, id)
			}
		}
		if len(ids) == 0 {
			return nil, nil
		}
		return fetch(ctx, ids)
	}
}

// request returns the page that the arguments of a connection select.
func request(ctx context.Context, first *int, after *string, last *int, before *string) pagination.Request {
	return pagination.Request{First: first, After: after, Last: last, Before: before,
		NoRows: !ent.Selected(ctx, "edges", "pageInfo")}
}
