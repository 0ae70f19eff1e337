package comment

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/change"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/redact"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/changefeed"
)

// Erase removes a comment and the personal data of its author for good: text, name,
// address, and what the change feed has of them. The row stays as WITHDRAWN, as replies
// refer to it; the change feed asks clients to purge their copies. It runs in the
// transaction of ctx.
func (s *Service) Erase(ctx context.Context, c *ent.Client, row *ent.Comment) error {
	ctx = viewer.AsSystem(ctx)
	before := row.Status
	row.Status, row.UpdatedAt = comment.StatusWITHDRAWN, max(s.store.Clock(), row.UpdatedAt)
	row.Text, row.Author, row.Found, row.Reason, row.OriginAddress, row.IPRegion, row.TokenID = redact.Erased, "", "", "", "", "", ""
	n, err := c.Comment.Update().Where(comment.ID(row.ID), comment.StatusEQ(before)).SetStatus(row.Status).SetText(row.Text).
		SetAuthor("").SetFound("").SetReason("").SetUpdatedAt(row.UpdatedAt).
		Modify(func(u *sql.UpdateBuilder) {
			u.Set(comment.FieldOriginAddress, "").Set(comment.FieldIPRegion, "").Set(comment.FieldTokenID, "")
		}).Save(ctx)
	if err != nil {
		return fmt.Errorf("erase %s: %w", row.ID, err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "%s was moderated at the same moment; try again", row.ID)
	}
	if err := changefeed.Blank(ctx, c, row.ID); err != nil {
		return err
	}
	entry := changefeed.Entry{Kind: changefeed.Deleted, Reason: "its writer asked to be forgotten", Purge: true}
	if before == comment.StatusAPPROVED {
		return s.countAndLog(ctx, c, row, before, entry)
	}
	logged, err := c.Change.Query().Where(change.ItemID(row.ID)).Exist(ctx)
	if err != nil {
		return fmt.Errorf("look for %s in the change log: %w", row.ID, err)
	}
	if !logged {
		return nil
	}
	return s.logChange(ctx, c, row, entry)
}
