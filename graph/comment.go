package graph

import (
	"context"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/graph/model"
	"github.com/tonggao/tonggao/internal/content/comment"
	"github.com/tonggao/tonggao/internal/foundation/redact"
)

type commentConnection = comment.Connection

func (r *queryResolver) Comments(ctx context.Context, filter *comment.Filter, first *int, after *string, last *int, before *string) (*comment.Connection, error) {
	return r.Resolver.Comments.List(ctx, filter, request(ctx, first, after, last, before))
}

func commentID(c *ent.Comment) string { return c.ID }

func (r *commentResolver) Article(ctx context.Context, c *ent.Comment) (*ent.Article, error) {
	articleOf := func(c *ent.Comment) string { return c.ArticleID }
	return required(loadBatch(ctx, c.Group, c, c.ArticleID, byIDs(articleOf, r.Articles.ByIDs)))
}

func (r *commentResolver) Parent(ctx context.Context, c *ent.Comment) (*ent.Comment, error) {
	parentOf := func(c *ent.Comment) string { return deref(c.ParentID) }
	return loadBatch(ctx, c.Group, c, parentOf(c), byIDs(parentOf, r.Comments.ByIDs))
}

func (r *commentResolver) Quote(ctx context.Context, c *ent.Comment) (*ent.Comment, error) {
	quoteOf := func(c *ent.Comment) string { return deref(c.QuoteID) }
	return loadBatch(ctx, c.Group, c, quoteOf(c), byIDs(quoteOf, r.Comments.ByIDs))
}

func (r *commentResolver) Replies(ctx context.Context, c *ent.Comment, first *int, after *string, last *int, before *string) (*comment.Connection, error) {
	return loadBatch(ctx, c.Group, c, c.ID, byIDs(commentID, func(ctx context.Context, ids []string) (map[string]*comment.Connection, error) {
		return r.Comments.Replies(ctx, ids, request(ctx, first, after, last, before))
	}))
}

func (r *commentResolver) OriginIPMasked(_ context.Context, c *ent.Comment) (*string, error) {
	return orNil(redact.Address(c.OriginAddress)), nil
}

func (r *commentResolver) Reason(_ context.Context, c *ent.Comment) (*string, error) {
	return orNil(c.Reason), nil
}

func (r *mutationResolver) AddComment(ctx context.Context, input comment.AddInput) (*model.CommentPayload, error) {
	if err := r.WriteLimit.Take(ctx, &input.Text, input.AuthorName); err != nil {
		return nil, err
	}
	return commentPayload(r.Comments.Add(ctx, input))
}

func (r *mutationResolver) ModerateComment(ctx context.Context, input comment.ModerateInput) (*model.CommentPayload, error) {
	return commentPayload(r.Comments.Moderate(ctx, input))
}

func (r *mutationResolver) EditComment(ctx context.Context, input comment.EditInput) (*model.CommentPayload, error) {
	if err := r.WriteLimit.Take(ctx, &input.Text); err != nil {
		return nil, err
	}
	return commentPayload(r.Comments.Edit(ctx, input))
}

func (r *mutationResolver) WithdrawComment(ctx context.Context, input model.WithdrawCommentInput) (*model.CommentPayload, error) {
	return commentPayload(r.Comments.Withdraw(ctx, input.Comment))
}

func (r *mutationResolver) TrustCommenter(ctx context.Context, input comment.TrustInput) (*model.CommentPayload, error) {
	return commentPayload(r.Comments.Trust(ctx, input))
}

func (r *mutationResolver) ModerateComments(ctx context.Context, input comment.BulkInput) (*model.ModerateCommentsPayload, error) {
	return bulkPayload(r.Comments.ModerateMany(ctx, input))
}

func (r *mutationResolver) UndoModeration(ctx context.Context, input model.UndoModerationInput) (*model.ModerateCommentsPayload, error) {
	return bulkPayload(r.Comments.Undo(ctx, input.Undo))
}

// bulkPayload returns the payload of a decision on several comments.
func bulkPayload(b *comment.Bulk, err error) (*model.ModerateCommentsPayload, error) {
	invalid, err := userErrors(err)
	payload := &model.ModerateCommentsPayload{Changed: []string{}, Left: []string{}, UserErrors: invalid}
	if b != nil {
		payload.Undo, payload.Changed, payload.Left = orNil(b.Undo), b.Changed, b.Left
	}
	return payload, err
}

func commentPayload(c *ent.Comment, err error) (*model.CommentPayload, error) {
	invalid, err := userErrors(err)
	return &model.CommentPayload{Comment: c, UserErrors: invalid}, err
}
