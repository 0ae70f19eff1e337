// Package webhook tells other programs of changes: it posts each entry of the
// change log to the addresses that integrators registered, signed after Standard
// Webhooks.
//
// A webhook is a place in the log, so nothing is copied when something changes,
// and a webhook that was down for days goes on where it stopped. Its events go out
// one at a time, in the order of the log; an event is settled when the receiver
// took it, and until then it is tried again, days long, over restarts and on any
// replica. The key invariant: the place moves past an event only after the
// receiver took it, or after it refused it and took a later one (then the event is
// set aside, and can be replayed). So each event arrives at least once, always
// under the same id.
//
// What is told was frozen with the change; whether the owner may still see it is
// asked when it is told. The package refuses addresses that are not public
// (internal/foundation/egress), and to keep a secret that is not sealed (internal/foundation/seal).
package webhook

import (
	"context"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/webhook"
	"github.com/tonggao/tonggao/ent/webhookattempt"
	"github.com/tonggao/tonggao/internal/foundation/egress"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/seal"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Options are what the program decides about webhooks.
type Options struct {
	Keys  seal.Ring       // seal the secrets; without keys no webhook can be made
	Allow egress.Networks // receivers that are not public
}

// Service is what can be done with webhooks.
type Service struct {
	store *store.Store
	log   *changefeed.Log
	keys  seal.Ring
	allow egress.Networks
	woken chan struct{}
}

// New is the service on s.
func New(s *store.Store, log *changefeed.Log, o Options) *Service {
	return &Service{store: s, log: log, keys: o.Keys, allow: o.Allow, woken: make(chan struct{}, 1)}
}

// wake lets a Runner in this process look for work at once.
func (s *Service) wake() {
	select {
	case s.woken <- struct{}{}:
	default:
	}
}

var errNotFound = fault.New(fault.NotFound, "there is no such webhook, or it is not yours")

// purpose is what the secrets of a webhook are sealed for.
func purpose(id string) string { return "secret of " + id }

// secrets is what deliveries of w are signed with now, the current one first.
func (s *Service) secrets(w *ent.Webhook) ([]string, error) {
	current, err := s.keys.Open(purpose(w.ID), w.Secret)
	if err != nil {
		return nil, err
	}
	list := []string{current}
	if w.PreviousUntil != nil && s.store.Clock() < *w.PreviousUntil {
		previous, err := s.keys.Open(purpose(w.ID), w.PreviousSecret)
		if err != nil {
			return nil, err
		}
		list = append(list, previous)
	}
	return list, nil
}

// ByIDs is the webhooks with these ids that the viewer may see.
func (s *Service) ByIDs(ctx context.Context, ids []string) (map[string]*ent.Webhook, error) {
	rows, err := s.store.Client(ctx).Webhook.Query().Where(webhook.IDIn(ids...)).CollectFields(ctx, nil).All(ctx)
	if err != nil {
		return nil, err
	}
	found := make(map[string]*ent.Webhook, len(rows))
	for _, w := range rows {
		found[w.ID] = w
	}
	return found, nil
}

// AttemptsByID is the attempts with these ids that the viewer may see.
func (s *Service) AttemptsByID(ctx context.Context, ids []string) (map[string]*ent.WebhookAttempt, error) {
	rows, err := s.store.Client(ctx).WebhookAttempt.Query().Where(webhookattempt.IDIn(ids...)).CollectFields(ctx, nil).All(ctx)
	if err != nil {
		return nil, err
	}
	found := make(map[string]*ent.WebhookAttempt, len(rows))
	for _, a := range rows {
		found[a.ID] = a
	}
	return found, nil
}

// check refuses those who have no webhooks.
func check(ctx context.Context) error {
	if v := viewer.From(ctx); !policy.IsIntegrator(v) {
		return policy.Denied(v)
	}
	return nil
}

// own is the webhook with that id, as the viewer may change it.
func own(ctx context.Context, c *ent.Client, id string) (*ent.Webhook, error) {
	w, err := c.Webhook.Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, errNotFound
	}
	return w, err
}
