package graph

import (
	"context"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/graph/model"
	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/content/media"
)

type pictureResolver struct{ *Resolver }

func (r *queryResolver) Pictures(ctx context.Context, first *int, after *string, last *int, before *string) (*media.Connection, error) {
	return r.Resolver.Pictures.List(ctx, request(ctx, first, after, last, before))
}

func (r *mutationResolver) DeletePicture(ctx context.Context, input model.DeleteInput) (*model.DeletePayload, error) {
	return deletePayload(input.ID, r.Resolver.Pictures.Delete(ctx, input.ID))
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

// CoverImage is the cover with what is known of it, looked up once for all articles
// that came together.
func (r *articleResolver) CoverImage(ctx context.Context, a *ent.Article) (*model.Image, error) {
	if a.Cover == "" {
		return nil, nil
	}
	known, err := loadBatch(ctx, a.Group, a, string(a.Cover), byIDs(func(a *ent.Article) string { return string(a.Cover) }, r.Pictures.At))
	return &model.Image{URL: r.absolute(string(a.Cover)), Alt: known.Alt, Width: orNilInt(known.Width), Height: orNilInt(known.Height),
		Variants: orEmpty(known.Variants)}, err
}

// Images is the pictures of a text; what is known of them is looked up only where
// their smaller copies are asked for, once for all texts that came together.
func (r *bodyResolver) Images(ctx context.Context, b *model.Body) ([]*model.Image, error) {
	nodes, err := imagesOf(b.Body)
	if err != nil {
		return nil, err
	}
	var known map[string]media.Shown
	if ent.Selected(ctx, "variants") {
		if known, err = r.shownIn(ctx, b); err != nil {
			return nil, err
		}
	}
	images := []*model.Image{}
	for _, n := range nodes {
		images = append(images, &model.Image{URL: r.absolute(n.Src), Alt: n.Alt, Caption: orNil(n.Caption), Width: orNilInt(n.Width),
			Height: orNilInt(n.Height), Variants: orEmpty(known[n.Src].Variants)})
	}
	return images, nil
}

// shownIn is what is known of the pictures of b, by address.
func (r *bodyResolver) shownIn(ctx context.Context, b *model.Body) (map[string]media.Shown, error) {
	return loadBatch(ctx, b.Group, b.Body, b.ID, func(ctx context.Context, rows []*ent.Body) (map[string]map[string]media.Shown, error) {
		var addresses []string
		for _, row := range rows {
			nodes, err := imagesOf(row)
			if err != nil {
				return nil, err
			}
			for _, n := range nodes {
				addresses = append(addresses, n.Src)
			}
		}
		known, err := r.Pictures.At(ctx, addresses)
		found := make(map[string]map[string]media.Shown, len(rows))
		for _, row := range rows {
			found[row.ID] = known
		}
		return found, err
	})
}

func imagesOf(b *ent.Body) ([]body.Node, error) {
	doc, err := body.Load([]byte(b.Document))
	return doc.Images(), err
}
