package article

import (
	"context"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/store/changefeed"
)

// errHeld is the answer to changing or deleting what is taken down.
var errHeld = fault.New(fault.Conflict,
	"this article is taken down and kept as it was; a moderator has to restore it before anybody can change it")

// Hide takes an article off every path, with its pictures, and leaves it as it is otherwise, in the
// transaction of ctx. It is internal/moderation/takedown's.
func (s *Service) Hide(ctx context.Context, c *ent.Client, id, reason string) (before string, err error) {
	a, err := c.Article.Get(ctx, id)
	if ent.IsNotFound(err) {
		return "", errNotFound
	}
	if err != nil {
		return "", err
	}
	err = c.Article.UpdateOneID(id).SetStatus(article.StatusTAKEN_DOWN).ClearNextAt().AddVersion(1).Exec(ctx)
	if err == nil {
		err = usesAre(ctx, c, id, true)
	}
	before = string(statusBefore(a.Status))
	if err != nil || !shown(a, s.store.Clock()) {
		return before, err
	}
	return before, s.log.Append(ctx, c, changefeed.Entry{
		Kind: changefeed.TakenDown, Type: "Article", ID: id, Version: a.Version + 1, Reason: reason, Purge: true, Was: changefeed.PlacementOf(a)})
}

// statusBefore returns the status that restoring an article returns to, given the one it
// had when it was taken down. An import may bring in an article that is TAKEN_DOWN without
// its takedown; nobody knows its status before, so it becomes UNPUBLISHED, and whoever may
// publish it decides anew.
func statusBefore(status article.Status) article.Status {
	if status == article.StatusTAKEN_DOWN {
		return article.StatusUNPUBLISHED
	}
	return status
}

// Show puts an article back into the status that it had before it was hidden.
func (s *Service) Show(ctx context.Context, c *ent.Client, id, before, reason string) error {
	a, err := c.Article.Get(ctx, id)
	if err != nil {
		return err
	}
	r, err := s.recordOf(ctx, c, a)
	if err != nil {
		return err
	}
	now := s.store.Clock()
	r.Status = statusBefore(article.Status(before))
	r.settle(now)
	update := c.Article.UpdateOneID(id).SetStatus(r.Status).AddVersion(1)
	fillTimes(update.Mutation(), r, true, now)
	if err := usesAre(ctx, c, id, false); err != nil {
		return err
	}
	if a, err = update.Save(ctx); err != nil || !visible(a, now) {
		return err
	}
	return s.log.Append(ctx, c, changefeed.Entry{
		Kind: changefeed.Restored, Type: "Article", ID: id, Version: a.Version, Reason: reason, Item: r.Frozen(), Place: changefeed.PlacementOf(a)})
}
