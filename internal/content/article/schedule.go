package article

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/predicate"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/heartbeat"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/retry"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/invalidation"
)

// The passing of time publishes an article when its publishedAt comes and expires it when
// its expiresAt does. Reads apply that at once; next_at holds the next such moment until
// the change feed has an entry for it. The first replica whose clock has come to it writes the
// entry, and for all consumers the entry decides (policy.IsLogged): clocks differ.

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
			now := s.store.Clock()
			err := s.logDueBy(ctx, now)
			wait = s.untilDue(ctx, now)
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

// untilDue returns how long to sleep after a round: until the next moment that is known, at
// most for pollInterval. What was due in the round and failed is not waited for.
func (s *Service) untilDue(ctx context.Context, round instant.Instant) time.Duration {
	next, err := s.store.Client(ctx).Article.Query().Where(article.NextAtGT(round)).
		Order(article.ByNextAt()).Limit(1).Select(article.FieldNextAt).Ints(viewer.AsSystem(ctx))
	if err != nil || len(next) == 0 {
		return pollInterval
	}
	return min(pollInterval, max(time.Millisecond, instant.Instant(next[0]).Sub(s.store.Clock())))
}

// NextDue returns when time will next show or hide an article after now; nil for never. What is
// due already and not logged yet may still have to expire.
func (s *Service) NextDue(ctx context.Context, now instant.Instant) (*instant.Instant, error) {
	var next *instant.Instant
	for column, where := range map[string]predicate.Article{
		article.FieldNextAt:    article.NextAtGT(now),
		article.FieldExpiresAt: article.And(article.NextAtLTE(now), article.ExpiresAtGT(now)),
	} {
		times, err := s.store.Client(ctx).Article.Query().Where(where).Order(ent.Asc(column)).Limit(1).Select(column).Ints(viewer.AsSystem(ctx))
		if err != nil {
			return nil, fmt.Errorf("read when the next article is due: %w", err)
		}
		if len(times) > 0 && (next == nil || instant.Instant(times[0]) < *next) {
			next = new(instant.Instant(times[0]))
		}
	}
	return next, nil
}

// LogDue appends to the change feed the publications and expiries whose time has come.
// Any number of replicas may run it at once: of those, one logs each. An article that cannot
// be logged does not stop the others: it is part of the error, and retried with backoff.
func (s *Service) LogDue(ctx context.Context) error { return s.logDueBy(ctx, s.store.Clock()) }

func (s *Service) logDueBy(ctx context.Context, now instant.Instant) error {
	ctx = viewer.AsSystem(ctx)
	var failed []error
	seen := map[string]bool{}
	unavailable := 0 // in a row
	for after := (&ent.Article{NextAt: new(instant.Instant)}); ; {
		due, err := s.due(ctx, after, now)
		if err != nil {
			return errors.Join(append(failed, err)...)
		}
		if len(due) == 0 {
			s.failing.keep(seen)
			return errors.Join(failed...)
		}
		for _, a := range due {
			seen[a.ID] = true
			if s.failing.waits(a.ID, now) {
				continue
			}
			err := s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error { return s.logDue(ctx, c, a.ID, now) })
			s.failing.record(a.ID, now, err)
			if unavailable++; !fault.Is(err, fault.Unavailable) {
				unavailable = 0
			}
			if err != nil {
				failed = append(failed, fmt.Errorf("log that the time of %s has come: %w", a.ID, err))
			}
			if ctx.Err() != nil || unavailable == maxUnavailable {
				return errors.Join(failed...)
			}
		}
		after = due[len(due)-1]
	}
}

// due returns the id and time of the next articles that are due by now.
func (s *Service) due(ctx context.Context, after *ent.Article, now instant.Instant) ([]*ent.Article, error) {
	list, err := s.store.Client(ctx).Article.Query().
		Where(article.NextAtLTE(now), article.Or(article.NextAtGT(*after.NextAt), article.And(article.NextAt(*after.NextAt), article.IDGT(after.ID)))).
		Order(article.ByNextAt(), article.ByID()).Limit(dueBatch).Select(article.FieldID, article.FieldNextAt).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the scheduled articles that are due: %w", err)
	}
	return list, nil
}

// maxUnavailable ends a round after that many articles in a row for which the database was not
// available: one may be locked, but then it is the database.
const maxUnavailable = 3

// Backoff of an article that cannot be logged, by the number of failures in a row.
const (
	firstRetry = time.Second
	maxRetry   = 5 * time.Minute
)

// failing are the articles that could not be logged.
type failing struct {
	mu       sync.Mutex
	articles map[string]failure
}

type failure struct {
	count int
	retry instant.Instant
}

// waits reports whether an article is not to be tried at now. A clock that was set back does
// not make it wait longer than the backoff.
func (f *failing) waits(id string, now instant.Instant) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	wait := f.articles[id].retry.Sub(now)
	return wait > 0 && wait <= maxRetry
}

// record notes the result of a try.
func (f *failing) record(id string, now instant.Instant, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err == nil {
		delete(f.articles, id)
		return
	}
	if f.articles == nil {
		f.articles = map[string]failure{}
	}
	count := f.articles[id].count + 1
	f.articles[id] = failure{count, now.Add(retry.Exponential(count, firstRetry, maxRetry, rand.Float64()))}
}

// keep forgets the articles that are not among those that are still due.
func (f *failing) keep(due map[string]bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	maps.DeleteFunc(f.articles, func(id string, _ failure) bool { return !due[id] })
}

// Failing returns how many articles are due, and could not be logged by this replica.
func (s *Service) Failing() int {
	s.failing.mu.Lock()
	defer s.failing.mu.Unlock()
	return len(s.failing.articles)
}

// logDue logs one article. It does nothing where another replica logged it, or a user
// saved it, since it was read.
func (s *Service) logDue(ctx context.Context, c *ent.Client, id string, now instant.Instant) error {
	if err := s.store.LockRows(ctx, c, store.ForChange, article.Table, id); err != nil {
		return err
	}
	ctx = invalidation.OfArticles(ctx, id)
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
