package webhook

import (
	"context"
	"fmt"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/webhook"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/foundation/webhooksig"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/idempotency"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// defaultOverlap is the number of hours for which a replaced secret still signs.
const defaultOverlap = 24

// Create adds a webhook and returns its secret, which is never shown again.
func (s *Service) Create(ctx context.Context, in CreateInput) (_ *ent.Webhook, secret string, err error) {
	if err := policy.Require(ctx, policy.ManageWebhooks); err != nil {
		return nil, "", err
	}
	if s.keys.Empty() {
		return nil, "", fault.New(fault.Unavailable, "this server has no key to encrypt secrets with; the operator sets one with TONGGAO_SECRET_KEY, then webhooks can be created")
	}
	var bad fault.Invalid
	name := checkName(&bad, in.Name)
	s.checkURL(&bad, in.URL)
	checkFilter(&bad, in.Filter)
	idempotency.Check(&bad, in.IdempotencyKey)
	if err := bad.Err(); err != nil {
		return nil, "", err
	}
	at, err := s.log.Beginning(ctx)
	if err != nil {
		return nil, "", fmt.Errorf("read the beginning of the change feed: %w", err)
	}
	if in.FromBeginning == nil || !*in.FromBeginning {
		at.Position = at.Base // nothing to copy
	}
	secret = webhooksig.NewSecret()
	now, owner := s.store.Clock(), viewer.From(ctx).TokenID
	w := idempotency.Write{Operation: "createWebhook", Key: in.IdempotencyKey, Input: in, ID: typeid.New(typeid.Webhook, now), At: now}
	sealed, err := s.keys.Seal(purpose(w.ID), secret)
	if err != nil {
		return nil, "", err
	}
	row, err := store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Webhook, error) {
		return idempotency.Once(ctx, c, w, func() (*ent.Webhook, error) {
			if err := s.checkQuota(ctx, c, owner); err != nil {
				return nil, err
			}
			return c.Webhook.Create().SetID(w.ID).SetName(name).SetURL(in.URL).SetTokenID(owner).SetFilter(filterText(in.Filter)).
				SetSecret(sealed).SetPosition(at.Position).SetBase(at.Base).SetEntry(at.Entry).SetDueAt(now).SetLeaseUntil(0).SetCreatedAt(now).SetUpdatedAt(now).Save(ctx)
		}, c.Webhook.Get)
	})
	if err != nil {
		return nil, "", fmt.Errorf("create a webhook: %w", err)
	}
	s.wake()
	if row.ID == w.ID {
		return row, secret, nil
	}
	secret, err = s.keys.Open(purpose(row.ID), row.Secret) // the answer to the first request was lost, and its secret with it
	if err != nil {
		return nil, "", fmt.Errorf("read the secret of a webhook: %w", err)
	}
	return row, secret, nil
}

// checkQuota returns an error if the owner or the server has as many webhooks as it may. No
// other is created until the transaction ends.
func (s *Service) checkQuota(ctx context.Context, c *ent.Client, owner string) error {
	if err := s.store.LockAdvisory(ctx, c, store.WebhookLock); err != nil {
		return err
	}
	ctx = viewer.AsSystem(ctx)
	own, err := c.Webhook.Query().Where(webhook.TokenID(owner)).Count(ctx)
	if err != nil {
		return fmt.Errorf("count the webhooks of a token: %w", err)
	}
	all, err := c.Webhook.Query().Count(ctx)
	if err != nil {
		return fmt.Errorf("count webhooks: %w", err)
	}
	if own >= maxOwn || all >= maxWebhooks {
		return fault.New(fault.Limited, "a token has at most %d webhooks, a server %d; delete those that are no longer used", maxOwn, maxWebhooks)
	}
	return nil
}

// Update changes what is given. A webhook that is activated again continues where it
// stopped, at once.
func (s *Service) Update(ctx context.Context, in UpdateInput) (*ent.Webhook, error) {
	if err := policy.Require(ctx, policy.ManageWebhooks); err != nil {
		return nil, err
	}
	var bad fault.Invalid
	name := checkName(&bad, in.Name)
	if in.URL != nil {
		s.checkURL(&bad, *in.URL)
	}
	checkFilter(&bad, in.Filter)
	if err := bad.Err(); err != nil {
		return nil, err
	}
	defer s.wake()
	return s.update(ctx, in.Webhook, func(ctx context.Context, w *ent.Webhook, u *ent.WebhookUpdateOne) error {
		if in.URL != nil {
			u.SetURL(*in.URL).SetFailures(0).SetDueAt(s.store.Clock())
		}
		if in.Name != nil {
			u.SetName(name)
		}
		if in.Filter != nil {
			u.SetFilter(filterText(in.Filter))
		}
		if in.Active != nil && *in.Active {
			u.SetState(webhook.StateACTIVE).SetNotice("").SetFailures(0).SetDueAt(s.store.Clock())
			valid, err := s.tokenValid(viewer.AsSystem(ctx), w.TokenID)
			if err != nil {
				return err
			}
			if !valid {
				u.SetTokenID(viewer.From(ctx).TokenID)
			}
		}
		if in.Active != nil && !*in.Active && w.State == webhook.StateACTIVE {
			u.SetState(webhook.StatePAUSED).SetNotice("paused by its owner")
		}
		return nil
	})
}

// update locks a webhook, and saves what set changes.
func (s *Service) update(ctx context.Context, id string, set func(context.Context, *ent.Webhook, *ent.WebhookUpdateOne) error) (*ent.Webhook, error) {
	if !typeid.Is(typeid.Webhook, id) {
		return nil, errNotFound
	}
	row, err := store.Load(ctx, s.store, func(ctx context.Context, c *ent.Client) (*ent.Webhook, error) {
		if err := s.store.LockRows(ctx, c, store.ForChange, webhook.Table, id); err != nil {
			return nil, err
		}
		w, err := get(ctx, c, id)
		if err != nil {
			return nil, err
		}
		u := c.Webhook.UpdateOneID(id).SetUpdatedAt(max(s.store.Clock(), w.UpdatedAt))
		if err := set(ctx, w, u); err != nil {
			return nil, err
		}
		return u.Save(ctx)
	})
	if err != nil {
		return nil, fmt.Errorf("update a webhook: %w", err)
	}
	return row, nil
}

// Rotate replaces the secret and returns the new one, which is never shown again. For the
// hours of overlap both sign.
func (s *Service) Rotate(ctx context.Context, in RotateInput) (_ *ent.Webhook, secret string, err error) {
	if err := policy.Require(ctx, policy.ManageWebhooks); err != nil {
		return nil, "", err
	}
	hours := defaultOverlap
	if in.OverlapHours != nil {
		hours = *in.OverlapHours
	}
	if hours < 0 || hours > maxOverlap {
		var bad fault.Invalid
		bad.Add("INVALID", "overlapHours", "must be 0 (the old secret ends at once) to %d", maxOverlap)
		return nil, "", bad
	}
	secret = webhooksig.NewSecret()
	row, err := s.update(ctx, in.Webhook, func(_ context.Context, w *ent.Webhook, u *ent.WebhookUpdateOne) error {
		sealed, err := s.keys.Seal(purpose(w.ID), secret)
		if err != nil {
			return fault.Wrap(err, fault.Unavailable, "this server has no key to encrypt secrets with; the operator sets one with TONGGAO_SECRET_KEY")
		}
		u.SetSecret(sealed)
		if hours == 0 {
			u.SetPreviousSecret("").ClearPreviousUntil()
			return nil
		}
		u.SetPreviousSecret(w.Secret).SetPreviousUntil(s.store.Clock().Add(time.Duration(hours) * time.Hour))
		return nil
	})
	if err != nil {
		return nil, "", err
	}
	return row, secret, nil
}

// Delete removes a webhook and its attempts.
func (s *Service) Delete(ctx context.Context, id string) error {
	if err := policy.Require(ctx, policy.ManageWebhooks); err != nil {
		return err
	}
	if !typeid.Is(typeid.Webhook, id) {
		return errNotFound
	}
	return s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
		if err := s.store.LockRows(ctx, c, store.ForDelete, webhook.Table, id); err != nil {
			return err
		}
		if _, err := get(ctx, c, id); err != nil {
			return err
		}
		if err := c.Webhook.DeleteOneID(id).Exec(ctx); err != nil {
			return fmt.Errorf("delete a webhook: %w", err)
		}
		return nil
	})
}
