// Package publisher keeps the persons and organisations in whose name articles appear, and
// which of them are public.
//
// The names of those that are not are redacted by internal/store/policy when they are
// read, and before they enter the change feed. No publisher is deleted that still has
// articles.
package publisher

import (
	"context"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/publisher"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/store/idempotency"
	"github.com/tonggao/tonggao/internal/store/policy"
	"github.com/tonggao/tonggao/internal/store/snapshot"
)

// Service writes and reads publishers.
type Service struct {
	store *store.Store
	log   *changefeed.Log
	kept  *snapshot.Table[*known]
}

// New returns a service on s that appends to log.
func New(s *store.Store, log *changefeed.Log) *Service {
	return &Service{s, log, snapshot.New(s, "Publisher", empty)}
}

// Create adds a publisher.
func (s *Service) Create(ctx context.Context, in CreateInput) (*ent.Publisher, error) {
	if err := policy.Require(ctx, policy.WritePublishers); err != nil {
		return nil, err
	}
	var bad fault.Invalid
	content := Content{Name: in.Name, Public: in.Public}
	content.check(&bad)
	idempotency.Check(&bad, in.IdempotencyKey)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	now := s.store.Clock()
	w := idempotency.Write{Operation: "createPublisher", Key: in.IdempotencyKey, Input: content, ID: typeid.New(typeid.Publisher, now), At: now}
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Publisher, error) {
		return idempotency.Once(ctx, c, w, func() (*ent.Publisher, error) { return s.create(ctx, c, w.ID, content) }, c.Publisher.Get)
	})
}

func (s *Service) create(ctx context.Context, c *ent.Client, id string, content Content) (*ent.Publisher, error) {
	now := s.store.Clock()
	row, err := c.Publisher.Create().SetID(id).SetName(content.Name).
		SetPublic(content.Public).SetCreatedAt(now).SetUpdatedAt(now).Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("save a publisher: %w", err)
	}
	return row, s.log.Append(ctx, c, changefeed.PublisherEntry(changefeed.Created, row))
}

// Update changes a publisher. It writes nothing where nothing changes.
func (s *Service) Update(ctx context.Context, in UpdateInput) (*ent.Publisher, error) {
	if err := policy.Require(ctx, policy.WritePublishers); err != nil {
		return nil, err
	}
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Publisher, error) {
		row, err := s.lock(ctx, c, store.ForChange, in.Publisher)
		if err != nil {
			return nil, err
		}
		before := contentOf(row)
		after := before
		after.change(in)
		var bad fault.Invalid
		if after.check(&bad); bad != nil || after == before {
			return row, bad.Err()
		}
		row, err = row.Update().SetName(after.Name).SetPublic(after.Public).
			SetUpdatedAt(max(s.store.Clock(), row.UpdatedAt+1)).Save(ctx)
		if err != nil {
			return nil, fmt.Errorf("save %s: %w", in.Publisher, err)
		}
		return row, s.log.Append(ctx, c, changefeed.PublisherEntry(changefeed.Updated, row))
	})
}

// Delete removes a publisher that has no articles.
func (s *Service) Delete(ctx context.Context, id string) error {
	if err := policy.Require(ctx, policy.WritePublishers); err != nil {
		return err
	}
	return s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		if _, err := s.lock(ctx, c, store.ForDelete, id); err != nil {
			return err
		}
		used, err := c.Article.Query().Where(article.PublisherID(id)).Exist(viewer.AsSystem(ctx)) // also those that the viewer may not see
		if err != nil {
			return fmt.Errorf("look for articles of %s: %w", id, err)
		}
		if used {
			return errHasArticles
		}
		if err := c.Publisher.DeleteOneID(id).Exec(ctx); err != nil {
			return fmt.Errorf("delete %s: %w", id, err)
		}
		return s.log.Append(ctx, c, changefeed.Entry{Kind: changefeed.Deleted, Type: "Publisher", ID: id})
	})
}

// Ensure returns the publisher with exactly that name, and creates it where there is none.
// It is for imports and idempotent, also when it runs several times at once.
func (s *Service) Ensure(ctx context.Context, name string, public bool) (*ent.Publisher, error) {
	if err := policy.Require(ctx, policy.WritePublishers); err != nil {
		return nil, err
	}
	content := Content{Name: name, Public: public}
	var bad fault.Invalid
	if content.check(&bad); bad != nil {
		return nil, bad
	}
	return store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Publisher, error) {
		query := c.Publisher.Query().Where(publisher.Name(content.Name)).Order(publisher.ByID())
		return store.FindOrCreate(ctx, s.store, c, publisher.Table, func(ctx context.Context) (*ent.Publisher, error) { return query.Clone().First(ctx) },
			func() (*ent.Publisher, error) {
				return s.create(ctx, c, typeid.New(typeid.Publisher, s.store.Clock()), content)
			})
	})
}

var (
	errNotFound    = fault.New(fault.NotFound, "there is no such publisher")
	errHasArticles = fault.Invalid{{Code: "NOT_ALLOWED", Field: []string{"id"},
		Message: "the publisher still has articles, perhaps hidden ones; give them to another or delete them first"}}
)

// lock reads a publisher and locks its row until the transaction ends, so that it is not
// changed concurrently; for deletion also so that no article is given to it.
func (s *Service) lock(ctx context.Context, c *ent.Client, how store.RowLock, id string) (*ent.Publisher, error) {
	if !typeid.Is(typeid.Publisher, id) {
		return nil, errNotFound
	}
	if err := s.store.LockRows(ctx, c, how, publisher.Table, id); err != nil {
		return nil, err
	}
	row, err := c.Publisher.Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, errNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", id, err)
	}
	return row, nil
}
