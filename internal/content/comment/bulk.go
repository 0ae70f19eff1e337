package comment

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/audit"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Step records how a decision changed one comment.
type Step struct {
	Comment string         `json:"comment"`
	Before  comment.Status `json:"before"`
	After   comment.Status `json:"after"`
	Reason  string         `json:"reason,omitempty"` // of the status before
}

// Bulk is the result of a decision on several comments.
type Bulk struct {
	Undo    string // the id to undo it with; empty where nothing changed
	Changed []string
	Left    []string // not found, unchanged by the decision, or not open to one
}

// maxBulk is how many comments can be decided on at once.
const maxBulk = 100

// ModerateMany decides on several comments in one transaction. For moderators.
func (s *Service) ModerateMany(ctx context.Context, in BulkInput) (*Bulk, error) {
	if err := policy.Require(ctx, policy.ModerateComments); err != nil {
		return nil, err
	}
	var bad fault.Invalid
	reason := checkText(&bad, "reason", value(in.Reason), 0, maxReason)
	if !decidable(in.Status) {
		bad.Add("INVALID", "status", "must be APPROVED, REJECTED or PENDING")
	}
	if n := len(in.Comments); n < 1 || n > maxBulk {
		bad.Add("INVALID", "comments", "has %d ids; give 1 to %d", n, maxBulk)
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	return s.inBulk(ctx, "MODERATE", func(ctx context.Context, c *ent.Client, b *Bulk) (steps []Step, err error) {
		for _, id := range in.Comments {
			step, err := s.decideOne(ctx, c, id, in.Status, reason, nil)
			if err != nil {
				return nil, err
			}
			if step == nil {
				b.Left = append(b.Left, id)
				continue
			}
			steps, b.Changed = append(steps, *step), append(b.Changed, id)
		}
		return steps, nil
	})
}

// Undo reverts a decision on several comments, except on those that were decided on since.
// It can be undone itself. For moderators.
func (s *Service) Undo(ctx context.Context, id string) (*Bulk, error) {
	if err := policy.Require(ctx, policy.ModerateComments); err != nil {
		return nil, err
	}
	return s.inBulk(ctx, "UNDO", func(ctx context.Context, c *ent.Client, b *Bulk) (steps []Step, err error) {
		system := viewer.AsSystem(ctx)
		batch, err := c.ModerationBatch.Get(system, id)
		if ent.IsNotFound(err) || err == nil && batch.UndoneAt != nil {
			return nil, fault.New(fault.NotFound, "there is no such decision, or it was undone already")
		}
		if err != nil {
			return nil, fmt.Errorf("read the decision %s: %w", id, err)
		}
		var done []Step
		if err := json.Unmarshal([]byte(batch.Steps), &done); err != nil {
			return nil, fmt.Errorf("decode the decision %s: %w", id, err)
		}
		for _, d := range done {
			step, err := s.decideOne(ctx, c, d.Comment, d.Before, d.Reason, &d.After)
			if err != nil {
				return nil, err
			}
			if step == nil {
				b.Left = append(b.Left, d.Comment)
				continue
			}
			steps, b.Changed = append(steps, *step), append(b.Changed, d.Comment)
		}
		return steps, c.ModerationBatch.UpdateOneID(id).SetUndoneAt(s.store.Clock()).Exec(system)
	})
}

// inBulk runs do in a transaction and stores its steps, so that they can be undone.
func (s *Service) inBulk(ctx context.Context, action string, do func(context.Context, *ent.Client, *Bulk) ([]Step, error)) (*Bulk, error) {
	b := &Bulk{Changed: []string{}, Left: []string{}}
	err := s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		steps, err := do(ctx, c, b)
		if err != nil || len(steps) == 0 {
			return err
		}
		text, err := json.Marshal(steps)
		if err != nil {
			return fmt.Errorf("encode a decision: %w", err)
		}
		now := s.store.Clock()
		b.Undo = typeid.New(typeid.ModerationBatch, now)
		err = c.ModerationBatch.Create().SetID(b.Undo).SetBy(viewer.From(ctx).TokenID).SetSteps(string(text)).SetAt(now).Exec(viewer.AsSystem(ctx))
		if err != nil {
			return fmt.Errorf("save a decision: %w", err)
		}
		return s.audit.Append(ctx, c, audit.Entry{Action: "COMMENTS_" + action, Item: b.Undo, Detail: map[string]any{"comments": b.Changed, "to": steps[0].After}})
	})
	if err != nil {
		return nil, err
	}
	return b, nil
}

// decideOne sets the status of a comment; it returns nil where there is no such comment, it
// has that status already, or not the expected one.
func (s *Service) decideOne(ctx context.Context, c *ent.Client, id string, to comment.Status, reason string, expected *comment.Status) (*Step, error) {
	row, err := c.Comment.Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the comment to moderate: %w", err)
	}
	step := &Step{id, row.Status, to, row.Reason}
	if row.Status == to || !decidable(row.Status) || expected != nil && row.Status != *expected {
		return nil, nil
	}
	row.Reason = reason
	return step, s.decideOn(ctx, c, row, to)
}

// decidable reports whether a moderator may set this status, or change it.
func decidable(status comment.Status) bool {
	return status == comment.StatusPENDING || status == comment.StatusAPPROVED || status == comment.StatusREJECTED
}
