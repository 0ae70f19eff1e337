package article

import (
	"context"
	"encoding/json"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/tombstone"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/input"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/slug"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
)

// Outcome is what writing a record from outside came to.
type Outcome string

// The outcomes.
const (
	Created   Outcome = "created"
	Updated   Outcome = "updated"
	Unchanged Outcome = "unchanged"
)

// Put writes r as it stands, with its id, times and counters, in place of the
// article with that id, if there is one. It is for imports and needs the program
// itself as the viewer. What is already there is left alone, so an import can be
// repeated.
func (s *Service) Put(ctx context.Context, r Record) (outcome Outcome, err error) {
	if err := r.checkAll(); err != nil {
		return "", err
	}
	if r.Slug == "" {
		r.Slug = slug.FromID(r.ID)
	}
	err = s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		outcome, err = s.put(ctx, c, r)
		return err
	})
	return outcome, err
}

// checkAll returns what is wrong with a record that was not made here.
func (r *Record) checkAll() error {
	var bad fault.Invalid
	r.check(&bad)
	if !typeid.Is(typeid.Article, r.ID) {
		bad.Add("INVALID", "id", "%.40q is not the id of an article", r.ID)
	}
	if r.Version < 1 {
		bad.Add("INVALID", "version", "must be 1 or more")
	}
	if r.ViewCount < 0 {
		bad.Add("INVALID", "viewCount", "must be 0 or more")
	}
	if article.StatusValidator(r.Status) != nil {
		bad.Add("INVALID", "status", "%.40q is not the status of an article", r.Status)
	}
	r.OriginAddress = input.Line(&bad, "originAddress", r.OriginAddress, 0, maxName)
	r.IPRegion = optional.String(input.Line(&bad, "ipRegion", string(r.IPRegion), 0, maxName))
	input.Instant(&bad, "createdAt", r.CreatedAt)
	input.Instant(&bad, "updatedAt", r.UpdatedAt)
	if r.PublishedAt != nil {
		input.Instant(&bad, "publishedAt", *r.PublishedAt)
	}
	if r.ExpiresAt != nil {
		input.Instant(&bad, "expiresAt", *r.ExpiresAt)
	}
	return bad.Err()
}

func (s *Service) put(ctx context.Context, c *ent.Client, r Record) (_ Outcome, err error) {
	now := s.store.Clock()
	r.settle(now)
	if r.Body, err = withSizes(ctx, c, r.Body); err != nil {
		return "", err
	}
	old, err := c.Article.Get(ctx, r.ID)
	if ent.IsNotFound(err) {
		if _, err := c.Tombstone.Delete().Where(tombstone.ID(r.ID)).Exec(ctx); err != nil {
			return "", err
		}
		a, err := s.save(ctx, c, r, nil, now)
		if err != nil {
			return "", err
		}
		return Created, s.notice(ctx, c, r, nil, a, "", now)
	}
	if err != nil {
		return "", err
	}
	have, err := s.recordOf(ctx, c, old)
	if r.SearchSlot == 0 {
		r.SearchSlot = have.SearchSlot
	}
	if err != nil || same(have, r) {
		return Unchanged, err
	}
	a, err := s.save(ctx, c, r, old, now)
	if err != nil {
		return "", err
	}
	err = c.Article.UpdateOneID(r.ID).SetViewCount(r.ViewCount).SetOriginAddress(r.OriginAddress).SetIPRegion(r.IPRegion).
		SetNillableImportKey(r.ImportKey).Exec(ctx)
	if err != nil {
		return "", err
	}
	return Updated, s.notice(ctx, c, r, old, a, "", now)
}

// recordOf is a stored article as a record.
func (s *Service) recordOf(ctx context.Context, c *ent.Client, a *ent.Article) (Record, error) {
	doc, err := c.Body.Get(ctx, a.ID)
	if err != nil {
		return Record{}, err
	}
	return RecordOf(a, doc)
}

// ByImportKey is the article that an import found at key before.
func (s *Service) ByImportKey(ctx context.Context, key string) (Record, error) {
	c := s.store.Client(ctx)
	a, err := c.Article.Query().Where(article.ImportKey(key)).Only(viewer.AsSystem(ctx))
	if ent.IsNotFound(err) {
		return Record{}, errNotFound
	}
	if err != nil {
		return Record{}, err
	}
	return s.recordOf(viewer.AsSystem(ctx), c, a)
}

// same compares records by what they are written as.
func same(a, b Record) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}
