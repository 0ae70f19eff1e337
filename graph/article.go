package graph

import (
	"context"
	"strings"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/graph/model"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/media"
	"github.com/tonggao/tonggao/internal/content/site"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/redact"
	"github.com/tonggao/tonggao/internal/foundation/reqinfo"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/store/pagination"
)

func (r *queryResolver) Article(ctx context.Context, id, slug *string) (*ent.Article, error) {
	return orNull(r.Resolver.Articles.Get(ctx, id, slug))
}

func (r *queryResolver) Articles(ctx context.Context, filter *article.Filter, orderBy model.ArticleOrder, first *int, after *string, last *int, before *string) (*article.Connection, error) {
	return r.Resolver.Articles.List(ctx, filter, string(orderBy), request(ctx, first, after, last, before))
}

func (r *queryResolver) Search(ctx context.Context, query string, filter *article.Filter, first *int, after *string) (*article.Connection, error) {
	return r.Resolver.Articles.Search(ctx, query, filter, request(ctx, first, after, nil, nil))
}

func (r *queryResolver) Trending(ctx context.Context, window model.TrendingWindow, first *int, on *terminal.Terminal) ([]*ent.Article, error) {
	size, err := pageSize(first)
	if err != nil {
		return nil, err
	}
	days := map[model.TrendingWindow]int{model.TrendingWindowDay: 2, model.TrendingWindowWeek: 7, model.TrendingWindowMonth: 30}
	ids, err := r.Views.Trending(ctx, days[window], pagination.MaxSize)
	if err != nil {
		return nil, err
	}
	list, err := r.Resolver.Articles.ListByIDs(ctx, ids, on)
	if err != nil {
		return nil, err
	}
	return orEmpty(list[:min(size, len(list))]), nil
}

// pageSize returns the number of items that first selects.
func pageSize(first *int) (int, error) {
	if first == nil {
		return pagination.DefaultSize, nil
	}
	if *first < 1 || *first > pagination.MaxSize {
		return 0, fault.New(fault.BadUserInput, "first must be 1 to %d, not %d", pagination.MaxSize, *first)
	}
	return *first, nil
}

func articleID(a *ent.Article) string { return a.ID }

func (r *articleResolver) Status(_ context.Context, a *ent.Article) (article.Status, error) {
	return article.StatusOf(a, r.Clock()), nil
}

func (r *articleResolver) Body(ctx context.Context, a *ent.Article) (*model.Body, error) {
	b, err := required(loadBatch(ctx, a.Group, a, a.ID, byIDs(articleID, r.Articles.Bodies)))
	if err != nil {
		return nil, err
	}
	return &model.Body{Body: b, Labels: article.LabelTexts(a)}, nil
}

func (r *articleResolver) Cover(_ context.Context, a *ent.Article) (*string, error) {
	return orNil(r.absolute(string(a.Cover))), nil
}

// absolute returns the complete form of an address on this server, if BaseURL is set.
func (r *Resolver) absolute(address string) string {
	if strings.HasPrefix(address, "/") {
		return r.BaseURL + address
	}
	return address
}

func (r *articleResolver) Source(_ context.Context, a *ent.Article) (*model.Source, error) {
	if a.SourceName == "" {
		return nil, nil
	}
	return &model.Source{Name: a.SourceName, URL: orNil(string(a.SourceURL))}, nil
}

func (r *articleResolver) Labels(_ context.Context, a *ent.Article) ([]model.ArticleLabel, error) {
	labels := []model.ArticleLabel{}
	if a.AiGenerated {
		labels = append(labels, model.ArticleLabelAiGenerated)
	}
	if a.Sponsored {
		labels = append(labels, model.ArticleLabelSponsored)
	}
	return labels, nil
}

func (r *articleResolver) LabelTexts(_ context.Context, a *ent.Article) ([]string, error) {
	return article.LabelTexts(a), nil
}

func (r *articleResolver) Terminals(_ context.Context, a *ent.Article) ([]terminal.Terminal, error) {
	return a.Terminals.List(), nil
}

func categoryOf(a *ent.Article) string { return a.CategoryID }

func (r *articleResolver) Category(ctx context.Context, a *ent.Article) (*ent.Category, error) {
	return required(loadBatch(ctx, a.Group, a, a.CategoryID, byIDs(categoryOf, r.Categories.ByIDs)))
}

func (r *articleResolver) Breadcrumb(ctx context.Context, a *ent.Article) ([]*ent.Category, error) {
	return loadBatch(ctx, a.Group, a, a.CategoryID, byIDs(categoryOf, r.Categories.Breadcrumbs))
}

func (r *articleResolver) Region(ctx context.Context, a *ent.Article) (*ent.Region, error) {
	regionOf := func(a *ent.Article) string { return deref(a.RegionID) }
	return loadBatch(ctx, a.Group, a, regionOf(a), byIDs(regionOf, r.Regions.ByIDs))
}

func publisherOf(a *ent.Article) string { return a.PublisherID }

func (r *articleResolver) Publisher(ctx context.Context, a *ent.Article) (*ent.Publisher, error) {
	return required(loadBatch(ctx, a.Group, a, a.PublisherID, byIDs(publisherOf, r.Publishers.ByIDs)))
}

func (r *articleResolver) Previous(ctx context.Context, a *ent.Article, on *terminal.Terminal) (*ent.Article, error) {
	return loadBatch(ctx, a.Group, a, a.ID, func(ctx context.Context, rows []*ent.Article) (map[string]*ent.Article, error) {
		return r.Articles.Previous(ctx, rows, on)
	})
}

func (r *articleResolver) Next(ctx context.Context, a *ent.Article, on *terminal.Terminal) (*ent.Article, error) {
	return loadBatch(ctx, a.Group, a, a.ID, func(ctx context.Context, rows []*ent.Article) (map[string]*ent.Article, error) {
		return r.Articles.Next(ctx, rows, on)
	})
}

const maxRelated = 20

func (r *articleResolver) Related(ctx context.Context, a *ent.Article, first int, on *terminal.Terminal) ([]*ent.Article, error) {
	if first < 1 || first > maxRelated {
		return nil, fault.New(fault.BadUserInput, "first must be 1 to %d, not %d", maxRelated, first)
	}
	list, err := loadBatch(ctx, a.Group, a, a.ID, func(ctx context.Context, rows []*ent.Article) (map[string][]*ent.Article, error) {
		return r.Articles.Related(ctx, rows, first, on)
	})
	return orEmpty(list), err
}

func (r *articleResolver) Disclaimer(ctx context.Context, a *ent.Article) (string, error) {
	facts, err := r.Site.Get(ctx)
	if err != nil {
		return "", err
	}
	p, err := loadBatch(ctx, a.Group, a, a.PublisherID, byIDs(publisherOf, r.Publishers.ByIDsWithName))
	if err != nil {
		return "", err
	}
	return site.Disclaimer(facts, p.Name), nil
}

func (r *articleResolver) OriginIPMasked(_ context.Context, a *ent.Article) (*string, error) {
	return orNil(redact.Address(a.OriginAddress)), nil
}

func (r *articleResolver) Revisions(ctx context.Context, a *ent.Article, first int) ([]*ent.Revision, error) {
	size, err := pageSize(&first)
	if err != nil {
		return nil, err
	}
	list, err := loadBatch(ctx, a.Group, a, a.ID, byIDs(articleID, func(ctx context.Context, ids []string) (map[string][]*ent.Revision, error) {
		return r.Articles.Revisions(ctx, ids, size)
	}))
	return orEmpty(list), err
}

func (r *articleResolver) Comments(ctx context.Context, a *ent.Article, first *int, after *string, last *int, before *string) (*commentConnection, error) {
	return loadBatch(ctx, a.Group, a, a.ID, byIDs(articleID, func(ctx context.Context, ids []string) (map[string]*commentConnection, error) {
		return r.Resolver.Comments.ListByArticles(ctx, ids, request(ctx, first, after, last, before))
	}))
}

func (r *mutationResolver) CreateArticle(ctx context.Context, input article.CreateInput) (*model.ArticlePayload, error) {
	return noted(ctx, &input.Body)(articlePayload(r.Articles.Create(ctx, input)))
}

func (r *mutationResolver) UpdateArticle(ctx context.Context, input article.UpdateInput) (*model.ArticlePayload, error) {
	return noted(ctx, input.Body)(articlePayload(r.Articles.Update(ctx, input)))
}

func (r *mutationResolver) PublishArticle(ctx context.Context, input article.PublishInput) (*model.ArticlePayload, error) {
	return articlePayload(r.Articles.Publish(ctx, input))
}

func (r *mutationResolver) UnpublishArticle(ctx context.Context, input article.UnpublishInput) (*model.ArticlePayload, error) {
	return articlePayload(r.Articles.Unpublish(ctx, input))
}

func (r *mutationResolver) DeleteArticle(ctx context.Context, input model.DeleteInput) (*model.DeletePayload, error) {
	return deletePayload(input.ID, r.Articles.Delete(ctx, input.ID))
}

func articlePayload(a *ent.Article, err error) (*model.ArticlePayload, error) {
	invalid, err := userErrors(err)
	return &model.ArticlePayload{Article: a, Notes: []*model.Note{}, UserErrors: invalid}, err
}

// noted adds the notes of a text to a payload if they are selected. The text is read a
// second time, so that the service does not return what few clients ask for.
func noted(ctx context.Context, in *article.BodyInput) func(*model.ArticlePayload, error) (*model.ArticlePayload, error) {
	return func(p *model.ArticlePayload, err error) (*model.ArticlePayload, error) {
		if err != nil || in == nil || p.Article == nil || !ent.Selected(ctx, "notes") {
			return p, err
		}
		chinese := reqinfo.From(ctx).Chinese
		for _, n := range in.Notes() {
			p.Notes = append(p.Notes, &model.Note{Kind: model.NoteKind(n.Kind), Message: n.Message(chinese), Path: n.Path})
		}
		return p, nil
	}
}

func (r *articleResolver) URL(ctx context.Context, a *ent.Article, t terminal.Terminal) (*string, error) {
	if !a.Terminals.Has(t) {
		return nil, nil
	}
	shown, err := loadBatch(ctx, a.Group, a, a.CategoryID, byIDs(categoryOf, r.Categories.Terminals))
	if err != nil || !shown.Has(t) {
		return nil, err
	}
	facts, err := r.Site.Get(ctx)
	if err != nil {
		return nil, err
	}
	return orNil(site.ArticleURL(facts, t, a.Slug, a.ID)), nil
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
	pictures, err := r.QRCodes.Get(complete)
	if err != nil {
		return nil, err
	}
	return &model.QRCode{URL: complete, SVG: pictures.SVG, Png: pictures.PNG, Scene: a.ID}, nil
}

func (r *articleResolver) CommentCount(ctx context.Context, a *ent.Article) (int, error) {
	if off, err := r.Resolver.Comments.DisabledOn(ctx, terminal.Named(ctx)); off || err != nil {
		return 0, err
	}
	return a.CommentCount, nil
}

func (r *articleResolver) CommentsOpen(ctx context.Context, a *ent.Article, t *terminal.Terminal) (bool, error) {
	on := terminal.Named(ctx)
	if t != nil {
		on |= terminal.SetOf(*t)
	}
	off, err := r.Resolver.Comments.DisabledOn(ctx, on)
	return a.CommentsOpen && !off, err
}

func (r *mutationResolver) RecordView(ctx context.Context, input model.RecordViewInput) (*model.RecordViewPayload, error) {
	err := r.Views.Record(ctx, input.Article)
	invalid, err := userErrors(err)
	return &model.RecordViewPayload{Recorded: err == nil && len(invalid) == 0 && r.Views.Counts(), UserErrors: invalid}, err
}

// CoverImage returns the cover with its size and variants, which are loaded in one batch
// for all articles.
func (r *articleResolver) CoverImage(ctx context.Context, a *ent.Article) (*model.Image, error) {
	if a.Cover == "" {
		return nil, nil
	}
	upload, err := loadBatch(ctx, a.Group, a, a.ID, r.covers)
	if err != nil {
		return nil, err
	}
	return &model.Image{URL: r.absolute(string(a.Cover)), Alt: upload.Alt, Width: orNilInt(upload.Width), Height: orNilInt(upload.Height),
		Variants: orEmpty(upload.Variants)}, nil
}

// covers returns the uploaded pictures that are the covers of articles, by the ID of the article.
func (r *articleResolver) covers(ctx context.Context, rows []*ent.Article) (map[string]media.Details, error) {
	coverOf := func(a *ent.Article) media.Address {
		return media.Address{Publisher: a.PublisherID, URL: string(a.Cover)}
	}
	var addresses []media.Address
	for _, a := range rows {
		addresses = append(addresses, coverOf(a))
	}
	found, err := r.Pictures.DetailsOf(ctx, addresses)
	covers := make(map[string]media.Details, len(rows))
	for _, a := range rows {
		covers[a.ID] = found[coverOf(a)]
	}
	return covers, err
}

// articlesOf returns a fetch of one page of articles per owner.
func (r *Resolver) articlesOf(column string, exact bool, on *terminal.Terminal, orderBy model.ArticleOrder, first *int, after *string, last *int, before *string) func(context.Context, []string) (map[string]*article.Connection, error) {
	return func(ctx context.Context, owners []string) (map[string]*article.Connection, error) {
		return r.Articles.ListByOwners(ctx, column, owners, exact, on, string(orderBy), request(ctx, first, after, last, before))
	}
}

// countOf returns a fetch of the number of articles per owner.
func (r *Resolver) countOf(column string, on *terminal.Terminal) func(context.Context, []string) (map[string]int, error) {
	return func(ctx context.Context, owners []string) (map[string]int, error) {
		return r.Articles.CountByOwners(ctx, column, owners, on)
	}
}
