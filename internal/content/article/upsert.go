package article

import (
	"context"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/tombstone"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
)

// Outcome is what Put did.
type Outcome string

// The outcomes.
const (
	Created   Outcome = "created"
	Updated   Outcome = "updated"
	Unchanged Outcome = "unchanged"
)

// Put writes r with its id, times and counters, in place of the article with that id, if
// there is one. It is for imports and needs the program itself as the viewer. It is
// idempotent: an equal article is not written again.
func (s *Service) Put(ctx context.Context, r Record) (outcome Outcome, err error) {
	if err := r.checkImport(); err != nil {
		return "", err
	}
	err = s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		outcome, err = s.put(ctx, c, r)
		return err
	})
	if err != nil {
		return "", err
	}
	return outcome, nil
}

func (s *Service) put(ctx context.Context, c *ent.Client, r Record) (Outcome, error) {
	if err := s.store.LockRows(ctx, c, store.ForChange, article.Table, r.ID); err != nil {
		return "", err
	}
	ch := change{Record: r, now: s.store.Clock()}
	if err := complete(ctx, c, &ch.Record, ch.now); err != nil {
		return "", err
	}
	old, err := c.Article.Get(ctx, r.ID)
	if ent.IsNotFound(err) {
		return s.insert(ctx, c, ch)
	}
	if err != nil {
		return "", fmt.Errorf("read %s to replace it: %w", r.ID, err)
	}
	stored, err := loadRecord(ctx, c, old)
	if err != nil {
		return "", err
	}
	if ch.SearchSlot == 0 {
		ch.SearchSlot = stored.SearchSlot
	}
	if ch.equal(stored) {
		return Unchanged, nil
	}
	ch.old, ch.now = old, notBefore(old, ch.now)
	a, err := s.save(ctx, c, ch)
	if err != nil {
		return "", err
	}
	err = c.Article.UpdateOneID(r.ID).SetViewCount(r.ViewCount).SetOriginAddress(r.OriginAddress).SetIPRegion(r.IPRegion).
		SetNillableImportKey(r.ImportKey).Exec(ctx)
	if err != nil {
		return "", fmt.Errorf("save the counters and the origin of %s: %w", r.ID, err)
	}
	return Updated, s.logChange(ctx, c, ch, a)
}

// insert writes an article that is not stored, and removes its tombstone.
func (s *Service) insert(ctx context.Context, c *ent.Client, ch change) (Outcome, error) {
	if _, err := c.Tombstone.Delete().Where(tombstone.ID(ch.ID)).Exec(ctx); err != nil {
		return "", fmt.Errorf("remove the tombstone of %s: %w", ch.ID, err)
	}
	a, err := s.save(ctx, c, ch)
	if err != nil {
		return "", err
	}
	return Created, s.logChange(ctx, c, ch, a)
}

// ByImportKey returns the article that an earlier import made from the same source.
func (s *Service) ByImportKey(ctx context.Context, key string) (Record, error) {
	c, system := s.store.Client(ctx), viewer.AsSystem(ctx)
	a, err := c.Article.Query().Where(article.ImportKey(key)).Only(system)
	if ent.IsNotFound(err) {
		return Record{}, errNotFound
	}
	if err != nil {
		return Record{}, fmt.Errorf("look up the article of an import: %w", err)
	}
	return loadRecord(system, c, a)
}
