package comment

import (
	"context"
	"fmt"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/token"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/audit"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// probation is how long a comment that was rejected or taken down costs its author the
// trust that was earned.
const probation = 90 * 24 * time.Hour

// isTrusted reports whether the comments of the viewer are visible at once: those of a
// reader whom a moderator trusts, or who has earned it. A client without a token never is.
func (s *Service) isTrusted(ctx context.Context, c *ent.Client) (bool, error) {
	if !policy.Allows(ctx, policy.EarnTrust) {
		return false, nil
	}
	id := viewer.From(ctx).TokenID
	row, err := c.Token.Query().Where(token.ID(id)).Select(token.FieldTrust).Only(viewer.AsSystem(ctx))
	switch {
	case ent.IsNotFound(err):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("read whether a reader is trusted: %w", err)
	case row.Trust == token.TrustTRUSTED, row.Trust == token.TrustWAITS:
		return row.Trust == token.TrustTRUSTED, nil
	}
	return s.hasEarnedTrust(ctx, c, id)
}

// hasEarnedTrust reports whether a reader has enough approved comments and none that was
// refused within the probation.
func (s *Service) hasEarnedTrust(ctx context.Context, c *ent.Client, tokenID string) (bool, error) {
	least, err := s.earned(ctx)
	if err != nil {
		return false, fmt.Errorf("read how trust is earned: %w", err)
	}
	if least == 0 {
		return false, nil
	}
	system := viewer.AsSystem(ctx)
	refused, err := c.Comment.Query().Where(comment.TokenID(tokenID), comment.CreatedAtGT(s.store.Clock().Add(-probation)),
		comment.StatusIn(comment.StatusREJECTED, comment.StatusTAKEN_DOWN)).Exist(system)
	if err != nil {
		return false, fmt.Errorf("look for refused comments of a reader: %w", err)
	}
	if refused {
		return false, nil
	}
	approved, err := c.Comment.Query().Where(comment.TokenID(tokenID), comment.StatusEQ(comment.StatusAPPROVED)).Limit(least).IDs(system)
	if err != nil {
		return false, fmt.Errorf("count the approved comments of a reader: %w", err)
	}
	return len(approved) >= least, nil
}

// Trust sets whether the comments of the author of one wait from now on. For moderators.
func (s *Service) Trust(ctx context.Context, in TrustInput) (*ent.Comment, error) {
	if err := policy.Require(ctx, policy.ModerateComments); err != nil {
		return nil, err
	}
	var row *ent.Comment
	err := s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) (err error) {
		if row, err = c.Comment.Get(ctx, in.Comment); ent.IsNotFound(err) {
			return errNotFound
		}
		if err != nil {
			return fmt.Errorf("read the comment of a reader to trust: %w", err)
		}
		if row.TokenID == "" {
			var bad fault.Invalid
			bad.Add("NOT_ALLOWED", "comment", "its author has no token, so later comments cannot be attributed to them")
			return bad
		}
		if err := s.store.LockRows(ctx, c, store.ForChange, token.Table, row.TokenID); err != nil {
			return err
		}
		if err := c.Token.UpdateOneID(row.TokenID).SetTrust(in.Trust).Exec(viewer.AsSystem(ctx)); err != nil && !ent.IsNotFound(err) {
			return fmt.Errorf("trust a reader: %w", err)
		}
		return s.audit.Append(ctx, c, audit.Entry{Action: "TRUST_" + string(in.Trust), Item: row.TokenID, Detail: map[string]string{"comment": row.ID}})
	})
	if err != nil {
		return nil, err
	}
	return row.Unwrap(), nil
}
