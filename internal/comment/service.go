// Package comment takes what readers say under articles, lets moderators decide
// what is to be seen, and lists it.
//
// Every new comment waits, whoever wrote it; only a moderator's decision shows
// it. An article's comment_count is the number of its APPROVED comments on all
// levels: it moves by one in the transaction that moves a comment into or out of
// that state, and at no other time. The change log tells of a comment when
// readers can notice it: when it appears and when it is taken away. The package
// refuses to render, to filter words and to notify anybody.
package comment

import (
	"context"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/internal/changes"
	"github.com/tonggao/tonggao/internal/fault"
	"github.com/tonggao/tonggao/internal/store"
)

// Service is what can be done with comments.
type Service struct {
	store *store.Store
	log   *changes.Log
}

// New is the service on s.
func New(s *store.Store, log *changes.Log) *Service { return &Service{store: s, log: log} }

var errNotFound = fault.New(fault.NotFound, "there is no such comment, or it is not for you to see")

// ByIDs is the comments with these ids that the viewer may see.
func (s *Service) ByIDs(ctx context.Context, ids []string) (map[string]*ent.Comment, error) {
	rows, err := s.store.Client(ctx).Comment.Query().Where(comment.IDIn(ids...)).CollectFields(ctx, nil).All(ctx)
	if err != nil {
		return nil, err
	}
	found := make(map[string]*ent.Comment, len(rows))
	for _, c := range rows {
		found[c.ID] = c
	}
	return found, nil
}
