package graph

import (
	"context"
	"strings"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/graph/model"
	"github.com/tonggao/tonggao/internal/content/site"
	"github.com/tonggao/tonggao/internal/foundation/qrcode"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
)

func (r *articleResolver) URL(ctx context.Context, a *ent.Article, t terminal.Terminal) (*string, error) {
	if !a.Terminals.Has(t) {
		return nil, nil
	}
	shown, err := loadBatch(ctx, a.Group, a, a.CategoryID, byIDs(categoryOf, r.Categories.Terminals))
	if err != nil || !shown.Has(t) {
		return nil, err
	}
	facts, err := r.Site.Get(ctx)
	return orNil(site.ArticleURL(facts, t, a.Slug, a.ID)), err
}

func (r *articleResolver) QRCode(ctx context.Context, a *ent.Article, t terminal.Terminal) (*model.QRCode, error) {
	address, err := r.URL(ctx, a, t)
	if err != nil || address == nil {
		return nil, err
	}
	complete := r.absolute(*address)
	if strings.HasPrefix(complete, "/") {
		return nil, nil
	}
	code, err := qrcode.Encode(complete)
	if err != nil {
		return nil, err
	}
	png, err := code.DataURI()
	return &model.QRCode{URL: complete, SVG: code.SVG(), Png: png, Scene: a.ID}, err
}

func (r *articleResolver) CommentCount(ctx context.Context, a *ent.Article) (int, error) {
	if off, err := r.Resolver.Comments.OffOn(ctx, terminal.Named(ctx)); off || err != nil {
		return 0, err
	}
	return a.CommentCount, nil
}

func (r *articleResolver) CommentsOpen(ctx context.Context, a *ent.Article, t *terminal.Terminal) (bool, error) {
	on := terminal.Named(ctx)
	if t != nil {
		on |= terminal.SetOf(*t)
	}
	off, err := r.Resolver.Comments.OffOn(ctx, on)
	return a.CommentsOpen && !off, err
}

func (r *categoryResolver) Terminals(_ context.Context, c *ent.Category) ([]terminal.Terminal, error) {
	return c.Terminals.List(), nil
}
