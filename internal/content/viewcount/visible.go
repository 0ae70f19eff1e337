package viewcount

import (
	"context"
	"fmt"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
)

var errNotFound = fault.New(fault.NotFound, "there is no such article, or it is not for you to see")

// Answers that are cached: how many, and for how long.
const (
	maxAnswers = 20_000
	answerTTL  = time.Minute
)

// visibility caches who can see which article, so that any number of views of one article
// costs one statement a minute.
type visibility struct {
	store   *store.Store
	answers *lru.Cache[question, answer]
}

// question holds everything in a request that decides whether an article is visible.
type question struct {
	role               viewer.Role
	publisher, article string
	terminals          terminal.Set
}

type answer struct {
	visible bool
	until   instant.Instant
}

func newVisibility(s *store.Store) *visibility {
	answers, _ := lru.New[question, answer](maxAnswers) // fails only for a size of 0
	return &visibility{s, answers}
}

// check returns an error unless the viewer can see the article.
func (v *visibility) check(ctx context.Context, articleID string) error {
	if !typeid.Is(typeid.Article, articleID) {
		return errNotFound
	}
	who, now := viewer.From(ctx), v.store.Clock()
	q := question{who.Role, who.Publisher, articleID, terminal.Named(ctx)}
	a, ok := v.answers.Get(q)
	if !ok || a.until <= now {
		visible, err := v.store.Client(ctx).Article.Query().Where(article.ID(articleID)).Exist(ctx)
		if err != nil {
			return fmt.Errorf("read the article that is viewed: %w", err)
		}
		a = answer{visible, now.Add(answerTTL)}
		v.answers.Add(q, a)
	}
	if !a.visible {
		return errNotFound
	}
	return nil
}
