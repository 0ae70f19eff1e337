package graph

import (
	"context"

	"github.com/tonggao/tonggao/ent"
	entarticle "github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/graph/model"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/region"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
)

func (r *queryResolver) Region(ctx context.Context, id, slug *string) (*ent.Region, error) {
	return orNull(r.Resolver.Regions.Get(ctx, id, slug))
}

func (r *queryResolver) Regions(ctx context.Context) ([]*ent.Region, error) {
	return r.Resolver.Regions.List(ctx)
}

func regionID(g *ent.Region) string { return g.ID }

func (r *regionResolver) Articles(ctx context.Context, g *ent.Region, on *terminal.Terminal, orderBy model.ArticleOrder, first *int, after *string, last *int, before *string) (*article.Connection, error) {
	return loadBatch(ctx, g.Group, g, g.ID, byIDs(regionID, r.articlesOf(entarticle.FieldRegionID, true, on, orderBy, first, after, last, before)))
}

func (r *regionResolver) ArticleCount(ctx context.Context, g *ent.Region, on *terminal.Terminal) (int, error) {
	return loadBatch(ctx, g.Group, g, g.ID, byIDs(regionID, r.countOf(entarticle.FieldRegionID, on)))
}

func (r *mutationResolver) CreateRegion(ctx context.Context, input region.CreateInput) (*model.RegionPayload, error) {
	return regionPayload(r.Regions.Create(ctx, input))
}

func (r *mutationResolver) UpdateRegion(ctx context.Context, input region.UpdateInput) (*model.RegionPayload, error) {
	return regionPayload(r.Regions.Update(ctx, input))
}

func (r *mutationResolver) DeleteRegion(ctx context.Context, input model.DeleteInput) (*model.DeletePayload, error) {
	return deletePayload(input.ID, r.Regions.Delete(ctx, input.ID))
}

func regionPayload(g *ent.Region, err error) (*model.RegionPayload, error) {
	invalid, err := userErrors(err)
	return &model.RegionPayload{Region: g, UserErrors: invalid}, err
}
