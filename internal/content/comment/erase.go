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

// Forget takes a comment away for good, and with it who wrote it: its words, its name, its
// address, and what the change log holds of them. The row stays, withdrawn, as answers hang
// on it; whoever keeps a copy is told to delete it. In the transaction of ctx.
func (s *Service) Forget(ctx context.Context, c *ent.Client, row *ent.Comment) error {
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
		return fmt.Errorf("forget who wrote %s: %w", row.ID, err)
	}
	if n == 0 {
		return fault.New(fault.Conflict, "somebody decided on %s at the same moment; try again", row.ID)
	}
	err = c.Change.Update().Where(change.ItemID(row.ID)).Modify(func(u *sql.UpdateBuilder) { u.Set(change.FieldPayload, "") }).Exec(ctx)
	if err != nil {
		return fmt.Errorf("forget %s in the change log: %w", row.ID, err)
	}
	entry := changefeed.Entry{Kind: changefeed.Deleted, Reason: "its writer asked to be forgotten", Purge: true}
	if before == comment.StatusAPPROVED {
		return s.follow(ctx, c, row, before, entry)
	}
	known, err := c.Change.Query().Where(change.ItemID(row.ID)).Exist(ctx)
	if err != nil || !known {
		return err
	}
	return s.tell(ctx, c, row, entry)
}
