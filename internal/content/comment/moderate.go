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
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Moderate decides whether a comment is to be seen.
func (s *Service) Moderate(ctx context.Context, in ModerateInput) (*ent.Comment, error) {
	if v := viewer.From(ctx); !policy.IsModerator(v) {
		return nil, policy.Denied(v)
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
		row, err := c.Comment.Get(ctx, in.Comment)
		if ent.IsNotFound(err) {
			return nil, errNotFound
		}
		if err != nil {
			return nil, fmt.Errorf("read the comment to moderate: %w", err)
		}
		if !decidable(row.Status) {
			return nil, errHeld
		}
		row.Reason = reason
		err = s.audit.Append(ctx, c, audit.Entry{Action: "COMMENT_" + string(in.Status), Item: row.ID, Detail: map[string]string{"reason": reason}})
		if err != nil {
			return nil, err
		}
		return row, s.decideOn(ctx, c, row, in.Status)
	})
}

// decideOn gives a comment another status.
func (s *Service) decideOn(ctx context.Context, c *ent.Client, row *ent.Comment, to comment.Status) error {
	before := row.Status
	row.Status, row.UpdatedAt = to, max(s.store.Clock(), row.UpdatedAt)
	if err := decide(ctx, c, row, before); err != nil {
		return err
	}
	return s.follow(ctx, c, row, before, changefeed.Entry{Kind: changefeed.Deleted})
}

// decide saves the decision, provided that nobody else decided since the row
// was read: of two moderators, only one makes the step that is counted.
func decide(ctx context.Context, c *ent.Client, row *ent.Comment, before comment.Status) error {
	n, err := c.Comment.Update().Where(comment.ID(row.ID), comment.StatusEQ(before)).
		SetStatus(row.Status).SetReason(row.Reason).SetUpdatedAt(row.UpdatedAt).Save(ctx)
	if err != nil {
		return fmt.Errorf("save the decision on a comment: %w", err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "somebody else decided on this comment at the same moment; nothing was written: look at it again")
	}
	return nil
}

// follow counts and logs the step from before to row's status, if readers can
// notice it. Entry says how it is called; an approved comment is new or shown again.
func (s *Service) follow(ctx context.Context, c *ent.Client, row *ent.Comment, before comment.Status, entry changefeed.Entry) error {
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
	return s.tell(ctx, c, row, entry)
}

// reworded logs that a comment that is seen says something else now.
func (s *Service) reworded(ctx context.Context, c *ent.Client, row *ent.Comment) error {
	if row.Status != comment.StatusAPPROVED {
		return nil
	}
	return s.tell(ctx, c, row, changefeed.Entry{Kind: changefeed.Updated})
}

// tell appends to the change log how a comment stands.
func (s *Service) tell(ctx context.Context, c *ent.Client, row *ent.Comment, entry changefeed.Entry) error {
	system := viewer.AsSystem(ctx)
	kind, version := entry.Kind, 1
	last, err := c.Change.Query().Where(change.ItemID(row.ID)).Order(ent.Desc(change.FieldID)).
		Select(change.FieldVersion).First(system)
	switch {
	case err == nil:
		version = last.Version + 1
	case !ent.IsNotFound(err):
		return fmt.Errorf("look for %s in the change log: %w", row.ID, err)
	}
	if row.Status == comment.StatusAPPROVED {
		switch {
		case last == nil:
			kind = changefeed.Created
		case kind == changefeed.Deleted:
			kind = changefeed.Updated
		}
	}
	told := changefeed.CommentEntry(kind, row, version)
	told.Reason, told.Purge = entry.Reason, entry.Purge
	return s.log.Append(ctx, c, told)
}
