// Package webhook delivers the change feed to HTTP receivers that integrators
// registered: it posts each entry, signed after Standard Webhooks.
//
// A webhook is a cursor in the feed, so nothing is copied when something changes, and a
// webhook that was down for days continues where it stopped. Events are sent one at a
// time, in the order of the feed; each is retried with backoff for three days, across
// restarts and on any replica, which take turns by lease. The invariant: the cursor
// moves past an event only after the receiver acknowledged it, or refused it and
// acknowledged a later one (then the event is a dead letter, and can be replayed). So
// each event is delivered at least once, always under the same id.
//
// The content of an event was frozen with the change; whether its owner may still see it
// is checked when it is sent. SSRF is prevented by internal/foundation/egress, secrets
// are encrypted by internal/foundation/seal. The package keeps no plain-text secret and
// does not guarantee delivery exactly once.
package webhook

import (
	"context"
	"fmt"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/token"
	"github.com/tonggao/tonggao/ent/webhook"
	"github.com/tonggao/tonggao/ent/webhookattempt"
	"github.com/tonggao/tonggao/internal/foundation/egress"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/seal"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Options configure the service.
type Options struct {
	Keys  seal.Ring       // encrypt the secrets; without keys no webhook can be created
	Allow egress.Networks // of receivers that are not public
}

// Service manages webhooks.
type Service struct {
	store *store.Store
	log   *changefeed.Log
	keys  seal.Ring
	allow egress.Networks
	woken chan struct{}
}

// New returns the service on s, which reads the feed of log.
func New(s *store.Store, log *changefeed.Log, o Options) *Service {
	return &Service{store: s, log: log, keys: o.Keys, allow: o.Allow, woken: make(chan struct{}, 1)}
}

// wake makes a Runner in this process poll at once.
func (s *Service) wake() {
	select {
	case s.woken <- struct{}{}:
	default:
	}
}

var errNotFound = fault.New(fault.NotFound, "there is no such webhook, or it is not yours")

// purpose returns what the secrets of a webhook are encrypted for.
func purpose(id string) string { return policy.WebhookSecret.Purpose(id) }

// secrets returns the secrets that sign deliveries of w now, the current one first.
func (s *Service) secrets(w *ent.Webhook) ([]string, error) {
	current, err := s.keys.Open(purpose(w.ID), w.Secret)
	if err != nil {
		return nil, fmt.Errorf("decrypt the secret of %s: %w", w.ID, err)
	}
	list := []string{current}
	if w.PreviousUntil != nil && s.store.Clock() < *w.PreviousUntil {
		previous, err := s.keys.Open(purpose(w.ID), w.PreviousSecret)
		if err != nil {
			return nil, fmt.Errorf("decrypt the previous secret of %s: %w", w.ID, err)
		}
		list = append(list, previous)
	}
	return list, nil
}

// ByIDs returns the webhooks with these ids that the viewer may see.
func (s *Service) ByIDs(ctx context.Context, ids []string) (map[string]*ent.Webhook, error) {
	rows, err := s.store.Client(ctx).Webhook.Query().Where(webhook.IDIn(ids...)).CollectFields(ctx, nil).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read webhooks: %w", err)
	}
	found := make(map[string]*ent.Webhook, len(rows))
	for _, w := range rows {
		found[w.ID] = w
	}
	return found, nil
}

// AttemptsByID returns the attempts with these ids that the viewer may see.
func (s *Service) AttemptsByID(ctx context.Context, ids []string) (map[string]*ent.WebhookAttempt, error) {
	rows, err := s.store.Client(ctx).WebhookAttempt.Query().Where(webhookattempt.IDIn(ids...)).CollectFields(ctx, nil).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read webhook attempts: %w", err)
	}
	found := make(map[string]*ent.WebhookAttempt, len(rows))
	for _, a := range rows {
		found[a.ID] = a
	}
	return found, nil
}

// get returns a webhook that the viewer may change.
func get(ctx context.Context, c *ent.Client, id string) (*ent.Webhook, error) {
	w, err := c.Webhook.Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, errNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read a webhook: %w", err)
	}
	return w, nil
}

// tokenValid reports whether the token that owns a webhook is neither revoked nor expired.
func (s *Service) tokenValid(ctx context.Context, id string) (bool, error) {
	row, err := s.store.Client(ctx).Token.Query().Where(token.ID(id)).Only(ctx)
	if ent.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the token of a webhook: %w", err)
	}
	return row.RevokedAt == nil && (row.ExpiresAt == nil || *row.ExpiresAt > s.store.Clock()), nil
}
