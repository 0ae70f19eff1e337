package comment

import (
	"context"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/store/changefeed"
)

var errTakenDown = fault.New(fault.Conflict, "this comment is taken down; restore it before you decide on it")

// TakeDown hides a comment on every path and changes nothing else of it (a legal hold), in
// the transaction of ctx. It returns the status to restore. It is for
// internal/moderation/takedown.
func (s *Service) TakeDown(ctx context.Context, c *ent.Client, id, reason string) (before string, err error) {
	row, err := c.Comment.Get(ctx, id)
	if ent.IsNotFound(err) {
		return "", errNotFound
	}
	if err != nil {
		return "", fmt.Errorf("read the comment to take down: %w", err)
	}
	before = string(statusBefore(row.Status))
	return before, s.setStatus(ctx, c, row, comment.StatusTAKEN_DOWN,
		changefeed.Entry{Kind: changefeed.TakenDown, Reason: reason, Purge: true})
}

// statusBefore returns the status to restore of a comment that had the given one when it was
// taken down. An import may bring a comment that is TAKEN_DOWN without its takedown; it
// becomes PENDING, so that a moderator decides again.
func statusBefore(status comment.Status) comment.Status {
	if status == comment.StatusTAKEN_DOWN {
		return comment.StatusPENDING
	}
	return status
}

// Restore gives a comment the status that it had before TakeDown.
func (s *Service) Restore(ctx context.Context, c *ent.Client, id, before, reason string) error {
	row, err := c.Comment.Get(ctx, id)
	if err != nil {
		return fmt.Errorf("read the comment to restore: %w", err)
	}
	return s.setStatus(ctx, c, row, statusBefore(comment.Status(before)), changefeed.Entry{Kind: changefeed.Restored, Reason: reason})
}

// setStatus changes the status of a comment but not its time.
func (s *Service) setStatus(ctx context.Context, c *ent.Client, row *ent.Comment, to comment.Status, entry changefeed.Entry) error {
	before := row.Status
	row.Status = to
	ctx = noticed(ctx, row, before)
	if err := saveDecision(ctx, c, row, before); err != nil {
		return err
	}
	return s.countAndLog(ctx, c, row, before, entry)
}
