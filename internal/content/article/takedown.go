package article

import (
	"context"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/store/policy"
)

var errTakenDown = fault.New(fault.Conflict,
	"this article is taken down and kept as it was; a moderator has to restore it before anybody can change it")

// TakeDown hides an article and its pictures on every path and changes nothing else of it
// (a legal hold), in the transaction of ctx. It returns the status to restore. It is for
// internal/moderation/takedown.
func (s *Service) TakeDown(ctx context.Context, c *ent.Client, id, reason string) (before string, err error) {
	a, err := c.Article.Get(ctx, id)
	if ent.IsNotFound(err) {
		return "", errNotFound
	}
	if err != nil {
		return "", fmt.Errorf("read %s to take it down: %w", id, err)
	}
	err = c.Article.UpdateOneID(id).Where(article.Version(a.Version)).SetStatus(article.StatusTAKEN_DOWN).ClearNextAt().AddVersion(1).Exec(ctx)
	if ent.IsNotFound(err) {
		return "", errStale
	}
	if err != nil {
		return "", fmt.Errorf("take %s down: %w", id, err)
	}
	// A picture is not deleted while it is taken down with its article.
	if err := s.store.Lock(ctx, c, "SELECT 1 FROM pictures WHERE hash IN (SELECT hash FROM picture_uses WHERE article_id = $1) ORDER BY id FOR SHARE", id); err != nil {
		return "", err
	}
	if err := setPicturesDown(ctx, c, id, true); err != nil {
		return "", err
	}
	before = string(statusBefore(a.Status))
	if !knownToReaders(a, s.store.Clock()) {
		return before, nil
	}
	return before, s.log.Append(ctx, c, changefeed.Entry{
		Kind: changefeed.TakenDown, Type: "Article", ID: id, Version: a.Version + 1, Reason: reason, Purge: true, Was: changefeed.PlacementOf(a)})
}

// statusBefore returns the status to restore of an article that had the given one when it
// was taken down. An import may bring an article that is TAKEN_DOWN without its takedown;
// it becomes UNPUBLISHED, so that its publisher decides again.
func statusBefore(status article.Status) article.Status {
	if status == article.StatusTAKEN_DOWN {
		return article.StatusUNPUBLISHED
	}
	return status
}

// Restore gives an article the status that it had before TakeDown, or EXPIRED where its
// time has ended since.
func (s *Service) Restore(ctx context.Context, c *ent.Client, id, before, reason string) error {
	a, err := c.Article.Get(ctx, id)
	if err != nil {
		return fmt.Errorf("read %s to restore it: %w", id, err)
	}
	r, err := loadRecord(ctx, c, a)
	if err != nil {
		return err
	}
	now := s.store.Clock()
	r.Status = statusBefore(article.Status(before))
	r.expire(now)
	update := c.Article.UpdateOneID(id).Where(article.Version(a.Version), article.StatusEQ(article.StatusTAKEN_DOWN)).SetStatus(r.Status).AddVersion(1)
	r.fillTimes(update.Mutation(), true, now)
	if err := setPicturesDown(ctx, c, id, false); err != nil {
		return err
	}
	a, err = update.Save(ctx)
	if ent.IsNotFound(err) {
		return errStale
	}
	if err != nil {
		return fmt.Errorf("restore %s: %w", id, err)
	}
	if !policy.IsLogged(a) {
		return nil
	}
	return s.log.Append(ctx, c, changefeed.Entry{
		Kind: changefeed.Restored, Type: "Article", ID: id, Version: a.Version, Reason: reason, Item: r.Frozen(), Place: changefeed.PlacementOf(a)})
}
