// Package notice tells a program of the operator's what somebody has to look at: a
// report came in, its deadline is near or over. Whoever is on duty hears of it where
// they are (DingTalk, WeCom, a pager), without asking every minute.
//
// A notice is a row in the transaction of what it tells of, so none is lost and none
// is told of what did not happen. It is posted, signed after Standard Webhooks, until
// the program takes it, for three days; at least once, under one id. It never holds
// personal data, and no order is promised: each says when it was.
package alert

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/alert"
	"github.com/tonggao/tonggao/internal/foundation/egress"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/retry"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/foundation/webhooksig"
	"github.com/tonggao/tonggao/internal/store"
)

// Options are where notices go.
type Options struct {
	URL    string // empty: nowhere, and none is written
	Secret string // of Standard Webhooks; empty: they are not signed
	Client *egress.Client
	Logger *slog.Logger
}

// Box is the notices that are still to be told.
type Outbox struct {
	store *store.Store
	o     Options
}

// New is the box of s.
func New(s *store.Store, o Options) *Outbox { return &Outbox{s, o} }

// Write puts a notice into the box, in the transaction of ctx and c. Data becomes JSON.
func (b *Outbox) Write(ctx context.Context, c *ent.Client, kind string, data any) error {
	if b.o.URL == "" {
		return nil
	}
	text, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("write a notice: %w", err)
	}
	now := b.store.Clock()
	err = c.Alert.Create().SetID(typeid.New(typeid.Alert, now)).SetType(kind).SetData(string(text)).SetAt(now).SetDueAt(now).
		Exec(viewer.AsSystem(ctx))
	if err != nil {
		return fmt.Errorf("write a notice: %w", err)
	}
	return nil
}

// Timing.
const (
	interval = 2 * time.Second
	lease    = time.Minute // longer than an attempt takes
	batch    = 50
)

// Run tells what is due until ctx ends.
func (b *Outbox) Run(ctx context.Context) error {
	if b.o.URL == "" {
		return nil
	}
	defer b.o.Client.Close()
	ticks := time.NewTicker(interval)
	defer ticks.Stop()
	for {
		if err := b.Round(ctx); err != nil && ctx.Err() == nil {
			b.o.Logger.WarnContext(ctx, "notices could not be told; this is tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticks.C:
		}
	}
}

// Round tells what is due now. It may run on several machines: each takes its own.
func (b *Outbox) Round(ctx context.Context) error {
	ctx = viewer.AsSystem(ctx)
	rows, err := b.store.Client(ctx).Alert.Query().Where(alert.DueAtLTE(b.store.Clock())).
		Order(alert.ByDueAt(), alert.ByID()).Limit(batch).All(ctx)
	if err != nil {
		return fmt.Errorf("look for notices: %w", err)
	}
	for _, n := range rows {
		if took, err := b.take(ctx, n); err != nil || !took {
			return err // the program is down: the rest waits for the next round
		}
	}
	return nil
}

// take takes n for this machine and tells it; false where nobody answers.
func (b *Outbox) take(ctx context.Context, n *ent.Alert) (bool, error) {
	c, now := b.store.Client(ctx), b.store.Clock()
	mine, err := c.Alert.Update().Where(alert.ID(n.ID), alert.DueAt(n.DueAt)).
		SetDueAt(now.Add(lease)).AddTries(1).Save(ctx)
	if err != nil || mine == 0 {
		return err == nil, err
	}
	answer, err := b.post(ctx, n, now)
	if ctx.Err() != nil {
		return false, ctx.Err() // nobody knows what came of it; it is told again
	}
	if err == nil && answer.Status >= 200 && answer.Status < 300 {
		return true, c.Alert.DeleteOneID(n.ID).Exec(ctx)
	}
	problem := any(err)
	if err == nil {
		problem = fmt.Sprintf("it answered %d", answer.Status)
	}
	pause, again := retry.Delay(n.Tries+1, rand.Float64(), answer.RetryAfter)
	if !again {
		b.o.Logger.ErrorContext(ctx, "a notice was not taken for three days and is given up", "notice", n.ID, "type", n.Type, "problem", problem)
		return true, c.Alert.DeleteOneID(n.ID).Exec(ctx)
	}
	b.o.Logger.WarnContext(ctx, "a notice was not taken; it is told again", "notice", n.ID, "type", n.Type, "problem", problem, "in", pause)
	return answer.Status != 0, c.Alert.UpdateOneID(n.ID).SetDueAt(now.Add(pause)).Exec(ctx)
}

// post is one attempt.
func (b *Outbox) post(ctx context.Context, n *ent.Alert, now instant.Instant) (egress.Answer, error) {
	body, err := json.Marshal(struct {
		Type      string          `json:"type"`
		Timestamp instant.Instant `json:"timestamp"`
		Data      json.RawMessage `json:"data"`
	}{n.Type, n.At, json.RawMessage(n.Data)})
	if err != nil {
		return egress.Answer{}, err
	}
	var secrets []string
	if b.o.Secret != "" {
		secrets = append(secrets, b.o.Secret)
	}
	h, err := webhooksig.Header(secrets, n.ID, now, body)
	if err != nil {
		return egress.Answer{}, err
	}
	return b.o.Client.Post(ctx, b.o.URL, h, body)
}
