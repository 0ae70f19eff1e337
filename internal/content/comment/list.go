package comment

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/predicate"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/store/pagination"
)

var (
	newestFirst = pagination.Order{Name: "CREATED_DESC", Column: comment.FieldCreatedAt, Desc: true}
	oldestFirst = pagination.Order{Name: "CREATED_ASC", Column: comment.FieldCreatedAt}
)

// rowsPath is how a selection reaches the rows of a connection.
var rowsPath = []string{"edges", "node"}

// List is a page of the comments that f lets through, newest first.
func (s *Service) List(ctx context.Context, f *Filter, r pagination.Request) (*Connection, error) {
	if f == nil {
		f = &Filter{}
	}
	if f.Article != nil && !typeid.Is(typeid.Article, *f.Article) {
		return nil, fault.New(fault.BadUserInput, "filter.article: %.40q is not the id of an article; ids look like art_01h455vb4pex5vsknk084sn02q", *f.Article)
	}
	w, err := s.store.Cursors.Window(r, "comments"+f.scope(), newestFirst)
	if err != nil {
		return nil, err
	}
	found, err := s.query(ctx, f)
	if err != nil {
		return nil, err
	}
	rows, err := pagination.Rows(w, func() ([]*ent.Comment, error) {
		return found.Clone().CollectFields(ctx, rowsPath, w.Order.Column).Modify(w.Apply).All(ctx)
	})
	if err != nil {
		return nil, err
	}
	return pagination.Connect(w, rows, position, found.Count), nil
}

// Of is a page of the threads of each of several articles: the comments at
// their top, oldest first.
func (s *Service) Of(ctx context.Context, articleIDs []string, r pagination.Request) (map[string]*Connection, error) {
	return s.under(ctx, comment.FieldArticleID, articleIDs, r, comment.ParentIDIsNil())
}

// Replies is a page of the answers to each of several comments, oldest first.
func (s *Service) Replies(ctx context.Context, commentIDs []string, r pagination.Request) (map[string]*Connection, error) {
	return s.under(ctx, comment.FieldParentID, commentIDs, r)
}

// under is a page of comments for each owner, whom the column names.
func (s *Service) under(ctx context.Context, column string, owners []string, r pagination.Request, where ...predicate.Comment) (map[string]*Connection, error) {
	w, err := s.store.Cursors.Window(r, "comments of "+column, oldestFirst)
	if err != nil {
		return nil, err
	}
	shown, err := s.shown(ctx)
	if err != nil {
		return nil, err
	}
	shown.Where(where...)
	parents := pagination.Each(owners...)
	rows, err := pagination.Rows(w, func() ([]*ent.Comment, error) {
		q := shown.Clone().CollectFields(ctx, rowsPath, w.Order.Column)
		return q.Modify(w.PerParent(parents, column)).All(ctx)
	})
	if err != nil {
		return nil, err
	}
	pages, err := pagination.Split(rows)
	if err != nil {
		return nil, err
	}
	count := sync.OnceValues(func() (map[string]int, error) {
		rows, err := shown.Clone().Modify(pagination.CountPerParent(parents, column)).All(ctx)
		if err != nil {
			return nil, err
		}
		return pagination.Counts(rows)
	})
	lists := make(map[string]*Connection, len(owners))
	for _, owner := range owners {
		lists[owner] = pagination.Connect(w, pages[owner], position, func(context.Context) (int, error) {
			n, err := count()
			return n[owner], err
		})
	}
	return lists, nil
}

func (s *Service) query(ctx context.Context, f *Filter) (*ent.CommentQuery, error) {
	q, err := s.shown(ctx)
	if f.Status != nil {
		q.Where(comment.StatusEQ(*f.Status))
	}
	if f.Article != nil {
		q.Where(comment.ArticleID(*f.Article))
	}
	return q, err
}

// scope is everything in f that decides which comments are in the list.
func (f *Filter) scope() string {
	text, _ := json.Marshal(f) // strings always marshal
	return string(text)
}

func position(c *ent.Comment) pagination.Position {
	return pagination.Position{Value: int64(c.CreatedAt), ID: c.ID}
}
