package graph

import (
	"context"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/graph/model"
	"github.com/tonggao/tonggao/internal/content/media"
)

type pictureResolver struct{ *Resolver }

func (r *queryResolver) Pictures(ctx context.Context, first *int, after *string, last *int, before *string) (*media.Connection, error) {
	return r.Resolver.Pictures.List(ctx, request(ctx, first, after, last, before))
}

func (r *mutationResolver) DeletePicture(ctx context.Context, input model.DeletePictureInput) (*model.DeletePayload, error) {
	return deletePayload(input.ID, r.Resolver.Pictures.Delete(ctx, input.ID, input.EvenIfUsed))
}

func (r *pictureResolver) UsedBy(ctx context.Context, p *ent.Picture) ([]*ent.Article, error) {
	idOf := func(p *ent.Picture) string { return p.ID }
	ids, err := loadBatch(ctx, p.Group, p, p.ID, byIDs(idOf, r.Resolver.Pictures.UsedBy))
	if err != nil {
		return nil, err
	}
	list, err := r.Resolver.Articles.ListByIDs(ctx, ids, nil)
	return orEmpty(list), err
}

func (r *pictureResolver) URL(_ context.Context, p *ent.Picture) (string, error) {
	return r.BaseURL + media.Path(p, p.Files[0]), nil
}

func (r *pictureResolver) Type(_ context.Context, p *ent.Picture) (string, error) {
	return p.Files[0].Type, nil
}

func (r *pictureResolver) Width(_ context.Context, p *ent.Picture) (int, error) {
	return p.Files[0].Width, nil
}

func (r *pictureResolver) Height(_ context.Context, p *ent.Picture) (int, error) {
	return p.Files[0].Height, nil
}

func (r *pictureResolver) Bytes(_ context.Context, p *ent.Picture) (int, error) {
	return p.Files[0].Bytes, nil
}

func (r *pictureResolver) Variants(_ context.Context, p *ent.Picture) ([]*media.Variant, error) {
	return orEmpty(media.Variants(p, r.BaseURL)), nil
}
