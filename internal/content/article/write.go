package article

import (
	"context"
	"slices"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/input"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/store/policy"
	"github.com/tonggao/tonggao/internal/store/search"
)

// Create writes a new draft.
func (s *Service) Create(ctx context.Context, in CreateInput) (*ent.Article, error) {
	v := viewer.From(ctx)
	if !policy.IsWriter(v) {
		return nil, policy.Denied(v)
	}
	var bad fault.Invalid
	content := in.content(&bad)
	if v.Is(viewer.Publisher) && content.Publisher == "" {
		content.Publisher = v.Publisher
	}
	content.check(&bad)
	if v.Is(viewer.Publisher) && content.Publisher != v.Publisher {
		bad.Add("NOT_ALLOWED", "publisher", "your token writes only for its own publisher")
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	now := s.store.Clock()
	r := Record{Content: content, ID: typeid.New(typeid.Article, now), Status: article.StatusDRAFT,
		CreatedAt: now, UpdatedAt: now, Version: 1, OriginAddress: v.Address, IPRegion: optional.String(s.located(v.Address))}
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Article, error) {
		return s.commit(ctx, c, r, nil, "")
	})
}

// Update changes an article that nobody saved since the viewer read it.
func (s *Service) Update(ctx context.Context, in UpdateInput) (*ent.Article, error) {
	return s.change(ctx, in.Article, "", func(r *Record, now instant.Instant) error {
		if in.Version != r.Version {
			return errStale
		}
		var bad fault.Invalid
		owner := r.Publisher
		r.change(in, &bad)
		if in.ExpiresAt != nil {
			r.ExpiresAt = in.ExpiresAt
			r.checkExpiry(&bad, now)
		}
		r.check(&bad)
		if v := viewer.From(ctx); v.Is(viewer.Publisher) && r.Publisher != owner {
			bad.Add("NOT_ALLOWED", "publisher", "only editors may give an article to another publisher")
		}
		if r.Status == article.StatusPUBLISHED && r.Body.Empty() && bad == nil {
			return errEmpty
		}
		return bad.Err()
	})
}

var errEmpty = fault.Invalid{{Code: "REQUIRED", Field: []string{"body"},
	Message: "what is published needs a text; write one with updateArticle, or take the article back first"}}

// Publish makes an article be seen, now or at a time.
func (s *Service) Publish(ctx context.Context, in PublishInput) (*ent.Article, error) {
	return s.change(ctx, in.Article, "", func(r *Record, now instant.Instant) error {
		return r.publish(in.At, in.ExpiresAt, now)
	})
}

// publish is the transition to PUBLISHED. A time that the article already had
// is kept unless at names another, so that taking it back and publishing it
// again does not move it to the top.
func (r *Record) publish(at, expires *instant.Instant, now instant.Instant) error {
	var bad fault.Invalid
	switch {
	case r.Body.Empty():
		return errEmpty
	case at != nil:
		input.Instant(&bad, "at", *at)
		r.PublishedAt = at
	case r.PublishedAt == nil || *r.PublishedAt > now:
		r.PublishedAt = &now
	}
	r.Status, r.ExpiresAt = article.StatusPUBLISHED, expires
	r.checkExpiry(&bad, now)
	return bad.Err()
}

// Unpublish takes a published or scheduled article back.
func (s *Service) Unpublish(ctx context.Context, in UnpublishInput) (*ent.Article, error) {
	var bad fault.Invalid
	reason := ""
	if in.Reason != nil {
		reason = input.Text(&bad, "reason", *in.Reason, 0, maxReason)
	}
	return s.change(ctx, in.Article, reason, func(r *Record, _ instant.Instant) error {
		bad := slices.Clone(bad) // the transaction may run twice
		if r.Status != article.StatusPUBLISHED {
			bad.Add("NOT_ALLOWED", "article", "it is not published or scheduled, so there is nothing to take back")
		}
		r.Status = article.StatusUNPUBLISHED
		return bad.Err()
	})
}

// Delete removes an article with its comments and revisions, for good: an import
// does not bring it back.
func (s *Service) Delete(ctx context.Context, id string) error {
	return s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		a, err := s.own(ctx, c, id)
		if err != nil {
			return err
		}
		if err := c.Article.DeleteOneID(id).Exec(ctx); err != nil {
			return err
		}
		system := viewer.AsSystem(ctx)
		if err := search.Remove(system, c, s.store.Engine, a.SearchSlot); err != nil {
			return err
		}
		if err := c.Tombstone.Create().SetID(id).SetNillableImportKey(a.ImportKey).SetAt(s.store.Clock()).Exec(system); err != nil {
			return err
		}
		if !shown(a, s.store.Clock()) {
			return nil
		}
		return s.log.Append(ctx, c, changefeed.Entry{Kind: changefeed.Deleted, Type: "Article", ID: id, Version: a.Version + 1, Was: changefeed.PlacementOf(a)})
	})
}

// change loads an article, lets alter decide what becomes of it, and saves it.
func (s *Service) change(ctx context.Context, id, reason string, alter func(*Record, instant.Instant) error) (*ent.Article, error) {
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Article, error) {
		old, err := s.own(ctx, c, id)
		if err != nil {
			return nil, err
		}
		r, err := s.recordOf(ctx, c, old)
		if err != nil {
			return nil, err
		}
		now := s.store.Clock()
		if err := alter(&r, now); err != nil {
			return nil, err
		}
		r.Version, r.UpdatedAt = old.Version+1, max(now, old.UpdatedAt+1)
		return s.commit(ctx, c, r, old, reason)
	})
}

// own is an article that the viewer may write.
func (s *Service) own(ctx context.Context, c *ent.Client, id string) (*ent.Article, error) {
	v := viewer.From(ctx)
	if !policy.IsWriter(v) {
		return nil, policy.Denied(v)
	}
	a, err := c.Article.Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, errNotFound
	}
	if err == nil && v.Is(viewer.Publisher) && a.PublisherID != v.Publisher {
		return nil, policy.Denied(v)
	}
	if err == nil && a.Status == article.StatusTAKEN_DOWN {
		return nil, errHeld
	}
	return a, err
}

// RecordOf is a stored article and its document as a record.
func RecordOf(a *ent.Article, b *ent.Body) (Record, error) {
	content, err := contentOf(a, b)
	return Record{Content: content, ID: a.ID, Status: a.Status, PublishedAt: a.PublishedAt, ExpiresAt: a.ExpiresAt,
		CreatedAt: a.CreatedAt, UpdatedAt: a.UpdatedAt, Version: a.Version, ViewCount: a.ViewCount,
		OriginAddress: a.OriginAddress, IPRegion: a.IPRegion, ImportKey: a.ImportKey, SearchSlot: a.SearchSlot}, err
}

// commit saves r with a revision and, where readers can notice, the log's entry.
func (s *Service) commit(ctx context.Context, c *ent.Client, r Record, old *ent.Article, reason string) (*ent.Article, error) {
	var err error
	if r.Body, err = withSizes(ctx, c, r.Body); err != nil {
		return nil, err
	}
	now := s.store.Clock()
	r.settle(now)
	a, err := s.save(ctx, c, r, old, now)
	if err != nil {
		return nil, err
	}
	if err := saveRevision(ctx, c, r); err != nil {
		return nil, err
	}
	return a, s.notice(ctx, c, r, old, a, reason, now)
}

// notice appends to the log what readers see happen when old becomes a, which r
// was saved as; old is nil for a new article.
func (s *Service) notice(ctx context.Context, c *ent.Client, r Record, old, a *ent.Article, reason string, now instant.Instant) error {
	kind, noticeable := noticed(old, a, now)
	if !noticeable {
		return nil
	}
	entry := changefeed.Entry{Kind: kind, Type: "Article", ID: a.ID, Version: a.Version, Reason: reason}
	if old != nil && shown(old, now) {
		entry.Was = changefeed.PlacementOf(old)
	}
	if visible(a, now) {
		entry.Place, entry.Item = changefeed.PlacementOf(a), r.Frozen()
	}
	return s.log.Append(ctx, c, entry)
}

// noticed is what readers see happen when old becomes a; old is nil for a new
// article.
func noticed(old, a *ent.Article, now instant.Instant) (changefeed.Kind, bool) {
	before, after := old != nil && told(old, now), visible(a, now)
	switch {
	case after && old == nil:
		return changefeed.Created, true
	case before && after:
		return changefeed.Updated, true
	case after:
		return changefeed.Published, true
	case old == nil || !shown(old, now):
		return "", false
	case a.Status == article.StatusEXPIRED:
		return changefeed.Expired, true
	default:
		return changefeed.Unpublished, true
	}
}
