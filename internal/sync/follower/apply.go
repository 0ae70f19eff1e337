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
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/sync/archive"
)

// gone stands where the text of a comment stood that is not to be seen any more:
// answers to it keep their place.
const gone = "（已删除）"

// apply does one change to the copy, in the transaction of ctx.
func (f *Follower) apply(ctx context.Context, c *ent.Client, s *state, ch Change) error {
	remove := len(ch.Item) == 0 || string(ch.Item) == "null"
	if ch.Purge {
		ctx = changefeed.Purging(ctx)
	}
	var err error
	switch {
	case ch.ItemType == "ARTICLE" && remove:
		err = unless(f.removeArticle(ctx, c, ch))
	case ch.ItemType == "ARTICLE":
		err = f.putArticle(ctx, c, ch)
	case ch.ItemType == "COMMENT" && remove:
		err = f.removeComment(ctx, c, ch)
	case ch.ItemType == "COMMENT":
		err = f.putComment(ctx, c, ch)
	case ch.ItemType == "CATEGORY" && remove:
		delete(s.Waiting, ch.ItemID)
		err = unless(f.Categories.Delete(ctx, ch.ItemID))
	case ch.ItemType == "CATEGORY":
		err = f.putCategory(ctx, c, s, ch)
	case ch.ItemType == "REGION" && remove:
		err = unless(f.Regions.Delete(ctx, ch.ItemID))
	case ch.ItemType == "REGION":
		err = put(ctx, f, c, ch, func(i changefeed.RegionItem) any {
			return &archive.Region{ID: ch.ItemID, Slug: i.Slug, Name: i.Name, Position: i.Position, CreatedAt: i.CreatedAt, UpdatedAt: i.UpdatedAt}
		})
	case ch.ItemType == "PUBLISHER" && remove:
		err = unless(f.Publishers.Delete(ctx, ch.ItemID))
	case ch.ItemType == "PUBLISHER":
		err = put(ctx, f, c, ch, func(i changefeed.PublisherItem) any {
			return &archive.Publisher{ID: ch.ItemID, Name: i.Name, Public: i.Public, CreatedAt: i.CreatedAt, UpdatedAt: i.UpdatedAt}
		})
	} // a newer remote may know other things, which this program cannot show
	if err != nil {
		return fmt.Errorf("%s %s of %s: %w", strings.ToLower(ch.Kind), strings.ToLower(ch.ItemType), ch.ItemID, err)
	}
	return nil
}

// put writes the item of a change as the line of an archive that as makes of it.
func put[I any](ctx context.Context, f *Follower, c *ent.Client, ch Change, as func(I) any) error {
	var item I
	if err := json.Unmarshal(ch.Item, &item); err != nil {
		return fmt.Errorf("read the item: %w", err)
	}
	return f.Importer.Put(ctx, c, as(item))
}

// unless passes over what is not there, and what is kept here for a reason: an
// article under a measure, and a place that still holds one.
func unless(err error) error {
	var bad fault.Invalid
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict) || errors.As(err, &bad) {
		return nil
	}
	return err
}

// putArticle writes an article, but not over one that was taken down here: only
// whoever took it down may show it again.
func (f *Follower) putArticle(ctx context.Context, c *ent.Client, ch Change) error {
	old, err := c.Article.Get(ctx, ch.ItemID)
	if err != nil && !ent.IsNotFound(err) {
		return err
	}
	r := article.Record{ID: ch.ItemID, Status: entarticle.StatusPUBLISHED, Version: max(1, ch.Version)}
	if err == nil {
		if old.Status == entarticle.StatusTAKEN_DOWN {
			return nil
		}
		r.ViewCount, r.ImportKey = old.ViewCount, old.ImportKey
	}
	ch.Item = f.remote.rooted(ch.Item)
	return put(ctx, f, c, ch, func(i article.Frozen) any {
		r.Content, r.PublishedAt, r.ExpiresAt, r.CreatedAt, r.UpdatedAt = i.Content, i.PublishedAt, i.ExpiresAt, i.CreatedAt, i.UpdatedAt
		r.OriginAddress, r.IPRegion = string(i.OriginIP), i.IPRegion
		return &r
	})
}

// rooted names the remote in the addresses of pictures that it keeps.
func (r *Remote) rooted(item json.RawMessage) json.RawMessage {
	text := string(item)
	for _, field := range []string{"src", "cover"} {
		text = strings.ReplaceAll(text, `"`+field+`":"/`, `"`+field+`":"`+r.address+`/`)
	}
	return json.RawMessage(text)
}

// putCategory writes a category. One that comes before what it lies below waits
// at the top for it.
func (f *Follower) putCategory(ctx context.Context, c *ent.Client, s *state, ch Change) error {
	delete(s.Waiting, ch.ItemID)
	var i changefeed.CategoryItem
	if err := json.Unmarshal(ch.Item, &i); err != nil {
		return fmt.Errorf("read the item: %w", err)
	}
	if i.Parent != "" {
		_, err := c.Category.Get(ctx, string(i.Parent))
		if ent.IsNotFound(err) {
			s.Waiting[ch.ItemID] = string(i.Parent)
			i.Parent, err = "", nil
		}
		if err != nil {
			return err
		}
	}
	things := []any{&archive.Category{ID: ch.ItemID, Parent: i.Parent, Slug: i.Slug, Name: i.Name, Position: i.Position,
		Terminals: i.Terminals, CreatedAt: i.CreatedAt, UpdatedAt: i.UpdatedAt}}
	for child, parent := range s.Waiting {
		if parent != ch.ItemID {
			continue
		}
		row, err := c.Category.Get(ctx, child)
		if err != nil {
			return err
		}
		line := archive.FromCategory(row)
		line.Parent = optional.String(parent)
		things = append(things, &line)
		delete(s.Waiting, child)
	}
	return f.Importer.Put(ctx, c, things...)
}

// putComment writes a comment, but not over one that was taken down here. Where
// the comment that it answers is not to be seen, something stands in its place.
func (f *Follower) putComment(ctx context.Context, c *ent.Client, ch Change) error {
	var i changefeed.CommentItem
	if err := json.Unmarshal(ch.Item, &i); err != nil {
		return fmt.Errorf("read the item: %w", err)
	}
	shown, err := c.Article.Query().Where(entarticle.ID(i.Article)).Exist(ctx)
	if err != nil || !shown {
		return err // what is kept of it here is not the remote's to change
	}
	line := archive.Comment{ID: ch.ItemID, Article: i.Article, Parent: optional.String(deref(i.Parent)), Quote: optional.String(deref(i.Quote)),
		Author: i.Author, Text: i.Text, Status: entcomment.StatusAPPROVED, CreatedAt: i.CreatedAt, UpdatedAt: i.CreatedAt,
		EditedAt: i.EditedAt, OriginAddress: string(i.OriginIP), IPRegion: i.IPRegion}
	old, err := c.Comment.Get(ctx, ch.ItemID)
	switch {
	case ent.IsNotFound(err):
	case err != nil:
		return err
	case old.Status == entcomment.StatusTAKEN_DOWN:
		return nil
	default:
		if err := align(ctx, c, line); err != nil {
			return err
		}
	}
	var things []any
	if line.Parent != "" {
		there, err := c.Comment.Query().Where(entcomment.ID(string(line.Parent))).Exist(ctx)
		if err != nil {
			return err
		}
		if !there {
			things = append(things, &archive.Comment{ID: string(line.Parent), Article: line.Article, Text: gone,
				Status: entcomment.StatusWITHDRAWN, CreatedAt: line.CreatedAt, UpdatedAt: line.CreatedAt})
		}
	}
	return f.Importer.Put(ctx, c, append(things, &line)...)
}

// align gives what stood in for a comment, or was left of it, what never changes
// of the comment itself.
func align(ctx context.Context, c *ent.Client, line archive.Comment) error {
	return c.Comment.Update().Where(entcomment.ID(line.ID), entcomment.StatusEQ(entcomment.StatusWITHDRAWN)).Modify(func(u *sql.UpdateBuilder) {
		u.Set(entcomment.FieldCreatedAt, int64(line.CreatedAt)).Set(entcomment.FieldOriginAddress, line.OriginAddress).Set(entcomment.FieldIPRegion, line.IPRegion)
		set(u, entcomment.FieldParentID, line.Parent)
		set(u, entcomment.FieldQuoteID, line.Quote)
	}).Exec(ctx)
}

func set(u *sql.UpdateBuilder, column string, value optional.String) {
	if value == "" {
		u.SetNull(column)
		return
	}
	u.Set(column, string(value))
}

// removeArticle deletes an article with its comments; where the remote says that nothing of
// it may stay, also what the copy's own change log has of them.
func (f *Follower) removeArticle(ctx context.Context, c *ent.Client, ch Change) error {
	if !ch.Purge {
		return f.Articles.Delete(ctx, ch.ItemID)
	}
	said, err := c.Comment.Query().Where(entcomment.ArticleID(ch.ItemID)).IDs(ctx)
	if err != nil {
		return err
	}
	if err := f.Articles.Delete(ctx, ch.ItemID); err != nil {
		return err
	}
	return changefeed.Blank(ctx, c, append(said, ch.ItemID)...)
}

// removeComment leaves nothing of a comment but its place; where the remote says so, not
// even in the copy's own change log.
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
		return err
	}
	line := archive.FromComment(old)
	line.Author, line.Text, line.Status, line.EditedAt, line.UpdatedAt = "", gone, entcomment.StatusWITHDRAWN, nil, max(line.UpdatedAt, f.Store.Clock())
	return f.Importer.Put(ctx, c, &line)
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
