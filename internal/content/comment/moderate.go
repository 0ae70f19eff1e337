package comment

import (
	"context"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/change"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/audit"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/store/invalidation"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Moderate decides whether a comment is visible. For moderators.
func (s *Service) Moderate(ctx context.Context, in ModerateInput) (*ent.Comment, error) {
	if err := policy.Require(ctx, policy.ModerateComments); err != nil {
		return nil, err
	}
	var bad fault.Invalid
	reason := checkText(&bad, "reason", value(in.Reason), 0, maxReason)
	if !decidable(in.Status) {
		bad.Add("INVALID", "status", "must be APPROVED, REJECTED or PENDING")
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	if !typeid.Is(typeid.Comment, in.Comment) {
		return nil, errNotFound
	}
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Comment, error) {
		if err := s.store.LockItems(ctx, c, in.Comment); err != nil {
			return nil, err
		}
		row, err := c.Comment.Get(ctx, in.Comment)
		if ent.IsNotFound(err) {
			return nil, errNotFound
		}
		if err != nil {
			return nil, fmt.Errorf("read the comment to moderate: %w", err)
		}
		if !decidable(row.Status) {
			return nil, errTakenDown
		}
		row.Reason = reason
		err = s.audit.Append(ctx, c, audit.Entry{Action: "COMMENT_" + string(in.Status), Item: row.ID, Detail: map[string]string{"reason": reason}})
		if err != nil {
			return nil, err
		}
		return row, s.decideOn(ctx, c, row, in.Status)
	})
}

// decideOn changes the status of a comment, its time, the count and the change feed.
func (s *Service) decideOn(ctx context.Context, c *ent.Client, row *ent.Comment, to comment.Status) error {
	before := row.Status
	row.Status, row.UpdatedAt = to, max(s.store.Clock(), row.UpdatedAt)
	ctx = noticed(ctx, row, before)
	if err := saveDecision(ctx, c, row, before); err != nil {
		return err
	}
	return s.countAndLog(ctx, c, row, before, changefeed.Entry{Kind: changefeed.Deleted})
}

// noticed returns the context in which the status of a comment changes from before, which says
// what answers that were given before depend on it.
func noticed(ctx context.Context, row *ent.Comment, before comment.Status) context.Context {
	if before != comment.StatusAPPROVED && row.Status != comment.StatusAPPROVED {
		return invalidation.Unseen(ctx)
	}
	return invalidation.OfArticles(ctx, row.ArticleID)
}

// saveDecision saves row if its status is still the one before: of two concurrent
// decisions only one is counted.
func saveDecision(ctx context.Context, c *ent.Client, row *ent.Comment, before comment.Status) error {
	n, err := c.Comment.Update().Where(comment.ID(row.ID), comment.StatusEQ(before)).
		SetStatus(row.Status).SetReason(row.Reason).SetUpdatedAt(row.UpdatedAt).Save(ctx)
	if err != nil {
		return fmt.Errorf("save the decision on %s: %w", row.ID, err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "this comment was moderated at the same moment; nothing was written: read it again")
	}
	return nil
}

// countAndLog adjusts the article's comment count and appends entry to the change feed, if
// readers can notice the step from the status before to row's. The kind of an entry for an
// approved comment is derived.
func (s *Service) countAndLog(ctx context.Context, c *ent.Client, row *ent.Comment, before comment.Status, entry changefeed.Entry) error {
	was, is := before == comment.StatusAPPROVED, row.Status == comment.StatusAPPROVED
	if was == is {
		return nil
	}
	step := 1
	if was {
		step = -1
	}
	err := c.Article.Update().Where(article.ID(row.ArticleID)).AddCommentCount(step).Exec(viewer.AsSystem(ctx))
	if err != nil {
		return fmt.Errorf("count the comments of %s: %w", row.ArticleID, err)
	}
	return s.logChange(ctx, c, row, entry)
}

// logChange appends the state of a comment to the change feed, with the next version.
func (s *Service) logChange(ctx context.Context, c *ent.Client, row *ent.Comment, entry changefeed.Entry) error {
	kind, version := entry.Kind, 1
	last, err := c.Change.Query().Where(change.ItemID(row.ID)).Order(ent.Desc(change.FieldID)).
		Select(change.FieldVersion).First(viewer.AsSystem(ctx))
	logged := err == nil
	if logged {
		version = last.Version + 1
	} else if !ent.IsNotFound(err) {
		return fmt.Errorf("look for %s in the change log: %w", row.ID, err)
	}
	if row.Status == comment.StatusAPPROVED {
		switch {
		case !logged:
			kind = changefeed.Created
		case kind == changefeed.Deleted:
			kind = changefeed.Updated
		}
	}
	logEntry := changefeed.CommentEntry(kind, row, version)
	logEntry.Reason, logEntry.Purge = entry.Reason, entry.Purge
	return s.log.Append(ctx, c, logEntry)
}
