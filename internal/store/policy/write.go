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

// registerWrites denies every mutation that no rule allows.
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
	const existing = ent.OpUpdate | ent.OpUpdateOne | ent.OpDelete | ent.OpDeleteOne
	c.Article.Use(hook.On(limitArticles, existing))
	c.Webhook.Use(hook.On(limitWebhooks, existing))
	c.Picture.Use(hook.On(limitPictures, ent.OpDelete|ent.OpDeleteOne))
}

// allowed reports whether v may write what m writes. Rows that only follow from others
// (bodies, taggings, revisions, counters, the change log) are written by the services as
// the program itself, after the row they belong to was allowed.
func allowed(v viewer.Viewer, m ent.Mutation) bool {
	create := m.Op().Is(ent.OpCreate)
	switch m := m.(type) {
	case *ent.ArticleMutation:
		owner, set := m.PublisherID()
		return allows(v, WriteArticles) && keepsOwner(publisherOf(v), owner, set || create)
	case *ent.PictureMutation:
		owner, _ := m.PublisherID()
		return allows(v, UploadPictures) && keepsOwner(publisherOf(v), owner, !m.Op().Is(ent.OpDelete|ent.OpDeleteOne))
	case *ent.CategoryMutation:
		return allows(v, WriteCategories)
	case *ent.RegionMutation:
		return allows(v, WriteRegions)
	case *ent.PublisherMutation:
		return allows(v, WritePublishers)
	case *ent.CommentMutation:
		status, _ := m.Status()
		return allows(v, ModerateComments) || create && status == comment.StatusPENDING
	case *ent.ReportMutation:
		return allows(v, ReviewReports) || create
	case *ent.WebhookMutation:
		owner, set := m.TokenID()
		return allows(v, ManageWebhooks) && (allows(v, ReadAllWebhooks) || v.TokenID != "" && keepsOwner(v.TokenID, owner, set || create))
	default:
		return false
	}
}

// keepsOwner reports whether a write leaves its row with the owner that the viewer is
// bound to, if it is bound to one. Sets says that the write names an owner; that of a
// row that exists is checked by the limit functions.
func keepsOwner(bound, owner string, sets bool) bool {
	return bound == "" || !sets || owner == bound
}

// limitArticles restricts a publisher's changes to its own articles.
func limitArticles(next ent.Mutator) ent.Mutator {
	return hook.ArticleFunc(func(ctx context.Context, m *ent.ArticleMutation) (ent.Value, error) {
		if own := OwnPublisher(ctx); own != "" {
			m.Where(article.PublisherID(own))
		}
		return next.Mutate(ctx, m)
	})
}

// limitWebhooks restricts an integrator's changes to its own webhooks.
func limitWebhooks(next ent.Mutator) ent.Mutator {
	return hook.WebhookFunc(func(ctx context.Context, m *ent.WebhookMutation) (ent.Value, error) {
		if v := viewer.From(ctx); !allows(v, ReadAllWebhooks) {
			m.Where(webhook.TokenID(v.TokenID))
		}
		return next.Mutate(ctx, m)
	})
}

// limitPictures restricts a publisher's deletions to its own pictures.
func limitPictures(next ent.Mutator) ent.Mutator {
	return hook.PictureFunc(func(ctx context.Context, m *ent.PictureMutation) (ent.Value, error) {
		if own := OwnPublisher(ctx); own != "" {
			m.Where(picture.PublisherID(own))
		}
		return next.Mutate(ctx, m)
	})
}
