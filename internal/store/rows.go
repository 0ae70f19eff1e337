package store

import (
	"context"

	"github.com/tonggao/tonggao/ent"
)

// ByKey returns rows as a map, by what key returns of each.
func ByKey[T any](rows []T, key func(T) string) map[string]T {
	found := make(map[string]T, len(rows))
	for _, row := range rows {
		found[key(row)] = row
	}
	return found
}

// FindOrCreate returns the row that find finds in a table or, where there is none, the
// one that create creates. It locks out other writers of the table only in the second
// case, and then searches again, so that of several at once only one creates the row.
func FindOrCreate[T any](ctx context.Context, s *Store, c *ent.Client, table string, find func(context.Context) (*T, error), create func() (*T, error)) (*T, error) {
	row, err := find(ctx)
	if !ent.IsNotFound(err) {
		return row, err
	}
	if err := s.Lock(ctx, c, "LOCK TABLE "+table+" IN SHARE ROW EXCLUSIVE MODE"); err != nil {
		return nil, err
	}
	if row, err = find(ctx); !ent.IsNotFound(err) {
		return row, err
	}
	return create()
}
