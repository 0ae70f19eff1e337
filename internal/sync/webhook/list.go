package webhook

import (
	"context"
	"sync"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/predicate"
	"github.com/tonggao/tonggao/ent/webhook"
	"github.com/tonggao/tonggao/ent/webhookattempt"
	"github.com/tonggao/tonggao/internal/store/pagination"
	"github.com/tonggao/tonggao/internal/store/policy"
)

var (
	newestFirst  = pagination.Order{Name: "CREATED_DESC", Column: webhook.FieldCreatedAt, Desc: true}
	newestBefore = pagination.Order{Name: "AT_DESC", Column: webhookattempt.FieldAt, Desc: true}
)

// rowsPath leads to the rows of a connection in a selection.
var rowsPath = []string{"edges", "node"}

// List returns a page of the webhooks that the viewer may see, newest first.
func (s *Service) List(ctx context.Context, r pagination.Request) (*Connection, error) {
	if err := policy.Require(ctx, policy.ManageWebhooks); err != nil {
		return nil, err
	}
	w, err := s.store.Cursors.Window(r, "webhooks", newestFirst)
	if err != nil {
		return nil, err
	}
	query := s.store.Client(ctx).Webhook.Query
	rows, err := pagination.Rows(w, func() ([]*ent.Webhook, error) {
		return query().CollectFields(ctx, rowsPath, w.Order.Column).Modify(w.Apply).All(ctx)
	})
	if err != nil {
		return nil, err
	}
	position := func(w *ent.Webhook) pagination.Position {
		return pagination.Position{Value: int64(w.CreatedAt), ID: w.ID}
	}
	return pagination.Connect(w, rows, position, query().Count), nil
}

// Attempts returns a page of the attempts of each of several webhooks, newest first; with
// an outcome, only those that had it.
func (s *Service) Attempts(ctx context.Context, ids []string, outcome *webhookattempt.Outcome, r pagination.Request) (map[string]*AttemptConnection, error) {
	scope, where := "attempts", []predicate.WebhookAttempt(nil)
	if outcome != nil {
		scope, where = scope+" "+outcome.String(), append(where, webhookattempt.OutcomeEQ(*outcome))
	}
	w, err := s.store.Cursors.Window(r, scope, newestBefore)
	if err != nil {
		return nil, err
	}
	parents := pagination.Each(ids...)
	query := func() *ent.WebhookAttemptQuery { return s.store.Client(ctx).WebhookAttempt.Query().Where(where...) }
	rows, err := pagination.Rows(w, func() ([]*ent.WebhookAttempt, error) {
		q := query().CollectFields(ctx, rowsPath, w.Order.Column)
		return q.Modify(w.PerParent(parents, webhookattempt.FieldWebhookID)).All(ctx)
	})
	if err != nil {
		return nil, err
	}
	pages, err := pagination.Split(rows)
	if err != nil {
		return nil, err
	}
	count := sync.OnceValues(func() (map[string]int, error) {
		rows, err := query().Modify(pagination.CountPerParent(parents, webhookattempt.FieldWebhookID)).All(ctx)
		if err != nil {
			return nil, err
		}
		return pagination.Counts(rows)
	})
	position := func(a *ent.WebhookAttempt) pagination.Position {
		return pagination.Position{Value: int64(a.At), ID: a.ID}
	}
	lists := make(map[string]*AttemptConnection, len(ids))
	for _, id := range ids {
		lists[id] = pagination.Connect(w, pages[id], position, func(context.Context) (int, error) {
			n, err := count()
			return n[id], err
		})
	}
	return lists, nil
}
