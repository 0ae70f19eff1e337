package follower

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/ent"
	entarticle "github.com/tonggao/tonggao/ent/article"
	entcomment "github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/input"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/sync/archive"
)

// deletedText replaces the text of a comment that is no longer public, so that its
// replies stay in the thread.
const deletedText = "（已删除）"

// apply applies one change to the copy, in the transaction of ctx.
func (f *Follower) apply(ctx context.Context, c *ent.Client, s *state, ch Change) error {
	remove := ch.removes()
	var err error
	switch {
	case ch.ItemType == "ARTICLE" && remove:
		err = tolerate(f.removeArticle(ctx, c, ch))
	case ch.ItemType == "ARTICLE":
		err = f.putArticle(ctx, c, ch)
	case ch.ItemType == "COMMENT" && remove:
		err = f.removeComment(ctx, c, ch)
	case ch.ItemType == "COMMENT":
		err = f.putComment(ctx, c, ch)
	case ch.ItemType == "CATEGORY" && remove:
		delete(s.Waiting, ch.ItemID)
		err = tolerate(f.Categories.Delete(ctx, ch.ItemID))
	case ch.ItemType == "CATEGORY":
		err = f.putCategory(ctx, c, s, ch)
	case ch.ItemType == "REGION" && remove:
		err = tolerate(f.Regions.Delete(ctx, ch.ItemID))
	case ch.ItemType == "REGION":
		err = put(ctx, f, c, ch, func(i changefeed.RegionItem) any {
			clean(&i.Name)
			return &archive.Region{ID: ch.ItemID, Slug: i.Slug, Name: i.Name, Position: i.Position, CreatedAt: i.CreatedAt, UpdatedAt: i.UpdatedAt}
		})
	case ch.ItemType == "PUBLISHER" && remove:
		err = tolerate(f.Publishers.Delete(ctx, ch.ItemID))
	case ch.ItemType == "PUBLISHER":
		err = put(ctx, f, c, ch, func(i changefeed.PublisherItem) any {
			clean(&i.Name)
			return &archive.Publisher{ID: ch.ItemID, Name: i.Name, Public: i.Public, CreatedAt: i.CreatedAt, UpdatedAt: i.UpdatedAt}
		})
	} // a newer remote may have other types, which this version cannot show
	if err == nil && remove && ch.Purge {
		err = changefeed.Purge(ctx, c, ch.ItemID)
	}
	if err != nil {
		return fmt.Errorf("%s %s of %s: %w", strings.ToLower(ch.Kind), strings.ToLower(ch.ItemType), ch.ItemID, err)
	}
	return nil
}

// put decodes the item of a change, and writes it as the line that convert returns.
func put[I any](ctx context.Context, f *Follower, c *ent.Client, ch Change, convert func(I) any) error {
	var item I
	if err := json.Unmarshal(ch.Item, &item); err != nil {
		return fmt.Errorf("decode the item: %w", err)
	}
	return f.Importer.Put(ctx, c, convert(item))
}

// clean removes the characters that this version refuses: the remote may be an older one
// that accepted them, and must not stop the copy.
func clean[S ~string](texts ...*S) {
	for _, text := range texts {
		*text = S(input.Clean(string(*text)))
	}
}

// tolerate ignores the errors of removing what does not exist here, or is kept here for a
// reason: an article that is taken down, and a category that still has one.
func tolerate(err error) error {
	var bad fault.Invalid
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict) || errors.As(err, &bad) {
		return nil
	}
	return err
}

// putArticle writes an article, unless it was taken down here: then only a moderator of
// this installation can show it again.
func (f *Follower) putArticle(ctx context.Context, c *ent.Client, ch Change) error {
	old, err := c.Article.Get(ctx, ch.ItemID)
	if err != nil && !ent.IsNotFound(err) {
		return fmt.Errorf("read the copy: %w", err)
	}
	r := article.Record{ID: ch.ItemID, Status: entarticle.StatusPUBLISHED, Version: max(1, ch.Version)}
	if err == nil {
		if old.Status == entarticle.StatusTAKEN_DOWN {
			return nil
		}
		r.ViewCount, r.ImportKey = old.ViewCount, old.ImportKey
	}
	ch.Item = f.remote.resolvePictures(ch.Item)
	return put(ctx, f, c, ch, func(i article.Frozen) any {
		r.Content, r.PublishedAt, r.ExpiresAt, r.CreatedAt, r.UpdatedAt = i.Content, i.PublishedAt, i.ExpiresAt, i.CreatedAt, i.UpdatedAt
		r.OriginAddress, r.IPRegion = string(i.OriginIP), i.IPRegion
		clean(&r.Title)
		clean(&r.Subtitle, &r.Lead, &r.Author, &r.SourceName)
		for n := range r.Tags {
			clean(&r.Tags[n])
		}
		return &r
	})
}

// resolvePictures makes the addresses of pictures on the remote absolute.
func (r *Remote) resolvePictures(item json.RawMessage) json.RawMessage {
	text := string(item)
	for _, field := range []string{"src", "cover"} {
		text = strings.ReplaceAll(text, `"`+field+`":"/`, `"`+field+`":"`+r.address+`/`)
	}
	return json.RawMessage(text)
}

// putCategory writes a category. One that arrives before its parent waits at the top of
// the tree.
func (f *Follower) putCategory(ctx context.Context, c *ent.Client, s *state, ch Change) error {
	delete(s.Waiting, ch.ItemID)
	var i changefeed.CategoryItem
	if err := json.Unmarshal(ch.Item, &i); err != nil {
		return fmt.Errorf("decode the item: %w", err)
	}
	clean(&i.Name)
	if i.Parent != "" {
		_, err := c.Category.Get(ctx, string(i.Parent))
		if ent.IsNotFound(err) {
			s.Waiting[ch.ItemID] = string(i.Parent)
			i.Parent, err = "", nil
		}
		if err != nil {
			return fmt.Errorf("read the parent: %w", err)
		}
	}
	lines := []any{&archive.Category{ID: ch.ItemID, Parent: i.Parent, Slug: i.Slug, Name: i.Name, Position: i.Position,
		Terminals: i.Terminals, CreatedAt: i.CreatedAt, UpdatedAt: i.UpdatedAt}}
	for child, parent := range s.Waiting {
		if parent != ch.ItemID {
			continue
		}
		row, err := c.Category.Get(ctx, child)
		if err != nil {
			return fmt.Errorf("read a waiting category: %w", err)
		}
		line := archive.FromCategory(row)
		line.Parent = optional.String(parent)
		lines = append(lines, &line)
		delete(s.Waiting, child)
	}
	return f.Importer.Put(ctx, c, lines...)
}

// putComment writes a comment, unless it was taken down here. A parent that is not public
// is represented by a placeholder.
func (f *Follower) putComment(ctx context.Context, c *ent.Client, ch Change) error {
	var i changefeed.CommentItem
	if err := json.Unmarshal(ch.Item, &i); err != nil {
		return fmt.Errorf("decode the item: %w", err)
	}
	clean(&i.Text)
	clean(&i.Author)
	public, err := c.Article.Query().Where(entarticle.ID(i.Article)).Exist(ctx)
	if err != nil {
		return fmt.Errorf("look up the article: %w", err)
	}
	if !public {
		return nil // it is kept here for a reason, and the remote does not change it
	}
	line := archive.Comment{ID: ch.ItemID, Article: i.Article, Parent: optional.String(deref(i.Parent)), Quote: optional.String(deref(i.Quote)),
		Author: i.Author, Text: i.Text, Status: entcomment.StatusAPPROVED, CreatedAt: i.CreatedAt, UpdatedAt: i.CreatedAt,
		EditedAt: i.EditedAt, OriginAddress: string(i.OriginIP), IPRegion: i.IPRegion}
	old, err := c.Comment.Get(ctx, ch.ItemID)
	switch {
	case ent.IsNotFound(err):
	case err != nil:
		return fmt.Errorf("read the copy: %w", err)
	case old.Status == entcomment.StatusTAKEN_DOWN:
		return nil
	default:
		if err := fillPlaceholder(ctx, c, line); err != nil {
			return err
		}
	}
	lines := []any{&line}
	if line.Parent != "" {
		found, err := c.Comment.Query().Where(entcomment.ID(string(line.Parent))).Exist(ctx)
		if err != nil {
			return fmt.Errorf("look up the parent: %w", err)
		}
		if !found {
			lines = []any{&archive.Comment{ID: string(line.Parent), Article: line.Article, Text: deletedText,
				Status: entcomment.StatusWITHDRAWN, CreatedAt: line.CreatedAt, UpdatedAt: line.CreatedAt}, &line}
		}
	}
	return f.Importer.Put(ctx, c, lines...)
}

// fillPlaceholder gives the placeholder of a comment what never changes of the comment
// itself.
func fillPlaceholder(ctx context.Context, c *ent.Client, line archive.Comment) error {
	err := c.Comment.Update().Where(entcomment.ID(line.ID), entcomment.StatusEQ(entcomment.StatusWITHDRAWN)).Modify(func(u *sql.UpdateBuilder) {
		u.Set(entcomment.FieldCreatedAt, int64(line.CreatedAt)).Set(entcomment.FieldOriginAddress, line.OriginAddress).Set(entcomment.FieldIPRegion, line.IPRegion)
		setOrNull(u, entcomment.FieldParentID, line.Parent)
		setOrNull(u, entcomment.FieldQuoteID, line.Quote)
	}).Exec(ctx)
	if err != nil {
		return fmt.Errorf("fill a placeholder: %w", err)
	}
	return nil
}

func setOrNull(u *sql.UpdateBuilder, column string, value optional.String) {
	if value == "" {
		u.SetNull(column)
		return
	}
	u.Set(column, string(value))
}

// removeArticle deletes an article with its comments; after a purge also what the copy's
// own change feed has of them.
func (f *Follower) removeArticle(ctx context.Context, c *ent.Client, ch Change) error {
	if !ch.Purge {
		return f.Articles.Delete(ctx, ch.ItemID)
	}
	comments, err := c.Comment.Query().Where(entcomment.ArticleID(ch.ItemID)).IDs(ctx)
	if err != nil {
		return fmt.Errorf("list the comments: %w", err)
	}
	if err := f.Articles.Delete(ctx, ch.ItemID); err != nil {
		return err
	}
	return changefeed.Blank(ctx, c, append(comments, ch.ItemID)...)
}

// removeComment replaces a comment by a placeholder; after a purge also in the copy's own
// change feed.
func (f *Follower) removeComment(ctx context.Context, c *ent.Client, ch Change) error {
	if ch.Purge {
		if err := changefeed.Blank(ctx, c, ch.ItemID); err != nil {
			return err
		}
	}
	old, err := c.Comment.Get(ctx, ch.ItemID)
	if ent.IsNotFound(err) || err == nil && old.Status != entcomment.StatusAPPROVED {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the copy: %w", err)
	}
	line := archive.FromComment(old)
	line.Author, line.Text, line.Status, line.EditedAt, line.UpdatedAt = "", deletedText, entcomment.StatusWITHDRAWN, nil, max(line.UpdatedAt, f.Store.Clock())
	return f.Importer.Put(ctx, c, &line)
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
