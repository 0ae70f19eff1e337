package graph

import (
	"context"

	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/store/pagination"
	"github.com/tonggao/tonggao/internal/store/policy"
)

func (r *queryResolver) Changes(ctx context.Context, after *string, first *int, filter *changefeed.Filter) (*changefeed.Page, error) {
	size, f := pagination.DefaultSize, changefeed.Filter{}
	if first != nil {
		size = *first
	}
	if filter != nil {
		f = *filter
	}
	if err := policy.Require(ctx, policy.ReadChanges); err != nil {
		return nil, err
	}
	at, err := r.ChangeLog.Cursor(ctx, after, f)
	if err != nil {
		return nil, err
	}
	return r.ChangeLog.Page(ctx, at, size, f)
}
