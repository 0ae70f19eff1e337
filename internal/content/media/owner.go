package media

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/picture"
	"github.com/tonggao/tonggao/ent/pictureuse"
	"github.com/tonggao/tonggao/ent/predicate"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/audit"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// maxUses bounds the articles that UsedBy returns for a picture.
const maxUses = 100

// UsedBy returns the IDs of the articles that show each picture with these IDs, the newest
// first, whether or not the viewer may see them.
func (s *Service) UsedBy(ctx context.Context, ids []string) (map[string][]string, error) {
	var rows []struct {
		Picture string `json:"picture"`
		Article string `json:"article_id"`
	}
	err := s.store.Client(ctx).PictureUse.Query().Modify(func(q *sql.Selector) {
		p := sql.Table(picture.Table).As("shown")
		q.Join(p).On(p.C(picture.FieldHash), q.C(pictureuse.FieldHash))
		q.Where(sql.In(p.C(picture.FieldID), anySlice(ids)...)).Where(notOthers(q, p.C(picture.FieldID)))
		q.Select(sql.As(p.C(picture.FieldID), "picture"), q.C(pictureuse.FieldArticleID)).OrderBy(sql.Desc(q.C(pictureuse.FieldArticleID)))
	}).Scan(viewer.AsSystem(ctx), &rows)
	if err != nil {
		return nil, fmt.Errorf("read which articles show pictures: %w", err)
	}
	used := make(map[string][]string)
	for _, row := range rows {
		if len(used[row.Picture]) < maxUses {
			used[row.Picture] = append(used[row.Picture], row.Article)
		}
	}
	return used, nil
}

func anySlice(ids []string) []any {
	list := make([]any, len(ids))
	for i, id := range ids {
		list[i] = id
	}
	return list
}

// notOthers selects of the uses in q those that depend on the picture whose ID is in a
// column: the publisher of the article did not upload another one with the same hash.
func notOthers(q *sql.Selector, column string) *sql.Predicate {
	p, a := sql.Table(picture.Table).As("theirs"), sql.Table(article.Table).As("showing")
	others := sql.Dialect(q.Dialect()).Select().From(p).Join(a).On(a.C(article.FieldPublisherID), p.C(picture.FieldPublisherID))
	others.SelectExpr(sql.Raw("1"))
	others.Where(sql.And(sql.ColumnsEQ(p.C(picture.FieldHash), q.C(pictureuse.FieldHash)),
		sql.ColumnsEQ(a.C(article.FieldID), q.C(pictureuse.FieldArticleID)), sql.ColumnsNEQ(p.C(picture.FieldID), column)))
	return sql.Not(sql.Exists(others))
}

// of selects the uses that depend on p.
func of(p *ent.Picture) predicate.PictureUse {
	return func(q *sql.Selector) {
		t := sql.Table(picture.Table).As("shown")
		q.Join(t).On(t.C(picture.FieldHash), q.C(pictureuse.FieldHash))
		q.Where(sql.EQ(t.C(picture.FieldID), p.ID)).Where(notOthers(q, t.C(picture.FieldID)))
	}
}

// byOwner selects the uses by articles whose publisher uploaded the picture, or whose picture
// the editors uploaded. An article that only names the address of another publisher's picture
// does not bring it back.
func byOwner(q *sql.Selector) {
	p, a := sql.Table(picture.Table).As("owned"), sql.Table(article.Table).As("showing")
	rows := sql.Dialect(q.Dialect()).Select().From(p).Join(a).On(a.C(article.FieldID), q.C(pictureuse.FieldArticleID))
	rows.SelectExpr(sql.Raw("1"))
	rows.Where(sql.And(sql.ColumnsEQ(p.C(picture.FieldHash), q.C(pictureuse.FieldHash)),
		sql.Or(sql.EQ(p.C(picture.FieldPublisherID), ""), sql.ColumnsEQ(p.C(picture.FieldPublisherID), a.C(article.FieldPublisherID)))))
	q.Where(sql.Exists(rows))
}

// lockOwners locks the pictures of all publishers with a hash, until the transaction of c ends.
func (s *Service) lockOwners(ctx context.Context, c *ent.Client, how store.RowLock, hash string) error {
	return s.store.Lock(ctx, c, "SELECT 1 FROM pictures WHERE hash = $1 ORDER BY id "+string(how), hash)
}

// Delete removes a picture for good, and its files if no other publisher has it. A picture
// that articles show is kept unless evenIfUsed: one that must disappear cannot wait until they
// are changed. For the same reason evenIfUsed of an editor removes the picture of every
// publisher. The files are removed before the rows, so that an interrupted delete can be
// repeated, and while the rows are locked, so that no article that shows it is taken down and
// no publisher uploads it in between.
func (s *Service) Delete(ctx context.Context, id string, evenIfUsed bool) error {
	if err := s.Allow(ctx); err != nil {
		return err
	}
	if !typeid.Is(typeid.Picture, id) {
		return errNotFound
	}
	return s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		p, err := c.Picture.Get(ctx, id)
		if err == nil {
			err = s.lockOwners(ctx, c, store.ForDelete, p.Hash)
		}
		if err == nil {
			p, err = c.Picture.Get(ctx, id) // another delete may have been first
		}
		if ent.IsNotFound(err) {
			return errNotFound
		}
		if err != nil {
			return fmt.Errorf("read the picture to delete: %w", err)
		}
		all, err := c.Picture.Query().Where(picture.Hash(p.Hash)).All(viewer.AsSystem(ctx))
		if err != nil {
			return fmt.Errorf("read the owners of a picture: %w", err)
		}
		deleted := []*ent.Picture{p}
		if evenIfUsed && viewer.From(ctx).Publisher == "" {
			deleted = all
		}
		return s.deleteRows(ctx, c, deleted, len(deleted) == len(all), evenIfUsed)
	})
}

// deleteRows deletes pictures with the same hash, and their files if these are the last ones.
func (s *Service) deleteRows(ctx context.Context, c *ent.Client, rows []*ent.Picture, last, evenIfUsed bool) error {
	for _, p := range rows {
		if err := s.mayDelete(ctx, p, evenIfUsed); err != nil {
			return err
		}
	}
	if last {
		var files []string
		for _, p := range rows {
			files = append(files, names(p)...)
		}
		slices.Sort(files)
		if err := s.files.Remove(ctx, slices.Compact(files)); err != nil {
			return err
		}
	}
	for _, p := range rows {
		if err := c.Picture.DeleteOneID(p.ID).Exec(ctx); err != nil {
			return fmt.Errorf("delete a picture: %w", err)
		}
		if err := s.audit.Append(ctx, c, audit.Entry{Action: "PICTURE_DELETE", Item: p.ID, Detail: map[string]string{"hash": p.Hash}}); err != nil {
			return err
		}
	}
	return nil
}

// mayDelete returns an error if articles keep a picture.
func (s *Service) mayDelete(ctx context.Context, p *ent.Picture, evenIfUsed bool) error {
	takenDown, err := s.isUsed(ctx, p.Hash, of(p), down)
	if err != nil {
		return err
	}
	if takenDown {
		return errTakenDown
	}
	used, err := s.isUsed(ctx, p.Hash, of(p))
	if err == nil && used && !evenIfUsed {
		return errUsed
	}
	return err
}

// Withheld reports whether a file belongs to an article that is taken down, and to none
// that is public now and whose publisher, or an editor, uploaded it.
func (s *Service) Withheld(ctx context.Context, name string) (bool, error) {
	hash, _, _ := strings.Cut(name, "/")
	takenDown, err := s.isUsed(ctx, hash, down)
	if err != nil || !takenDown {
		return false, err
	}
	public, err := s.isUsed(ctx, hash, byOwner, policy.OfPublicArticle(pictureuse.FieldArticleID, s.store.Clock()))
	return !public, err
}

// down selects the uses by articles that are taken down. SQLite uses the partial index only
// for this comparison.
func down(q *sql.Selector) { q.Where(sql.ExprP(q.C(pictureuse.FieldDown) + " = TRUE")) }

// isUsed reports whether an article that meets the conditions shows the picture with this hash.
func (s *Service) isUsed(ctx context.Context, hash string, conditions ...predicate.PictureUse) (bool, error) {
	found, err := s.store.Client(ctx).PictureUse.Query().Where(pictureuse.Hash(hash)).Where(conditions...).Exist(viewer.AsSystem(ctx))
	if err != nil {
		return false, fmt.Errorf("read which articles show a picture: %w", err)
	}
	return found, nil
}

var errTakenDown = fault.New(fault.Conflict,
	"an article that is taken down shows this picture, so it is kept as it was; a moderator has to restore the article before anybody can delete it")

var errUsed = fault.New(fault.Conflict,
	"articles show this picture (usedBy lists them); take it out of them first, or delete it with evenIfUsed: true, which leaves a gap in them")
