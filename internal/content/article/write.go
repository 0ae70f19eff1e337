package article

import (
	"context"
	"fmt"
	"slices"

	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/input"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/store/idempotency"
	"github.com/tonggao/tonggao/internal/store/policy"
	"github.com/tonggao/tonggao/internal/store/search"
)

// Create writes a new draft.
func (s *Service) Create(ctx context.Context, in CreateInput) (*ent.Article, error) {
	if err := policy.Require(ctx, policy.WriteArticles); err != nil {
		return nil, err
	}
	var bad fault.Invalid
	content, own := in.content(&bad), policy.OwnPublisher(ctx)
	if content.Publisher == "" {
		content.Publisher = own
	}
	content.check(&bad)
	content.checkPictures(&bad)
	if own != "" && content.Publisher != own {
		bad.Add("NOT_ALLOWED", "publisher", "your token writes only for its own publisher")
	}
	idempotency.Check(&bad, in.IdempotencyKey)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	now, address := s.store.Clock(), viewer.From(ctx).Address
	r := Record{Content: content, ID: typeid.New(typeid.Article, now), Status: article.StatusDRAFT,
		CreatedAt: now, UpdatedAt: now, Version: 1, OriginAddress: address, IPRegion: optional.String(s.regionOf(address))}
	w := idempotency.Write{Operation: "createArticle", Key: in.IdempotencyKey, Input: in, ID: r.ID, At: now}
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Article, error) {
		return idempotency.Once(ctx, c, w, func() (*ent.Article, error) { return s.commit(ctx, c, change{Record: r, now: now}) }, c.Article.Get)
	})
}

// Update changes an article that has not been saved since the viewer read it.
func (s *Service) Update(ctx context.Context, in UpdateInput) (*ent.Article, error) {
	return s.alter(ctx, in.Article, "", func(r *Record, now instant.Instant) error {
		if in.Version != r.Version {
			return stale(r.Version)
		}
		var bad fault.Invalid
		owner := r.Publisher
		r.change(in, &bad)
		if in.ExpiresAt != nil {
			r.ExpiresAt = in.ExpiresAt
			r.checkExpiry(&bad, now)
		}
		r.check(&bad)
		r.checkPictures(&bad)
		if policy.OwnPublisher(ctx) != "" && r.Publisher != owner {
			bad.Add("NOT_ALLOWED", "publisher", "only editors may give an article to another publisher")
		}
		if r.Status == article.StatusPUBLISHED && r.Body.Empty() && bad == nil {
			return errEmpty
		}
		return bad.Err()
	})
}

// Publish makes an article visible now or at a scheduled time.
func (s *Service) Publish(ctx context.Context, in PublishInput) (*ent.Article, error) {
	return s.alter(ctx, in.Article, "", func(r *Record, now instant.Instant) error {
		return r.publish(in.At, in.ExpiresAt, now)
	})
}

// Unpublish takes a published or scheduled article back.
func (s *Service) Unpublish(ctx context.Context, in UnpublishInput) (*ent.Article, error) {
	var invalid fault.Invalid
	reason := ""
	if in.Reason != nil {
		reason = input.Text(&invalid, "reason", *in.Reason, 0, maxReason)
	}
	return s.alter(ctx, in.Article, reason, func(r *Record, _ instant.Instant) error {
		bad := slices.Clone(invalid) // the transaction may run twice
		r.unpublish(&bad)
		return bad.Err()
	})
}

// Delete removes an article with its comments and revisions. A tombstone keeps imports
// from bringing it back. There is no soft delete: hiding content is a takedown.
func (s *Service) Delete(ctx context.Context, id string) error {
	return s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		a, err := s.lockOwn(ctx, c, store.ForDelete, id)
		if err != nil {
			return err
		}
		now, system := s.store.Clock(), viewer.AsSystem(ctx)
		if err := refuseHeld(system, c, id); err != nil {
			return err
		}
		n, err := c.Article.Delete().Where(article.ID(id), article.Version(a.Version), article.StatusEQ(a.Status)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("delete %s: %w", id, err)
		}
		if n == 0 {
			return errStale
		}
		if err := search.Remove(system, c, s.store.Engine, a.SearchSlot); err != nil {
			return err
		}
		if err := c.Tombstone.Create().SetID(id).SetNillableImportKey(a.ImportKey).SetAt(now).Exec(system); err != nil {
			return fmt.Errorf("write the tombstone of %s: %w", id, err)
		}
		if !knownToReaders(a, now) {
			return nil
		}
		return s.log.Append(ctx, c, changefeed.Entry{Kind: changefeed.Deleted, Type: "Article", ID: id, Version: a.Version + 1, Was: changefeed.PlacementOf(a)})
	})
}

// refuseHeld returns a CONFLICT where comments on the article are under legal hold: deleting
// it would destroy them. The caller has locked the article, so that none comes under hold
// concurrently.
func refuseHeld(ctx context.Context, c *ent.Client, id string) error {
	held, err := c.Comment.Query().Where(comment.ArticleID(id), func(q *sql.Selector) {
		q.Where(sql.Or(sql.EQ(q.C(comment.FieldStatus), comment.StatusTAKEN_DOWN), policy.OnHold(q, comment.FieldID)))
	}).Count(ctx)
	if err != nil {
		return fmt.Errorf("look for comments on %s that are under legal hold: %w", id, err)
	}
	if held > 0 {
		return fault.New(fault.Conflict, "%d of its comments are taken down or reported and have to be kept, so it cannot be deleted: a moderator restores them and closes the reports first; to hide the article now, unpublish it", held)
	}
	return nil
}

// alter reads an article that the viewer may write, applies transition and saves the result.
func (s *Service) alter(ctx context.Context, id, reason string, transition func(*Record, instant.Instant) error) (*ent.Article, error) {
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Article, error) {
		old, err := s.lockOwn(ctx, c, store.ForChange, id)
		if err != nil {
			return nil, err
		}
		r, err := loadRecord(ctx, c, old)
		if err != nil {
			return nil, err
		}
		now := notBefore(old, s.store.Clock())
		if err := transition(&r, now); err != nil {
			return nil, err
		}
		r.Version, r.UpdatedAt = old.Version+1, max(now, old.UpdatedAt+1)
		return s.commit(ctx, c, change{Record: r, old: old, now: now, reason: reason})
	})
}

// lockOwn locks and reads an article that the viewer may write.
func (s *Service) lockOwn(ctx context.Context, c *ent.Client, how store.RowLock, id string) (*ent.Article, error) {
	if err := policy.Require(ctx, policy.WriteArticles); err != nil {
		return nil, err
	}
	if err := s.store.LockRows(ctx, c, how, article.Table, id); err != nil {
		return nil, err
	}
	a, err := c.Article.Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, errNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read %s to write it: %w", id, err)
	}
	if err := policy.RequireOwner(ctx, policy.WriteArticles, a.PublisherID); err != nil {
		return nil, err
	}
	if a.Status == article.StatusTAKEN_DOWN {
		return nil, errTakenDown
	}
	return a, nil
}
