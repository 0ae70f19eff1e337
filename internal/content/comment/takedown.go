package comment

import (
	"context"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/store/changefeed"
)

// errHeld is the answer to deciding on what is taken down.
var errHeld = fault.New(fault.Conflict, "this comment is taken down; restore it before you decide on it")

// Hide takes a comment off every path and leaves it as it is otherwise, in the
// transaction of ctx. It is internal/moderation/takedown's.
func (s *Service) Hide(ctx context.Context, c *ent.Client, id, reason string) (before string, err error) {
	row, err := c.Comment.Get(ctx, id)
	if ent.IsNotFound(err) {
		return "", errNotFound
	}
	if err != nil {
		return "", fmt.Errorf("read the comment to hide: %w", err)
	}
	before = string(statusBefore(row.Status))
	return before, s.turn(ctx, c, row, comment.StatusTAKEN_DOWN,
		changefeed.Entry{Kind: changefeed.TakenDown, Reason: reason, Purge: true})
}

// statusBefore returns the status that restoring a comment returns to, given the one it had
// when it was taken down. An import may bring in a comment that is TAKEN_DOWN without its
// takedown; it becomes PENDING, and a moderator decides anew.
func statusBefore(status comment.Status) comment.Status {
	if status == comment.StatusTAKEN_DOWN {
		return comment.StatusPENDING
	}
	return status
}

// Show puts a comment back into the status that it had before it was hidden.
func (s *Service) Show(ctx context.Context, c *ent.Client, id, before, reason string) error {
	row, err := c.Comment.Get(ctx, id)
	if err != nil {
		return fmt.Errorf("read the comment to show: %w", err)
	}
	return s.turn(ctx, c, row, statusBefore(comment.Status(before)), changefeed.Entry{Kind: changefeed.Restored, Reason: reason})
}

// turn gives a comment a status, and nothing else.
func (s *Service) turn(ctx context.Context, c *ent.Client, row *ent.Comment, to comment.Status, entry changefeed.Entry) error {
	before := row.Status
	row.Status = to
	if err := decide(ctx, c, row, before); err != nil {
		return err
	}
	return s.follow(ctx, c, row, before, entry)
}
