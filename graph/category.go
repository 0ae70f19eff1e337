package graph

import (
	"context"

	"github.com/tonggao/tonggao/ent"
	entarticle "github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/graph/model"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
)

func (r *categoryResolver) Terminals(_ context.Context, c *ent.Category) ([]terminal.Terminal, error) {
	return c.Terminals.List(), nil
}

func (r *queryResolver) Category(ctx context.Context, id, slug *string) (*ent.Category, error) {
	return orNull(r.Resolver.Categories.Get(ctx, id, slug))
}

func (r *queryResolver) Categories(ctx context.Context) ([]*ent.Category, error) {
	return r.Resolver.Categories.Roots(ctx)
}

func categoryID(c *ent.Category) string { return c.ID }

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
