package loadgen

import (
	"context"
	"fmt"
	"strings"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/store/search"
)

// leadSize is the length of the leads that article.Service generates.
const leadSize = 200

// write writes articles with everything that depends on them, in bulk, as article.Service
// does for one article.
func (g *site) write(ctx context.Context, c *ent.Client, drafts []*draft) error {
	var articles []*ent.ArticleCreate
	var bodies []*ent.BodyCreate
	var tags []*ent.TaggingCreate
	var comments []*ent.CommentCreate
	var entries []changefeed.Entry
	for _, d := range drafts {
		articles = append(articles, d.row(c))
		bodies = append(bodies, c.Body.Create().SetID(d.ID).SetArticleID(d.ID).SetDocument(d.document).SetHash(d.hash))
		for _, tag := range d.Tags {
			tags = append(tags, c.Tagging.Create().SetArticleID(d.ID).SetTag(tag).SetListedAt(*d.PublishedAt))
		}
		for _, r := range d.comments {
			comments = append(comments, c.Comment.Create().SetID(r.id).SetArticleID(d.ID).SetText(r.text).SetAuthor(optional.String(r.author)).
				SetStatus(r.status).SetCreatedAt(r.at).SetUpdatedAt(r.at).SetOriginAddress(r.address))
		}
		entries = append(entries, changefeed.Entry{Kind: changefeed.Created, Type: "Article", ID: d.ID, Version: d.Version, Item: d.frozen,
			Place: &changefeed.Placement{Category: d.Category, Region: string(d.Region), Terminals: terminal.SetOf(d.Terminals...)}})
	}
	for _, step := range []func(context.Context) error{c.Article.CreateBulk(articles...).Exec, c.Body.CreateBulk(bodies...).Exec,
		c.Tagging.CreateBulk(tags...).Exec} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	written, err := c.Comment.CreateBulk(comments...).Save(ctx)
	if err != nil {
		return err
	}
	for _, row := range written {
		if row.Status == comment.StatusAPPROVED {
			entries = append(entries, changefeed.CommentEntry(changefeed.Created, row, 1))
		}
	}
	for _, d := range drafts {
		text := strings.Join([]string{d.Title, string(d.Subtitle), string(d.Lead), d.text}, "\n")
		if err := search.Put(ctx, c, g.store.Engine, d.SearchSlot, text); err != nil {
			return err
		}
	}
	if err := g.log.Append(ctx, c, entries...); err != nil {
		return fmt.Errorf("append the articles to the change log: %w", err)
	}
	return nil
}

// row returns the row of the article itself.
func (d *draft) row(c *ent.Client) *ent.ArticleCreate {
	approved := 0
	for _, r := range d.comments {
		if r.status == comment.StatusAPPROVED {
			approved++
		}
	}
	row := c.Article.Create().SetID(d.ID).SetSlug(d.Slug).SetStatus(d.Status).SetTitle(d.Title).SetLead(d.lead).SetLeadAuto(true).
		SetAuthor(d.Author).SetTags(d.Tags).SetCommentsOpen(d.CommentsOpen).SetCategoryID(d.Category).SetPublisherID(d.Publisher).
		SetPublishedAt(*d.PublishedAt).SetListedAt(*d.PublishedAt).SetCreatedAt(d.CreatedAt).SetUpdatedAt(d.UpdatedAt).
		SetVersion(d.Version).SetViewCount(d.ViewCount).SetCommentCount(approved).SetOriginAddress(d.OriginAddress).SetSearchSlot(d.SearchSlot)
	if d.Region != "" {
		row.SetRegionID(string(d.Region))
	}
	return row
}
