package article

import (
	"context"
	"log/slog"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/input"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/redact"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// Time alone shows an article, when its publishedAt comes, and hides it, when its
// expiresAt does. Readers see that at once; next_at says when, until the change
// log has been told of it.

// visible reports whether everybody may see a at now.
func visible(a *ent.Article, now instant.Instant) bool { return policy.IsPublic(a, now) }

// told reports whether the change log says that a is to be seen: as it was before
// the moment that is due.
func told(a *ent.Article, now instant.Instant) bool {
	if a.Status == article.StatusPUBLISHED && a.NextAt != nil && *a.NextAt <= now {
		return a.ExpiresAt != nil && *a.NextAt == *a.ExpiresAt
	}
	return visible(a, now)
}

// shown reports whether readers may have seen a by now, told or not: a comment
// under it can be in the log before it is.
func shown(a *ent.Article, now instant.Instant) bool {
	return told(a, now) || policy.IsReleased(a, now)
}

// settle marks a record whose time is over as what it is.
func (r *Record) settle(now instant.Instant) {
	if r.Status == article.StatusPUBLISHED && r.ExpiresAt != nil && *r.ExpiresAt <= now {
		r.Status = article.StatusEXPIRED
	}
}

// nextAt is when time alone will change who sees r.
func (r Record) nextAt(now instant.Instant) *instant.Instant {
	switch {
	case r.Status != article.StatusPUBLISHED:
		return nil
	case r.listedAt() > now:
		at := r.listedAt()
		return &at
	default:
		return r.ExpiresAt
	}
}

// checkExpiry says what is wrong with the time at which r is hidden.
func (r Record) checkExpiry(bad *fault.Invalid, now instant.Instant) {
	if r.ExpiresAt == nil {
		return
	}
	input.Instant(bad, "expiresAt", *r.ExpiresAt)
	switch {
	case *r.ExpiresAt <= now:
		bad.Add("INVALID", "expiresAt", "must lie in the future; to hide the article now, unpublish it")
	case r.PublishedAt != nil && *r.ExpiresAt <= *r.PublishedAt:
		bad.Add("INVALID", "expiresAt", "must come after the article is published")
	}
}

func fillTimes(m *ent.ArticleMutation, r Record, exists bool, now instant.Instant) {
	next := r.nextAt(now)
	switch {
	case next != nil:
		m.SetNextAt(*next)
	case exists:
		m.ClearNextAt()
	}
	switch {
	case r.ExpiresAt != nil:
		m.SetExpiresAt(*r.ExpiresAt)
	case exists:
		m.ClearExpiresAt()
	}
}

// dueBatch is how many articles are looked for at once; each is told of in a
// transaction of its own.
const dueBatch = 100

// Due tells the change log of the articles that time has shown or hidden by now.
// Whoever comes first tells, so any number of programs may do this at once.
func (s *Service) Due(ctx context.Context) error {
	ctx = viewer.AsSystem(ctx)
	for {
		now := s.store.Clock()
		ids, err := s.store.Client(ctx).Article.Query().Where(article.NextAtLTE(now)).
			Order(article.ByNextAt(), article.ByID()).Limit(dueBatch).IDs(ctx)
		if err != nil || len(ids) == 0 {
			return err
		}
		for _, id := range ids {
			if err := s.store.Tx(ctx, func(ctx context.Context, c *ent.Client) error { return s.pass(ctx, c, id, now) }); err != nil {
				return err
			}
		}
	}
}

// pass tells the log what time did to an article. Somebody else who told it, or
// saved the article, since it was read makes this do nothing.
func (s *Service) pass(ctx context.Context, c *ent.Client, id string, now instant.Instant) error {
	a, err := c.Article.Get(ctx, id)
	if ent.IsNotFound(err) || err == nil && (a.NextAt == nil || *a.NextAt > now) {
		return nil
	}
	if err != nil {
		return err
	}
	r, err := s.recordOf(ctx, c, a)
	if err != nil {
		return err
	}
	update := c.Article.Update().Where(article.ID(id), article.Version(a.Version), article.NextAt(*a.NextAt))
	if r.settle(now); r.Status == article.StatusEXPIRED {
		r.Version, r.UpdatedAt = r.Version+1, max(now, r.UpdatedAt+1)
	}
	update.SetStatus(r.Status).SetVersion(r.Version).SetUpdatedAt(r.UpdatedAt)
	fillTimes(update.Mutation(), r, true, now)
	if n, err := update.Save(ctx); err != nil || n == 0 {
		return err
	}
	after, err := c.Article.Get(ctx, id)
	if err != nil {
		return err
	}
	return s.notice(ctx, c, r, a, after, "", now)
}

// glance is how often Run looks, at least: for what other programs schedule.
const glance = 500 * time.Millisecond

// Run tells the change log of what is due, as its time comes, until ctx ends.
func (s *Service) Run(ctx context.Context, logger *slog.Logger) error {
	for ctx.Err() == nil {
		if err := s.Due(ctx); err != nil && ctx.Err() == nil {
			logger.Error("tell of articles whose time has come; trying again", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(s.untilDue(ctx)):
		}
	}
	return nil
}

// untilDue is how long to sleep: until the next moment that is known, if it comes
// before the next glance.
func (s *Service) untilDue(ctx context.Context) time.Duration {
	ctx = viewer.AsSystem(ctx)
	next, err := s.store.Client(ctx).Article.Query().Where(article.NextAtNotNil()).
		Order(article.ByNextAt()).Limit(1).Select(article.FieldNextAt).Ints(ctx)
	if err != nil || len(next) == 0 {
		return glance
	}
	return min(glance, max(time.Millisecond, instant.Instant(next[0]).Sub(s.store.Clock())))
}

// Frozen is what the change log keeps of an article: what everybody may see.
type Frozen struct {
	PublishedAt *instant.Instant `json:"publishedAt"`
	ExpiresAt   *instant.Instant `json:"expiresAt"`
	CreatedAt   instant.Instant  `json:"createdAt"`
	UpdatedAt   instant.Instant  `json:"updatedAt"`
	OriginIP    optional.String  `json:"originIpMasked"`
	IPRegion    optional.String  `json:"ipRegion"`
	Content
}

// Frozen is r as the change log keeps it.
func (r Record) Frozen() Frozen {
	return Frozen{r.PublishedAt, r.ExpiresAt, r.CreatedAt, r.UpdatedAt, optional.String(redact.Address(r.OriginAddress)), r.IPRegion, r.Content}
}
