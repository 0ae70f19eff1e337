package graph

import (
	"context"

	"github.com/tonggao/tonggao/ent"
	entarticle "github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/graph/model"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/publisher"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
)

func (r *queryResolver) Publisher(ctx context.Context, id string) (*ent.Publisher, error) {
	return orNull(r.Resolver.Publishers.Get(ctx, id))
}

func (r *queryResolver) Publishers(ctx context.Context, filter *publisher.Filter, first *int, after *string, last *int, before *string) (*publisher.Connection, error) {
	return r.Resolver.Publishers.List(ctx, filter, request(ctx, first, after, last, before))
}

func publisherID(p *ent.Publisher) string { return p.ID }

func (r *publisherResolver) Articles(ctx context.Context, p *ent.Publisher, on *terminal.Terminal, orderBy model.ArticleOrder, first *int, after *string, last *int, before *string) (*article.Connection, error) {
	return loadBatch(ctx, p.Group, p, p.ID, byIDs(publisherID, r.articlesOf(entarticle.FieldPublisherID, true, on, orderBy, first, after, last, before)))
}

func (r *publisherResolver) ArticleCount(ctx context.Context, p *ent.Publisher, on *terminal.Terminal) (int, error) {
	return loadBatch(ctx, p.Group, p, p.ID, byIDs(publisherID, r.countOf(entarticle.FieldPublisherID, on)))
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
