package comment

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/predicate"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/store/invalidation"
	"github.com/tonggao/tonggao/internal/store/pagination"
)

var (
	newestFirst = pagination.Order{Name: "CREATED_DESC", Column: comment.FieldCreatedAt, Desc: true}
	oldestFirst = pagination.Order{Name: "CREATED_ASC", Column: comment.FieldCreatedAt}
)

// Connection is a page of comments.
type Connection = pagination.Connection[*ent.Comment]

// Edge is a comment in a list.
type Edge = pagination.Edge[*ent.Comment]

// rowsPath is how a selection reaches the rows of a connection.
var rowsPath = []string{"edges", "node"}

// List returns a page of the comments that f selects, newest first.
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
	query, err := s.query(ctx)
	if err != nil {
		return nil, err
	}
	if f.Status != nil {
		query.Where(comment.StatusEQ(*f.Status))
	}
	if f.Article != nil {
		query.Where(comment.ArticleID(*f.Article))
	}
	rows, err := pagination.Rows(w, func() ([]*ent.Comment, error) {
		return query.Clone().CollectFields(ctx, rowsPath, w.Order.Column).Modify(w.Apply).All(ctx)
	})
	if err != nil {
		return nil, fmt.Errorf("list comments: %w", err)
	}
	return pagination.Connect(w, rows, position, query.Count), nil
}

// ListByArticles returns, for each of several articles, a page of the comments that start a
// thread, oldest first.
func (s *Service) ListByArticles(ctx context.Context, articleIDs []string, r pagination.Request) (map[string]*Connection, error) {
	return s.listByOwners(ctx, comment.FieldArticleID, articleIDs, r, comment.ParentIDIsNil())
}

// Replies returns a page of the answers to each of several comments, oldest first.
func (s *Service) Replies(ctx context.Context, commentIDs []string, r pagination.Request) (map[string]*Connection, error) {
	return s.listByOwners(ctx, comment.FieldParentID, commentIDs, r)
}

// listByOwners returns a page of comments for each owner; column is the foreign key that
// names it.
func (s *Service) listByOwners(ctx context.Context, column string, owners []string, r pagination.Request, where ...predicate.Comment) (map[string]*Connection, error) {
	w, err := s.store.Cursors.Window(r, "comments of "+column, oldestFirst)
	if err != nil {
		return nil, err
	}
	query, err := s.query(ctx)
	if err != nil {
		return nil, err
	}
	query.Where(where...)
	reading := ctx
	if column == comment.FieldArticleID {
		reading = invalidation.OfArticles(ctx, owners...)
	}
	parents := pagination.Each(owners...)
	rows, err := pagination.Rows(w, func() ([]*ent.Comment, error) {
		q := query.Clone().CollectFields(ctx, rowsPath, w.Order.Column)
		return q.Modify(w.PerParent(parents, column)).All(reading)
	})
	if err != nil {
		return nil, fmt.Errorf("list comments by %s: %w", column, err)
	}
	pages, err := pagination.Split(rows)
	if err != nil {
		return nil, err
	}
	count := sync.OnceValues(func() (map[string]int, error) {
		rows, err := query.Clone().Modify(pagination.CountPerParent(parents, column)).All(reading)
		if err != nil {
			return nil, fmt.Errorf("count comments by %s: %w", column, err)
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

// scope returns everything in f that decides which comments are in the list.
func (f *Filter) scope() string {
	text, _ := json.Marshal(f) // strings always marshal
	return string(text)
}

func position(c *ent.Comment) pagination.Position {
	return pagination.Position{Value: int64(c.CreatedAt), ID: c.ID}
}
