package importer

import (
	"context"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	entarticle "github.com/tonggao/tonggao/ent/article"
	entcomment "github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/takedown"
	"github.com/tonggao/tonggao/ent/tombstone"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/sync/archive"
)

// Why a line is skipped. An archive is older than what was decided here since, or
// of somebody who decided otherwise.
const (
	whyDeleted   = "its article was deleted here; import --revive brings such articles back"
	whyHidden    = "it is taken down here, and no import shows or changes what is; a moderator can restore it"
	whyForgotten = "it was erased here, with who wrote it; no import brings it back"
	whyInForce   = "the measure is in force here, and no import lifts it; a moderator can restore its item"
)

// spared is what must stay as it is of what some lines are about, by id.
type spared struct {
	deleted, hidden, inForce, forgotten map[string]bool
}

// spare looks up what of batch must stay as it is, in a few statements, whatever
// its size.
func (r *reading) spare(ctx context.Context, c *ent.Client, batch []line) (s spared, err error) {
	var owners, articles, comments, measures []string
	for _, l := range batch {
		switch t := l.thing.(type) {
		case *article.Record:
			owners, articles = append(owners, t.ID), append(articles, t.ID)
		case *archive.Revision:
			owners = append(owners, t.Article)
		case *archive.Comment:
			owners, comments = append(owners, t.Article), append(comments, t.ID)
		case *archive.Views:
			owners = append(owners, t.Article)
		case *archive.Takedown:
			measures = append(measures, t.ID)
		}
	}
	find := func(ids []string, query func() ([]string, error)) map[string]bool {
		if len(ids) == 0 || err != nil {
			return nil
		}
		var found []string
		found, err = query()
		return setOf(found)
	}
	if !r.Revive {
		s.deleted = find(owners, func() ([]string, error) { return c.Tombstone.Query().Where(tombstone.IDIn(owners...)).IDs(ctx) })
	}
	s.hidden = find(articles, func() ([]string, error) {
		return c.Article.Query().Where(entarticle.IDIn(articles...), entarticle.StatusEQ(entarticle.StatusTAKEN_DOWN)).IDs(ctx)
	})
	for id := range find(comments, func() ([]string, error) {
		return c.Comment.Query().Where(entcomment.IDIn(comments...), entcomment.StatusEQ(entcomment.StatusTAKEN_DOWN)).IDs(ctx)
	}) {
		if s.hidden == nil {
			s.hidden = map[string]bool{}
		}
		s.hidden[id] = true
	}
	s.inForce = find(measures, func() ([]string, error) {
		return c.Takedown.Query().Where(takedown.IDIn(measures...), takedown.LiftedAtIsNil()).IDs(ctx)
	})
	if err != nil {
		return s, fmt.Errorf("look for what stays as it is: %w", err)
	}
	return s, nil
}

func setOf(ids []string) map[string]bool {
	set := make(map[string]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
}

// why says why a line is skipped; empty: it is not. What a line leaves as it is
// here is no matter.
func (s spared) why(ctx context.Context, c *ent.Client, l line) (string, error) {
	switch t := l.thing.(type) {
	case *article.Record:
		if s.hidden[t.ID] {
			a, err := c.Article.Query().Where(entarticle.ID(t.ID)).WithBody().Only(ctx)
			if err != nil {
				return "", err
			}
			was, err := article.RecordOf(a, a.Edges.Body)
			return unless(equal(was, *t), whyHidden), err
		}
		return unless(!s.deleted[t.ID], whyDeleted), nil
	case *archive.Revision:
		return unless(!s.deleted[t.Article], whyDeleted), nil
	case *archive.Views:
		return unless(!s.deleted[t.Article], whyDeleted), nil
	case *archive.Comment:
		if s.forgotten[t.ID] {
			return whyForgotten, nil
		}
		if s.hidden[t.ID] {
			was, err := c.Comment.Get(ctx, t.ID)
			return unless(err == nil && equal(archive.FromComment(was), *t), whyHidden), err
		}
		return unless(!s.deleted[t.Article], whyDeleted), nil
	case *archive.Attachment:
		return unless(!s.forgotten[t.ID], whyForgotten), nil
	case *archive.Takedown:
		return unless(!s.inForce[t.ID] || t.LiftedAt == nil, whyInForce), nil
	}
	return "", nil
}

func unless(fine bool, why string) string {
	if fine {
		return ""
	}
	return why
}

// sparedPage says why a page is skipped, and what it becomes if not: one that was
// deleted comes back under the id that it had.
func (i *Importer) sparedPage(ctx context.Context, c *ent.Client, r *article.Record) (string, error) {
	old, err := c.Article.Get(ctx, r.ID)
	switch {
	case err == nil:
		return unless(old.Status != entarticle.StatusTAKEN_DOWN || old.Version == r.Version, whyHidden), nil
	case !ent.IsNotFound(err):
		return "", err
	}
	buried, err := c.Tombstone.Query().Where(tombstone.ImportKey(*r.ImportKey)).Order(tombstone.ByID()).First(ctx)
	switch {
	case ent.IsNotFound(err):
		return "", nil
	case err != nil:
		return "", err
	}
	r.ID = buried.ID
	return unless(i.Revive, whyDeleted), nil
}
