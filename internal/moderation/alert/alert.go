// Package alert notifies the operator's own program (which may page people through
// DingTalk, WeCom or a pager) of what needs attention: a report was filed, its
// deadline is near or has expired, content was taken down.
//
// It is a transactional outbox: an alert is a row written in the transaction of the
// change it reports, so none is lost and none reports what was rolled back. It is
// posted, signed after Standard Webhooks, at least once and under one id, until the
// program acknowledges it or three days have passed. Alerts hold no personal data, and
// their order is not guaranteed: each carries its timestamp.
package alert

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/alert"
	"github.com/tonggao/tonggao/internal/foundation/egress"
	"github.com/tonggao/tonggao/internal/foundation/heartbeat"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/outbox"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
)

// Options configure where alerts are sent.
type Options struct {
	URL    string // empty: no alerts are written or sent
	Secret string // of Standard Webhooks; empty: unsigned
	Client *egress.Client
	Logger *slog.Logger
}

// Outbox holds the alerts that are not delivered yet.
type Outbox struct {
	store *store.Store
	o     Options
}

// New returns the outbox of s.
func New(s *store.Store, o Options) *Outbox { return &Outbox{s, o} }

// Write adds an alert in the transaction of ctx and c. Data is encoded as JSON.
func (b *Outbox) Write(ctx context.Context, c *ent.Client, kind string, data any) error {
	if b.o.URL == "" {
		return nil
	}
	text, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("encode an alert: %w", err)
	}
	now := b.store.Clock()
	err = c.Alert.Create().SetID(typeid.New(typeid.Alert, now)).SetType(kind).SetData(string(text)).SetAt(now).SetDueAt(now).
		Exec(viewer.AsSystem(ctx))
	if err != nil {
		return fmt.Errorf("write an alert: %w", err)
	}
	return nil
}

const (
	interval = 2 * time.Second
	batch    = 50

	roundTime = 10 * time.Minute // fifty slow receivers
)

// Run sends due alerts until ctx ends.
func (b *Outbox) Run(ctx context.Context) error {
	if b.o.URL == "" {
		return nil
	}
	defer b.o.Client.Close()
	round := func(ctx context.Context) error { return heartbeat.Round(ctx, roundTime, b.Round) }
	outbox.Poll(ctx, interval, nil, round, func(err error) {
		b.o.Logger.WarnContext(ctx, "alert delivery failed; retrying until it works", "error", err)
	})
	return nil
}

// Round sends the alerts that are due now. Several processes may run it at once; each
// alert is sent by the one that takes its lease.
func (b *Outbox) Round(ctx context.Context) error {
	ctx = viewer.AsSystem(ctx)
	rows, err := b.store.Client(ctx).Alert.Query().Where(alert.DueAtLTE(b.store.Clock())).
		Order(alert.ByDueAt(), alert.ByID()).Limit(batch).All(ctx)
	if err != nil {
		return fmt.Errorf("list due alerts: %w", err)
	}
	for _, a := range rows {
		leased, err := b.lease(ctx, a)
		if err != nil {
			return err
		}
		if !leased {
			continue // another process sends it
		}
		if answered, err := b.deliver(ctx, a); err != nil || !answered {
			return err // the receiver is down: the rest waits for the next round
		}
	}
	return nil
}

// lease postpones a for LeaseTime, and reports whether this process was the one to do it.
func (b *Outbox) lease(ctx context.Context, a *ent.Alert) (bool, error) {
	n, err := b.store.Client(ctx).Alert.Update().Where(alert.ID(a.ID), alert.DueAt(a.DueAt)).
		SetDueAt(b.store.Clock().Add(outbox.LeaseTime)).AddTries(1).Save(ctx)
	if err != nil {
		return false, fmt.Errorf("lease alert %s: %w", a.ID, err)
	}
	return n == 1, nil
}

// deliver sends a, then removes it or schedules the retry. It reports whether the
// receiver answered.
func (b *Outbox) deliver(ctx context.Context, a *ent.Alert) (answered bool, err error) {
	m, err := b.message(a)
	if err != nil {
		return false, err
	}
	c, now := b.store.Client(ctx), b.store.Clock()
	attempt := outbox.Send(ctx, b.o.Client, m, now)
	if ctx.Err() != nil {
		return false, ctx.Err() // the outcome is unknown: retried when the lease expires
	}
	log := b.o.Logger.With("alert", a.ID, "type", a.Type, "problem", attempt.Problem())
	delay, again := attempt.Retry(a.Tries + 1)
	switch {
	case attempt.Outcome == outbox.Delivered:
		err = c.Alert.DeleteOneID(a.ID).Exec(ctx)
	case !again:
		log.ErrorContext(ctx, "alert dropped after three days of failed attempts")
		err = c.Alert.DeleteOneID(a.ID).Exec(ctx)
	default:
		log.WarnContext(ctx, "alert delivery failed", "retry_in", delay)
		err = c.Alert.UpdateOneID(a.ID).SetDueAt(now.Add(delay)).Exec(ctx)
	}
	if err != nil {
		return false, fmt.Errorf("save the outcome of alert %s: %w", a.ID, err)
	}
	return attempt.Answer.Status != 0 || !again, nil
}

// message returns the request that delivers a.
func (b *Outbox) message(a *ent.Alert) (outbox.Message, error) {
	body, err := json.Marshal(struct {
		Type      string          `json:"type"`
		Timestamp instant.Instant `json:"timestamp"`
		Data      json.RawMessage `json:"data"`
	}{a.Type, a.At, json.RawMessage(a.Data)})
	if err != nil {
		return outbox.Message{}, fmt.Errorf("encode alert %s: %w", a.ID, err)
	}
	m := outbox.Message{ID: a.ID, URL: b.o.URL, Body: body}
	if b.o.Secret != "" {
		m.Secrets = []string{b.o.Secret}
	}
	return m, nil
}
