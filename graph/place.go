package graph

import (
	"context"

	"github.com/tonggao/tonggao/ent"
	entarticle "github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/graph/model"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/content/publisher"
	"github.com/tonggao/tonggao/internal/content/region"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
)

func (r *queryResolver) Category(ctx context.Context, id, slug *string) (*ent.Category, error) {
	return orNull(r.Resolver.Categories.Get(ctx, id, slug))
}

func (r *queryResolver) Categories(ctx context.Context) ([]*ent.Category, error) {
	return r.Resolver.Categories.Roots(ctx)
}

func (r *queryResolver) Regions(ctx context.Context) ([]*ent.Region, error) {
	return r.Resolver.Regions.List(ctx)
}

func (r *queryResolver) Publisher(ctx context.Context, id string) (*ent.Publisher, error) {
	return orNull(r.Resolver.Publishers.Get(ctx, id))
}

func (r *queryResolver) Publishers(ctx context.Context, filter *publisher.Filter, first *int, after *string, last *int, before *string) (*publisher.Connection, error) {
	return r.Resolver.Publishers.List(ctx, filter, request(ctx, first, after, last, before))
}

func categoryID(c *ent.Category) string   { return c.ID }
func regionID(g *ent.Region) string       { return g.ID }
func publisherID(p *ent.Publisher) string { return p.ID }

func (r *categoryResolver) Parent(ctx context.Context, c *ent.Category) (*ent.Category, error) {
	parentOf := func(c *ent.Category) string { return deref(c.ParentID) }
	return loadBatch(ctx, c.Group, c, parentOf(c), byIDs(parentOf, r.Categories.ByIDs))
}

func (r *categoryResolver) Children(ctx context.Context, c *ent.Category) ([]*ent.Category, error) {
	list, err := loadBatch(ctx, c.Group, c, c.ID, byIDs(categoryID, r.Categories.Children))
	return orEmpty(list), err
}

func (r *categoryResolver) Breadcrumb(ctx context.Context, c *ent.Category) ([]*ent.Category, error) {
	return loadBatch(ctx, c.Group, c, c.ID, byIDs(categoryID, r.Categories.Breadcrumbs))
}

func (r *categoryResolver) Articles(ctx context.Context, c *ent.Category, exact bool, on *terminal.Terminal, orderBy model.ArticleOrder, first *int, after *string, last *int, before *string) (*article.Connection, error) {
	return loadBatch(ctx, c.Group, c, c.ID, byIDs(categoryID, r.articlesOf(entarticle.FieldCategoryID, exact, on, orderBy, first, after, last, before)))
}

func (r *categoryResolver) ArticleCount(ctx context.Context, c *ent.Category, on *terminal.Terminal) (int, error) {
	return loadBatch(ctx, c.Group, c, c.ID, byIDs(categoryID, r.countOf(entarticle.FieldCategoryID, on)))
}

func (r *regionResolver) Articles(ctx context.Context, g *ent.Region, on *terminal.Terminal, orderBy model.ArticleOrder, first *int, after *string, last *int, before *string) (*article.Connection, error) {
	return loadBatch(ctx, g.Group, g, g.ID, byIDs(regionID, r.articlesOf(entarticle.FieldRegionID, true, on, orderBy, first, after, last, before)))
}

func (r *regionResolver) ArticleCount(ctx context.Context, g *ent.Region, on *terminal.Terminal) (int, error) {
	return loadBatch(ctx, g.Group, g, g.ID, byIDs(regionID, r.countOf(entarticle.FieldRegionID, on)))
}

func (r *publisherResolver) Articles(ctx context.Context, p *ent.Publisher, on *terminal.Terminal, orderBy model.ArticleOrder, first *int, after *string, last *int, before *string) (*article.Connection, error) {
	return loadBatch(ctx, p.Group, p, p.ID, byIDs(publisherID, r.articlesOf(entarticle.FieldPublisherID, true, on, orderBy, first, after, last, before)))
}

func (r *publisherResolver) ArticleCount(ctx context.Context, p *ent.Publisher, on *terminal.Terminal) (int, error) {
	return loadBatch(ctx, p.Group, p, p.ID, byIDs(publisherID, r.countOf(entarticle.FieldPublisherID, on)))
}

// articlesOf fetches a page of articles for each of several owners.
func (r *Resolver) articlesOf(column string, exact bool, on *terminal.Terminal, orderBy model.ArticleOrder, first *int, after *string, last *int, before *string) func(context.Context, []string) (map[string]*article.Connection, error) {
	return func(ctx context.Context, owners []string) (map[string]*article.Connection, error) {
		return r.Articles.Of(ctx, column, owners, exact, on, string(orderBy), request(ctx, first, after, last, before))
	}
}

// countOf counts the articles of each of several owners.
func (r *Resolver) countOf(column string, on *terminal.Terminal) func(context.Context, []string) (map[string]int, error) {
	return func(ctx context.Context, owners []string) (map[string]int, error) {
		return r.Articles.CountOf(ctx, column, owners, on)
	}
}

func (r *mutationResolver) CreateCategory(ctx context.Context, input category.CreateInput) (*model.CategoryPayload, error) {
	return categoryPayload(r.Categories.Create(ctx, input))
}

func (r *mutationResolver) UpdateCategory(ctx context.Context, input category.UpdateInput) (*model.CategoryPayload, error) {
	return categoryPayload(r.Categories.Update(ctx, input))
}

func (r *mutationResolver) DeleteCategory(ctx context.Context, input model.DeleteInput) (*model.DeletePayload, error) {
	return deletePayload(input.ID, r.Categories.Delete(ctx, input.ID))
}

func categoryPayload(c *ent.Category, err error) (*model.CategoryPayload, error) {
	invalid, err := userErrors(err)
	return &model.CategoryPayload{Category: c, UserErrors: invalid}, err
}

func (r *mutationResolver) CreatePublisher(ctx context.Context, input publisher.CreateInput) (*model.PublisherPayload, error) {
	return publisherPayload(r.Publishers.Create(ctx, input))
}

func (r *mutationResolver) UpdatePublisher(ctx context.Context, input publisher.UpdateInput) (*model.PublisherPayload, error) {
	return publisherPayload(r.Publishers.Update(ctx, input))
}

func (r *mutationResolver) DeletePublisher(ctx context.Context, input model.DeleteInput) (*model.DeletePayload, error) {
	return deletePayload(input.ID, r.Publishers.Delete(ctx, input.ID))
}

func publisherPayload(p *ent.Publisher, err error) (*model.PublisherPayload, error) {
	invalid, err := userErrors(err)
	return &model.PublisherPayload{Publisher: p, UserErrors: invalid}, err
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
