package importer

import (
	"context"
	"fmt"
	"maps"

	"github.com/tonggao/tonggao/ent"
	entarticle "github.com/tonggao/tonggao/ent/article"
	entcomment "github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/takedown"
	"github.com/tonggao/tonggao/ent/tombstone"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/sync/archive"
)

// Why a line is skipped: something was decided here that the archive does not know.
const (
	whyDeleted = "its article was deleted here; import --revive brings such articles back"
	whyDown    = "it is taken down here, and no import shows or changes it; a moderator can restore it"
	whyErased  = "it was erased here, with its author; no import brings it back"
	whyInForce = "the takedown is in force here, and no import lifts it; a moderator can restore its item"
	whyAnother = "its item is down here already, because of another takedown, which stays as it is"
)

// protected holds the ids that decisions made here protect from a batch of lines.
type protected struct {
	deleted, down, inForce, erased map[string]bool
}

// protect returns what of batch is protected, in a few statements of any size, and
// applies earlier erasures to the lines.
func (r *run) protect(ctx context.Context, c *ent.Client, batch []line) (p protected, err error) {
	var owners, articles, comments, takedowns []string
	for _, l := range batch {
		switch v := l.value.(type) {
		case *article.Record:
			owners, articles = append(owners, v.ID), append(articles, v.ID)
		case *archive.Revision:
			owners = append(owners, v.Article)
		case *archive.Comment:
			owners, comments = append(owners, v.Article), append(comments, v.ID)
		case *archive.Views:
			owners = append(owners, v.Article)
		case *archive.Takedown:
			takedowns = append(takedowns, v.ID)
		}
	}
	if r.Revive {
		owners = nil
	}
	if p.deleted, err = find(ctx, owners, c.Tombstone.Query().Where(tombstone.IDIn(owners...)).IDs); err != nil {
		return p, fmt.Errorf("look up deleted articles: %w", err)
	}
	p.down, err = find(ctx, articles, c.Article.Query().Where(entarticle.IDIn(articles...), entarticle.StatusEQ(entarticle.StatusTAKEN_DOWN)).IDs)
	if err != nil {
		return p, fmt.Errorf("look up articles that are taken down: %w", err)
	}
	down, err := find(ctx, comments, c.Comment.Query().Where(entcomment.IDIn(comments...), entcomment.StatusEQ(entcomment.StatusTAKEN_DOWN)).IDs)
	if err != nil {
		return p, fmt.Errorf("look up comments that are taken down: %w", err)
	}
	maps.Copy(p.down, down)
	p.inForce, err = find(ctx, takedowns, c.Takedown.Query().Where(takedown.IDIn(takedowns...), takedown.LiftedAtIsNil()).IDs)
	if err != nil {
		return p, fmt.Errorf("look up takedowns in force: %w", err)
	}
	if p.erased, err = applyErasure(ctx, c, batch); err != nil {
		return p, fmt.Errorf("look up what was erased: %w", err)
	}
	return p, nil
}

// find returns the ids that query finds as a set. Without wanted ids it asks nothing.
func find(ctx context.Context, wanted []string, query func(context.Context) ([]string, error)) (map[string]bool, error) {
	set := map[string]bool{}
	if len(wanted) == 0 {
		return set, nil
	}
	ids, err := query(ctx)
	for _, id := range ids {
		set[id] = true
	}
	return set, err
}

// skip returns why a line is skipped; "" if it is not. A line that is equal to what is
// here is never skipped.
func (p protected) skip(ctx context.Context, c *ent.Client, value any) (string, error) {
	switch v := value.(type) {
	case *article.Record:
		if p.down[v.ID] {
			a, err := c.Article.Query().Where(entarticle.ID(v.ID)).WithBody().Only(ctx)
			if err != nil {
				return "", fmt.Errorf("read %s: %w", v.ID, err)
			}
			old, err := article.RecordOf(a, a.Edges.Body)
			return when(!equal(old, *v), whyDown), err
		}
		return when(p.deleted[v.ID], whyDeleted), nil
	case *archive.Revision:
		return when(p.deleted[v.Article], whyDeleted), nil
	case *archive.Views:
		return when(p.deleted[v.Article], whyDeleted), nil
	case *archive.Comment:
		if p.erased[v.ID] {
			return whyErased, nil
		}
		if p.down[v.ID] {
			old, err := c.Comment.Get(ctx, v.ID)
			if err != nil {
				return "", fmt.Errorf("read %s: %w", v.ID, err)
			}
			return when(!equal(archive.FromComment(old), *v), whyDown), nil
		}
		return when(p.deleted[v.Article], whyDeleted), nil
	case *archive.Attachment:
		return when(p.erased[v.ID], whyErased), nil
	case *archive.Takedown:
		if v.LiftedAt != nil {
			return when(p.inForce[v.ID], whyInForce), nil
		}
		another, err := c.Takedown.Query().Where(takedown.Item(v.Item), takedown.LiftedAtIsNil(), takedown.IDNEQ(v.ID)).Exist(ctx)
		if err != nil {
			return "", fmt.Errorf("look for another takedown of %s: %w", v.Item, err)
		}
		return when(another, whyAnother), nil
	}
	return "", nil
}

func when(condition bool, why string) string {
	if condition {
		return why
	}
	return ""
}

// skipPage returns why a page is skipped; "" if it is not. A page that was deleted and is
// revived gets the id that it had.
func (i *Importer) skipPage(ctx context.Context, c *ent.Client, r *article.Record) (string, error) {
	old, err := c.Article.Get(ctx, r.ID)
	switch {
	case err == nil:
		return when(old.Status == entarticle.StatusTAKEN_DOWN && old.Version != r.Version, whyDown), nil
	case !ent.IsNotFound(err):
		return "", fmt.Errorf("look up an article: %w", err)
	}
	deleted, err := c.Tombstone.Query().Where(tombstone.ImportKey(*r.ImportKey)).Order(tombstone.ByID()).First(ctx)
	switch {
	case ent.IsNotFound(err):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("look up a deleted article: %w", err)
	}
	r.ID = deleted.ID
	return when(!i.Revive, whyDeleted), nil
}
