// Package publisher keeps who stands behind articles. It decides who is public;
// masking the names of the others is internal/policy's.
package publisher

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/publisher"
	"github.com/tonggao/tonggao/internal/changes"
	"github.com/tonggao/tonggao/internal/fault"
	"github.com/tonggao/tonggao/internal/gid"
	"github.com/tonggao/tonggao/internal/policy"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/viewer"
)

const maxName = 50

// Service is what can be done with publishers.
type Service struct {
	store *store.Store
	log   *changes.Log
}

// New is the service on s.
func New(s *store.Store, log *changes.Log) *Service { return &Service{store: s, log: log} }

// Get is one publisher.
func (s *Service) Get(ctx context.Context, id string) (*ent.Publisher, error) {
	row, err := s.store.Client(ctx).Publisher.Query().Where(publisher.ID(id)).CollectFields(ctx, nil).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, errNotFound
	}
	return row, err
}

var errNotFound = fault.New(fault.NotFound, "there is no such publisher")

// ByIDs is the publishers with these ids, with what the selection reads.
func (s *Service) ByIDs(ctx context.Context, ids []string) (map[string]*ent.Publisher, error) {
	return byID(s.store.Client(ctx).Publisher.Query().Where(publisher.IDIn(ids...)).CollectFields(ctx, nil).All(ctx))
}

// Named is the publishers with these ids, with their names as the viewer may see
// them.
func (s *Service) Named(ctx context.Context, ids []string) (map[string]*ent.Publisher, error) {
	return byID(s.store.Client(ctx).Publisher.Query().Where(publisher.IDIn(ids...)).All(ctx))
}

func byID(rows []*ent.Publisher, err error) (map[string]*ent.Publisher, error) {
	found := make(map[string]*ent.Publisher, len(rows))
	for _, row := range rows {
		found[row.ID] = row
	}
	return found, err
}

// Create adds a publisher.
func (s *Service) Create(ctx context.Context, in CreateInput) (*ent.Publisher, error) {
	if v := viewer.From(ctx); !policy.IsEditor(v) {
		return nil, policy.Denied(v)
	}
	name := strings.TrimSpace(in.Name)
	if err := checkName(name); err != nil {
		return nil, err
	}
	now := s.store.Clock()
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Publisher, error) {
		row, err := c.Publisher.Create().SetID(gid.New(gid.Publisher, now)).SetName(name).SetPublic(in.Public).
			SetCreatedAt(now).SetUpdatedAt(now).Save(ctx)
		if err != nil {
			return nil, err
		}
		return row, s.log.Append(ctx, c, entry(changes.Created, row))
	})
}

// Update changes a publisher.
func (s *Service) Update(ctx context.Context, in UpdateInput) (*ent.Publisher, error) {
	if v := viewer.From(ctx); !policy.IsEditor(v) {
		return nil, policy.Denied(v)
	}
	if in.Name != nil {
		*in.Name = strings.TrimSpace(*in.Name)
		if err := checkName(*in.Name); err != nil {
			return nil, err
		}
	}
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Publisher, error) {
		row, err := c.Publisher.UpdateOneID(in.Publisher).SetNillableName(in.Name).SetNillablePublic(in.Public).
			SetUpdatedAt(s.store.Clock()).Save(ctx)
		if ent.IsNotFound(err) {
			return nil, errNotFound
		}
		if err != nil {
			return nil, err
		}
		return row, s.log.Append(ctx, c, entry(changes.Updated, row))
	})
}

// Delete removes a publisher that has no articles.
func (s *Service) Delete(ctx context.Context, id string) error {
	if v := viewer.From(ctx); !policy.IsEditor(v) {
		return policy.Denied(v)
	}
	return s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		used, err := c.Article.Query().Where(article.PublisherID(id)).Exist(viewer.AsSystem(ctx))
		if err != nil {
			return err
		}
		if used {
			return hasArticles
		}
		switch err := c.Publisher.DeleteOneID(id).Exec(ctx); {
		case ent.IsNotFound(err):
			return errNotFound
		case store.IsReferenced(err):
			return hasArticles
		case err != nil:
			return err
		}
		return s.log.Append(ctx, c, changes.Entry{Kind: changes.Deleted, Type: "Publisher", ID: id})
	})
}

var hasArticles = fault.Invalid{{Code: "NOT_ALLOWED", Field: []string{"id"},
	Message: "the publisher still has articles; give them to another or delete them first"}}

// Ensure finds a publisher by its exact name, or creates it.
func (s *Service) Ensure(ctx context.Context, name string, public bool) (*ent.Publisher, error) {
	row, err := s.store.Client(ctx).Publisher.Query().Where(publisher.Name(name)).
		Order(publisher.ByID()).First(viewer.AsSystem(ctx))
	if ent.IsNotFound(err) {
		return s.Create(ctx, CreateInput{Name: name, Public: public})
	}
	return row, err
}

func checkName(name string) error {
	var bad fault.Invalid
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		bad.Add("REQUIRED", "name", "must not be empty")
	case n > maxName:
		bad.Add("TOO_LONG", "name", "has %d characters; at most %d fit", n, maxName)
	case strings.ContainsFunc(name, unicode.IsControl):
		bad.Add("INVALID", "name", "contains control characters; remove them")
	}
	return bad.Err()
}

func entry(kind changes.Kind, row *ent.Publisher) changes.Entry {
	return changes.Entry{Kind: kind, Type: "Publisher", ID: row.ID, Item: row}
}
