package viewcount

import (
	"context"
	"fmt"
	"sync"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/tonggao/tonggao/ent/viewday"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/invalidation"
)

// Bounds of Trending, and how long a ranking is cached.
const (
	MaxDays     = 366
	MaxTrending = 100
	rankingTTL  = time.Minute
)

// trending caches the newest ranking of each number of days.
type trending struct {
	mu       sync.Mutex
	rankings map[int]ranking
}

type ranking struct {
	articles []string
	until    instant.Instant
}

// Trending returns the ids of the articles with the most views in the last days, today
// included, most viewed first: at most limit of them, and never more than MaxTrending. It
// does not check who may see them; the caller loads the articles as the viewer, which
// leaves out hidden ones.
func (c *Counter) Trending(ctx context.Context, days, limit int) ([]string, error) {
	if days < 1 || days > MaxDays {
		return nil, fault.New(fault.BadUserInput, "views are summed over 1 to %d days, not %d", MaxDays, days)
	}
	invalidation.Read(ctx, viewday.Table)
	c.trending.mu.Lock()
	defer c.trending.mu.Unlock()
	now := c.store.Clock()
	r, ok := c.trending.rankings[days]
	if !ok || r.until <= now {
		articles, err := c.rank(ctx, dayOf(now)-days)
		if err != nil {
			return nil, err
		}
		r = ranking{articles, now.Add(rankingTTL)}
		if c.trending.rankings == nil {
			c.trending.rankings = map[int]ranking{}
		}
		c.trending.rankings[days] = r
	}
	limit = min(max(limit, 0), len(r.articles))
	return r.articles[:limit:limit], nil
}

// rank sums the views of all days after the given one.
func (c *Counter) rank(ctx context.Context, after int) ([]string, error) {
	articles, err := c.store.Client(ctx).ViewDay.Query().Where(viewday.DayGT(after)).
		Modify(func(s *sql.Selector) {
			article := s.C(viewday.FieldArticleID)
			s.Select(article).GroupBy(groupBy(s, article)).
				OrderExpr(sql.DescExpr(sql.Raw(sql.Sum(s.C(viewday.FieldViews)))), sql.Raw(article)).Limit(MaxTrending)
		}).Strings(viewer.AsSystem(ctx))
	if err != nil {
		return nil, fmt.Errorf("rank articles by views: %w", err)
	}
	return articles, nil
}

// groupBy returns what views are summed by. Without the unary plus, SQLite would read all
// days of all articles in the order of the articles; with it, only the last days.
func groupBy(s *sql.Selector, article string) string {
	if store.IsPostgres(s) {
		return article
	}
	return "+" + article
}
