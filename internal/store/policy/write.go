package policy

import (
	"context"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/hook"
	"github.com/tonggao/tonggao/ent/picture"
	"github.com/tonggao/tonggao/ent/webhook"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// registerWrites denies every change that no rule allows.
func registerWrites(c *ent.Client) {
	c.Use(func(next ent.Mutator) ent.Mutator {
		return ent.MutateFunc(func(ctx context.Context, m ent.Mutation) (ent.Value, error) {
			v := viewer.From(ctx)
			if v.Is(viewer.System) || allowed(v, m) {
				return next.Mutate(ctx, m)
			}
			return nil, Denied(v)
		})
	})
	c.Article.Use(hook.On(ownArticles, ent.OpUpdate|ent.OpUpdateOne|ent.OpDelete|ent.OpDeleteOne))
	c.Webhook.Use(hook.On(ownWebhooks, ent.OpUpdate|ent.OpUpdateOne|ent.OpDelete|ent.OpDeleteOne))
	c.Picture.Use(hook.On(ownPictures, ent.OpDelete|ent.OpDeleteOne))
}

// allowed is the table of who writes what. The rows that only follow from
// others (bodies, taggings, revisions, counters, the change log) are written by
// the services as the program itself, after the row they belong to was allowed.
func allowed(v viewer.Viewer, m ent.Mutation) bool {
	switch m := m.(type) {
	case *ent.ArticleMutation:
		if v.Is(viewer.Publisher) && m.Op().Is(ent.OpCreate) {
			owner, ok := m.PublisherID()
			return ok && owner != "" && owner == v.Publisher
		}
		if v.Is(viewer.Publisher) {
			_, givenAway := m.PublisherID()
			return !givenAway && v.Publisher != ""
		}
		return v.Is(editors...)
	case *ent.PictureMutation:
		owner, _ := m.PublisherID()
		return v.Is(editors...) || v.Is(viewer.Publisher) && v.Publisher != "" && (owner == v.Publisher || m.Op().Is(ent.OpDelete|ent.OpDeleteOne))
	case *ent.CategoryMutation, *ent.RegionMutation, *ent.PublisherMutation:
		return v.Is(editors...)
	case *ent.CommentMutation:
		status, _ := m.Status()
		return v.Is(moderators...) || m.Op().Is(ent.OpCreate) && status == comment.StatusPENDING
	case *ent.ReportMutation:
		return v.Is(moderators...) || m.Op().Is(ent.OpCreate)
	case *ent.WebhookMutation:
		if v.Is(viewer.Integrator) {
			owner, given := m.TokenID()
			return v.TokenID != "" && (given && owner == v.TokenID || !given && !m.Op().Is(ent.OpCreate))
		}
		return v.Is(viewer.Admin)
	default:
		return false
	}
}

// ownArticles keeps a publisher's changes to its own articles.
func ownArticles(next ent.Mutator) ent.Mutator {
	return hook.ArticleFunc(func(ctx context.Context, m *ent.ArticleMutation) (ent.Value, error) {
		if v := viewer.From(ctx); v.Is(viewer.Publisher) {
			m.Where(article.PublisherID(v.Publisher))
		}
		return next.Mutate(ctx, m)
	})
}

// ownWebhooks keeps an integrator's changes to its own webhooks.
func ownWebhooks(next ent.Mutator) ent.Mutator {
	return hook.WebhookFunc(func(ctx context.Context, m *ent.WebhookMutation) (ent.Value, error) {
		if v := viewer.From(ctx); v.Is(viewer.Integrator) {
			m.Where(webhook.TokenID(v.TokenID))
		}
		return next.Mutate(ctx, m)
	})
}

// ownPictures keeps a publisher from deleting pictures of others.
func ownPictures(next ent.Mutator) ent.Mutator {
	return hook.PictureFunc(func(ctx context.Context, m *ent.PictureMutation) (ent.Value, error) {
		if v := viewer.From(ctx); v.Is(viewer.Publisher) {
			m.Where(picture.PublisherID(v.Publisher))
		}
		return next.Mutate(ctx, m)
	})
}
