package article

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/internal/foundation/heartbeat"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
)

// The passing of time publishes an article when its publishedAt comes and expires it when
// its expiresAt does. Reads apply that at once; next_at holds the next such moment until
// the change feed has an entry for it.

// pollInterval bounds how long Run sleeps: other replicas schedule articles too.
const pollInterval = 500 * time.Millisecond

// roundTime bounds one round of Run.
const roundTime = 30 * time.Second

// dueBatch is how many due articles are read at once; each is logged in a transaction of
// its own.
const dueBatch = 100

// Run logs what is due, as its time comes, until ctx ends.
func (s *Service) Run(ctx context.Context, logger *slog.Logger) error {
	for ctx.Err() == nil {
		wait := pollInterval
		err := heartbeat.Round(ctx, roundTime, func(ctx context.Context) error {
			err := s.LogDue(ctx)
			wait = s.untilDue(ctx)
			return err
		})
		if err != nil && ctx.Err() == nil {
			logger.Error("logging scheduled articles failed; retrying", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
	return nil
}

// untilDue returns how long to sleep: until the next moment that is known, at most for
// pollInterval.
func (s *Service) untilDue(ctx context.Context) time.Duration {
	next, err := s.store.Client(ctx).Article.Query().Where(article.NextAtNotNil()).
		Order(article.ByNextAt()).Limit(1).Select(article.FieldNextAt).Ints(viewer.AsSystem(ctx))
	if err != nil || len(next) == 0 {
		return pollInterval
	}
	return min(pollInterval, max(time.Millisecond, instant.Instant(next[0]).Sub(s.store.Clock())))
}

// LogDue appends to the change feed the publications and expiries whose time has come.
// Any number of replicas may run it at once: of those, one logs each.
func (s *Service) LogDue(ctx context.Context) error {
	ctx = viewer.AsSystem(ctx)
	for {
		now := s.store.Clock()
		ids, err := s.store.Client(ctx).Article.Query().Where(article.NextAtLTE(now)).
			Order(article.ByNextAt(), article.ByID()).Limit(dueBatch).IDs(ctx)
		if err != nil {
			return fmt.Errorf("read the scheduled articles that are due: %w", err)
		}
		if len(ids) == 0 {
			return nil
		}
		for _, id := range ids {
			if err := s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error { return s.logDue(ctx, c, id, now) }); err != nil {
				return fmt.Errorf("log that the time of %s has come: %w", id, err)
			}
		}
	}
}

// logDue logs one article. It does nothing where another replica logged it, or a user
// saved it, since it was read.
func (s *Service) logDue(ctx context.Context, c *ent.Client, id string, now instant.Instant) error {
	if err := s.store.LockRows(ctx, c, store.ForChange, article.Table, id); err != nil {
		return err
	}
	a, err := c.Article.Get(ctx, id)
	if ent.IsNotFound(err) || err == nil && (a.NextAt == nil || *a.NextAt > now) {
		return nil
	}
	if err != nil {
		return err
	}
	r, err := loadRecord(ctx, c, a)
	if err != nil {
		return err
	}
	update := c.Article.Update().Where(article.ID(id), article.Version(a.Version), article.NextAt(*a.NextAt))
	if r.expire(now); r.Status == article.StatusEXPIRED {
		r.Version, r.UpdatedAt = r.Version+1, max(now, r.UpdatedAt+1)
	}
	update.SetStatus(r.Status).SetVersion(r.Version).SetUpdatedAt(r.UpdatedAt)
	r.fillTimes(update.Mutation(), true, now)
	if n, err := update.Save(ctx); err != nil || n == 0 {
		return err
	}
	after, err := c.Article.Get(ctx, id)
	if err != nil {
		return err
	}
	return s.logChange(ctx, c, change{Record: r, old: a, now: now}, after)
}
