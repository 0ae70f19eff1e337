package graph

import (
	"context"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/graph/model"
	"github.com/tonggao/tonggao/internal/moderation/takedown"
)

func (r *takedownResolver) Report(_ context.Context, m *ent.Takedown) (*string, error) {
	return orNil(string(m.ReportID)), nil
}

func (r *articleResolver) Takedown(ctx context.Context, a *ent.Article) (*ent.Takedown, error) {
	return loadBatch(ctx, a.Group, a, a.ID, byIDs(articleID, r.Takedowns.Active))
}

func (r *mutationResolver) TakeDown(ctx context.Context, input takedown.Input) (*model.TakedownPayload, error) {
	return takedownPayload(r.Takedowns.TakeDown(ctx, input))
}

func (r *mutationResolver) Restore(ctx context.Context, input takedown.Input) (*model.TakedownPayload, error) {
	return takedownPayload(r.Takedowns.Restore(ctx, input))
}

func takedownPayload(m *ent.Takedown, err error) (*model.TakedownPayload, error) {
	invalid, err := userErrors(err)
	return &model.TakedownPayload{Takedown: m, Measure: m, UserErrors: invalid}, err
}
