package comment

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/moderationbatch"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
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
	return s.inBulk(ctx, "MODERATE", func(ctx context.Context, c *ent.Client, b *Bulk) (decisions []decision, err error) {
		if err := s.store.LockItems(ctx, c, in.Comments...); err != nil {
			return nil, err
		}
		for i, id := range in.Comments {
			if slices.Contains(in.Comments[:i], id) {
				b.Left = append(b.Left, id)
				continue
			}
			if decisions, err = b.decide(ctx, c, decisions, Step{Comment: id, After: in.Status, Reason: reason}, nil); err != nil {
				return nil, err
			}
		}
		return decisions, nil
	})
}

// Undo reverts a decision on several comments, except on those that were decided on since.
// It can be undone itself. For moderators.
func (s *Service) Undo(ctx context.Context, id string) (*Bulk, error) {
	if err := policy.Require(ctx, policy.ModerateComments); err != nil {
		return nil, err
	}
	return s.inBulk(ctx, "UNDO", func(ctx context.Context, c *ent.Client, b *Bulk) (decisions []decision, err error) {
		done, err := s.lockBatch(ctx, c, id)
		if err != nil {
			return nil, err
		}
		for _, d := range done {
			if decisions, err = b.decide(ctx, c, decisions, Step{Comment: d.Comment, After: d.Before, Reason: d.Reason}, &d.After); err != nil {
				return nil, err
			}
		}
		if err := c.ModerationBatch.UpdateOneID(id).SetUndoneAt(s.store.Clock()).Exec(viewer.AsSystem(ctx)); err != nil {
			return nil, fmt.Errorf("mark the decision %s as undone: %w", id, err)
		}
		return decisions, nil
	})
}

// lockBatch locks a decision on several comments, and the comments, and returns its steps.
func (s *Service) lockBatch(ctx context.Context, c *ent.Client, id string) (steps []Step, err error) {
	if err := s.store.LockRows(ctx, c, store.ForChange, moderationbatch.Table, id); err != nil {
		return nil, err
	}
	batch, err := c.ModerationBatch.Get(viewer.AsSystem(ctx), id)
	if ent.IsNotFound(err) || err == nil && batch.UndoneAt != nil {
		return nil, fault.New(fault.NotFound, "there is no such decision, or it was undone already")
	}
	if err != nil {
		return nil, fmt.Errorf("read the decision %s: %w", id, err)
	}
	if err := json.Unmarshal([]byte(batch.Steps), &steps); err != nil {
		return nil, fmt.Errorf("decode the decision %s: %w", id, err)
	}
	ids := make([]string, len(steps))
	for i, step := range steps {
		ids[i] = step.Comment
	}
	return steps, s.store.LockItems(ctx, c, ids...)
}

// decision is a step that is to be written: its comment with the reason of the new status.
type decision struct {
	row  *ent.Comment
	step Step
}

// inBulk runs decide in a transaction, writes its decisions, and stores their steps, so that
// they can be undone. Decide has locked the comments.
func (s *Service) inBulk(ctx context.Context, action string, decide func(context.Context, *ent.Client, *Bulk) ([]decision, error)) (b *Bulk, err error) {
	err = s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		b = &Bulk{Changed: []string{}, Left: []string{}}
		decisions, err := decide(ctx, c, b)
		if err != nil || len(decisions) == 0 {
			return err
		}
		steps := make([]Step, len(decisions))
		for i, d := range decisions {
			steps[i], b.Changed = d.step, append(b.Changed, d.step.Comment)
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
		err = s.audit.Append(ctx, c, audit.Entry{Action: "COMMENTS_" + action, Item: b.Undo, Detail: map[string]any{"comments": b.Changed, "to": steps[0].After}})
		if err != nil {
			return err
		}
		for _, d := range decisions {
			if err := s.decideOn(ctx, c, d.row, d.step.After); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return b, nil
}

// decide appends the decision that sets a comment to the status and the reason of step. It
// leaves the comment where there is none, or it has that status already, or not the
// expected one.
func (b *Bulk) decide(ctx context.Context, c *ent.Client, decisions []decision, step Step, expected *comment.Status) ([]decision, error) {
	row, err := c.Comment.Get(ctx, step.Comment)
	if err != nil && !ent.IsNotFound(err) {
		return nil, fmt.Errorf("read the comment to moderate: %w", err)
	}
	if err != nil || row.Status == step.After || !decidable(row.Status) || expected != nil && row.Status != *expected {
		b.Left = append(b.Left, step.Comment)
		return decisions, nil
	}
	reason := step.Reason
	step.Before, step.Reason = row.Status, row.Reason // to undo it
	row.Reason = reason
	return append(decisions, decision{row, step}), nil
}

// decidable reports whether a moderator may set this status, or change it.
func decidable(status comment.Status) bool {
	return status == comment.StatusPENDING || status == comment.StatusAPPROVED || status == comment.StatusREJECTED
}
