package comment

import (
	"context"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/internal/fault"
	"github.com/tonggao/tonggao/internal/gid"
	"github.com/tonggao/tonggao/internal/mask"
	"github.com/tonggao/tonggao/internal/maybe"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/viewer"
)

var errNoArticle = fault.New(fault.NotFound, "there is no such article, or it is not for you to see")

// Add writes a comment under an article that the viewer sees. It waits for a
// moderator.
func (s *Service) Add(ctx context.Context, in AddInput) (*ent.Comment, error) {
	var bad fault.Invalid
	text := tidied(&bad, "text", &in.Text, 1, maxText, lines)
	author := tidied(&bad, "authorName", in.AuthorName, 0, maxAuthor, "")
	if err := s.checkPlace(ctx, in, &bad); err != nil {
		return nil, err
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	now, v := s.store.Clock(), viewer.From(ctx)
	row, err := store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Comment, error) {
		return c.Comment.Create().SetID(gid.New(gid.Comment, now)).
			SetArticleID(in.Article).SetNillableParentID(in.Parent).
			SetText(text).SetAuthor(maybe.String(author)).SetStatus(comment.StatusPENDING).
			SetCreatedAt(now).SetUpdatedAt(now).SetOriginAddress(v.Address).SetTokenID(v.TokenID).
			Save(ctx)
	})
	if store.IsReferenced(err) { // deleted since it was looked at
		return nil, errNoArticle
	}
	if err != nil {
		return nil, fmt.Errorf("add a comment: %w", err)
	}
	row.OriginAddress = mask.Address(row.OriginAddress)
	return row, nil
}

// checkPlace looks whether in's article takes comments and its parent stands
// under it.
func (s *Service) checkPlace(ctx context.Context, in AddInput, bad *fault.Invalid) error {
	if !gid.Is(gid.Article, in.Article) {
		return errNoArticle
	}
	client := s.store.Client(ctx)
	a, err := client.Article.Query().Where(article.ID(in.Article)).Select(article.FieldCommentsOpen).Only(ctx)
	if ent.IsNotFound(err) {
		return errNoArticle
	}
	if err != nil {
		return fmt.Errorf("look up the article of a comment: %w", err)
	}
	if !a.CommentsOpen {
		bad.Add("NOT_ALLOWED", "article", "comments on this article are closed")
	}
	if in.Parent == nil {
		return nil
	}
	known := gid.Is(gid.Comment, *in.Parent)
	if known {
		known, err = client.Comment.Query().Where(comment.ID(*in.Parent), comment.ArticleID(in.Article)).Exist(ctx)
	}
	if err != nil {
		return fmt.Errorf("look up the comment that is answered: %w", err)
	}
	if !known {
		bad.Add("UNKNOWN", "parent", "there is no such comment under this article; leave it out to start a new thread")
	}
	return nil
}
