package comment

import (
	"context"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/redact"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/foundation/wordfilter"
	"github.com/tonggao/tonggao/internal/moderation/contentcheck"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/changefeed"
)

// Edit changes the text of a comment of the viewer's own. It is checked like a new one,
// and waits again where a new one would.
func (s *Service) Edit(ctx context.Context, in EditInput) (*ent.Comment, error) {
	var bad fault.Invalid
	text := checkText(&bad, "text", in.Text, 1, maxText)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	found := s.checker.Check(ctx, contentcheck.Subject{Text: text, Address: redact.Address(viewer.From(ctx).Address), Code: value(in.WechatCode)})
	if found.Action == wordfilter.Reject {
		return nil, errRejected
	}
	return s.alterOwn(ctx, in.Comment, func(ctx context.Context, c *ent.Client, row *ent.Comment) error {
		trusted, err := s.isTrusted(ctx, c)
		if err != nil {
			return err
		}
		row.Status = comment.StatusPENDING
		if trusted && found.Action < wordfilter.Hold {
			row.Status = comment.StatusAPPROVED
		}
		now := max(s.store.Clock(), row.UpdatedAt)
		row.Text, row.Found, row.EditedAt = found.Masked, optional.String(truncate(found.Reason)), &now
		return nil
	})
}

var errHidden = fault.New(fault.Conflict, "the article of this comment is not public now, so nothing under it is changed; nothing was written")

// Withdraw removes a comment of the viewer's own for good.
func (s *Service) Withdraw(ctx context.Context, id string) (*ent.Comment, error) {
	return s.alterOwn(ctx, id, func(_ context.Context, _ *ent.Client, row *ent.Comment) error {
		row.Status = comment.StatusWITHDRAWN
		return nil
	})
}

// alterOwn applies alter to a comment of the viewer's own that is pending or visible, and
// saves the result.
func (s *Service) alterOwn(ctx context.Context, id string, alter func(context.Context, *ent.Client, *ent.Comment) error) (*ent.Comment, error) {
	v := viewer.From(ctx)
	if v.TokenID == "" {
		return nil, fault.New(fault.Unauthenticated, "only a comment that was sent with a token can be changed: send the token as `Authorization: Bearer TOKEN`")
	}
	if !typeid.Is(typeid.Comment, id) {
		return nil, errNotFound
	}
	row, err := store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Comment, error) {
		system := viewer.AsSystem(ctx)
		if err := s.store.LockItems(ctx, c, id); err != nil {
			return nil, err
		}
		row, err := c.Comment.Query().Where(comment.ID(id), comment.TokenID(v.TokenID)).Only(system)
		if ent.IsNotFound(err) {
			return nil, errNotFound
		}
		if err != nil {
			return nil, fmt.Errorf("read a comment of one's own: %w", err)
		}
		if visible, err := c.Article.Query().Where(article.ID(row.ArticleID)).Exist(ctx); err != nil {
			return nil, fmt.Errorf("read the article of a comment of one's own: %w", err)
		} else if !visible {
			return nil, errHidden
		}
		before, text := row.Status, row.Text
		if before != comment.StatusPENDING && before != comment.StatusAPPROVED {
			return nil, fault.New(fault.Conflict, "this comment was decided on or withdrawn, so it cannot be changed; write a new one")
		}
		if err := alter(ctx, c, row); err != nil {
			return nil, err
		}
		row.UpdatedAt = max(s.store.Clock(), row.UpdatedAt)
		system, ctx = noticed(system, row, before), noticed(ctx, row, before)
		n, err := c.Comment.Update().Where(comment.ID(id), comment.StatusEQ(before)).SetStatus(row.Status).SetText(row.Text).
			SetFound(row.Found).SetNillableEditedAt(row.EditedAt).SetUpdatedAt(row.UpdatedAt).Save(system)
		if err != nil {
			return nil, fmt.Errorf("change a comment: %w", err)
		}
		if n == 0 {
			return nil, fault.New(fault.Conflict, "a moderator decided on this comment at the same moment; nothing was written: look at it again")
		}
		if row.Text != text && before == row.Status && row.Status == comment.StatusAPPROVED {
			return row, s.logChange(ctx, c, row, changefeed.Entry{Kind: changefeed.Updated})
		}
		return row, s.countAndLog(ctx, c, row, before, changefeed.Entry{Kind: changefeed.Deleted})
	})
	if err != nil {
		return nil, err
	}
	row.OriginAddress = redact.Address(row.OriginAddress)
	return row, nil
}
