package graph

import (
	"context"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/webhookattempt"
	"github.com/tonggao/tonggao/graph/generated"
	"github.com/tonggao/tonggao/graph/model"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/store/pagination"
	"github.com/tonggao/tonggao/internal/sync/webhook"
)

type webhookResolver struct{ *Resolver }

// Webhook returns the resolver of webhooks.
func (r *Resolver) Webhook() generated.WebhookResolver { return &webhookResolver{r} }

func (r *queryResolver) Webhooks(ctx context.Context, first *int, after *string, last *int, before *string) (*webhook.Connection, error) {
	return r.Resolver.Webhooks.List(ctx, request(ctx, first, after, last, before))
}

func (r *webhookResolver) Filter(_ context.Context, w *ent.Webhook) (*changefeed.Filter, error) {
	return webhook.FilterOf(w), nil
}

func (r *webhookResolver) NextAttemptAt(_ context.Context, w *ent.Webhook) (*instant.Instant, error) {
	return webhook.NextAttemptAt(w), nil
}

func (r *webhookResolver) Replaying(_ context.Context, w *ent.Webhook) (bool, error) {
	return w.ReplayUntil > 0, nil
}

func (r *webhookResolver) PreviousSecretUntil(_ context.Context, w *ent.Webhook) (*instant.Instant, error) {
	return webhook.PreviousSecretUntil(w, r.Clock()), nil
}

func (r *webhookResolver) Attempts(ctx context.Context, w *ent.Webhook, first *int, after *string, last *int, before *string) (*webhook.AttemptConnection, error) {
	return r.attempts(ctx, w, nil, request(ctx, first, after, last, before))
}

func (r *webhookResolver) DeadLetters(ctx context.Context, w *ent.Webhook, first *int, after *string, last *int, before *string) (*webhook.AttemptConnection, error) {
	setAside := webhookattempt.OutcomeSET_ASIDE
	return r.attempts(ctx, w, &setAside, request(ctx, first, after, last, before))
}

// attempts returns a page of delivery attempts, of one outcome unless it is nil.
func (r *webhookResolver) attempts(ctx context.Context, w *ent.Webhook, outcome *webhookattempt.Outcome, page pagination.Request) (*webhook.AttemptConnection, error) {
	return loadBatch(ctx, w.Group, w, w.ID, byIDs(webhookID, func(ctx context.Context, ids []string) (map[string]*webhook.AttemptConnection, error) {
		return r.Webhooks.Attempts(ctx, ids, outcome, page)
	}))
}

func webhookID(w *ent.Webhook) string { return w.ID }

func (r *mutationResolver) CreateWebhook(ctx context.Context, input webhook.CreateInput) (*model.WebhookSecretPayload, error) {
	return webhookSecretPayload(r.Webhooks.Create(ctx, input))
}

func (r *mutationResolver) RotateWebhookSecret(ctx context.Context, input webhook.RotateInput) (*model.WebhookSecretPayload, error) {
	return webhookSecretPayload(r.Webhooks.Rotate(ctx, input))
}

func webhookSecretPayload(w *ent.Webhook, secret string, err error) (*model.WebhookSecretPayload, error) {
	invalid, err := userErrors(err)
	return &model.WebhookSecretPayload{Webhook: w, Secret: orNil(secret), UserErrors: invalid}, err
}

func (r *mutationResolver) UpdateWebhook(ctx context.Context, input webhook.UpdateInput) (*model.WebhookPayload, error) {
	return webhookPayload(r.Webhooks.Update(ctx, input))
}

func (r *mutationResolver) ReplayWebhook(ctx context.Context, input webhook.ReplayInput) (*model.WebhookPayload, error) {
	return webhookPayload(r.Webhooks.Replay(ctx, input))
}

func webhookPayload(w *ent.Webhook, err error) (*model.WebhookPayload, error) {
	invalid, err := userErrors(err)
	return &model.WebhookPayload{Webhook: w, UserErrors: invalid}, err
}

func (r *mutationResolver) DeleteWebhook(ctx context.Context, input model.DeleteInput) (*model.DeletePayload, error) {
	return deletePayload(input.ID, r.Webhooks.Delete(ctx, input.ID))
}
