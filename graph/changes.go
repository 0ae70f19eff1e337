package graph

import (
	"context"

	"github.com/tonggao/tonggao/internal/changes"
	"github.com/tonggao/tonggao/internal/page"
	"github.com/tonggao/tonggao/internal/viewer"
)

func (r *queryResolver) Changes(ctx context.Context, after *string, first *int, filter *changes.Filter) (*changes.Page, error) {
	size, f := page.DefaultSize, changes.Filter{}
	if first != nil {
		size = *first
	}
	if filter != nil {
		f = *filter
	}
	if err := changes.MayRead(viewer.From(ctx)); err != nil {
		return nil, err
	}
	at, err := r.Log.Cursor(ctx, after, f)
	if err != nil {
		return nil, err
	}
	return r.Log.Page(ctx, at, size, f)
}
