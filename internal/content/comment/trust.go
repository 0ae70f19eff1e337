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
	"github.com/tonggao/tonggao/internal/store/audit"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// probation is how long a comment that was rejected or taken down costs its writer the
// trust that was earned.
const probation = 90 * 24 * time.Hour

// trusts reports whether the comments of the viewer are seen at once: those of a reader
// whom a moderator trusts, or who earned it by so many approved comments and none that
// was refused lately. Who has no token is never trusted.
func (s *Service) trusts(ctx context.Context, c *ent.Client) (bool, error) {
	v, system := viewer.From(ctx), viewer.AsSystem(ctx)
	if !v.Is(viewer.Reader) || v.TokenID == "" {
		return false, nil
	}
	row, err := c.Token.Query().Where(token.ID(v.TokenID)).Select(token.FieldTrust).Only(system)
	if ent.IsNotFound(err) || err == nil && row.Trust == token.TrustWAITS {
		return false, nil
	}
	if err != nil || row.Trust == token.TrustTRUSTED {
		return err == nil, err
	}
	least, err := s.earned(ctx)
	if err != nil || least == 0 {
		return false, err
	}
	refused, err := c.Comment.Query().Where(comment.TokenID(v.TokenID), comment.CreatedAtGT(s.store.Clock().Add(-probation)),
		comment.StatusIn(comment.StatusREJECTED, comment.StatusTAKEN_DOWN)).Exist(system)
	if err != nil || refused {
		return false, err
	}
	good, err := c.Comment.Query().Where(comment.TokenID(v.TokenID), comment.StatusEQ(comment.StatusAPPROVED)).Limit(least).IDs(system)
	return len(good) >= least, err
}

// Trust says whether the comments of whoever wrote one wait from now on. For moderators.
func (s *Service) Trust(ctx context.Context, in TrustInput) (*ent.Comment, error) {
	if v := viewer.From(ctx); !policy.IsModerator(v) {
		return nil, policy.Denied(v)
	}
	var row *ent.Comment
	err := s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) (err error) {
		if row, err = c.Comment.Get(ctx, in.Comment); ent.IsNotFound(err) {
			return errNotFound
		}
		if err != nil {
			return err
		}
		if row.TokenID == "" {
			var bad fault.Invalid
			bad.Add("NOT_ALLOWED", "comment", "whoever wrote it has no token, so nobody can know them again")
			return bad
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
