package article

import (
	"context"
	"slices"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/store/invalidation"
	"github.com/tonggao/tonggao/internal/store/policy"
)

// noticed returns the context in which ch is saved, which says what answers that were given
// before depend on it: none while no reader can see the article, now or when its time comes; those
// that show it; or also those that list articles.
func (ch change) noticed(ctx context.Context) context.Context {
	shown := func(status article.Status) bool { return status == article.StatusPUBLISHED }
	switch {
	case !shown(ch.Status) && (ch.old == nil || !shown(ch.old.Status)):
		return invalidation.Unseen(ctx)
	case ch.old == nil || ch.moves():
		return invalidation.OfArticles(ctx, ch.ID)
	}
	return invalidation.ContentOf(ctx, ch.ID, !slices.Equal(ch.old.Tags, ch.Tags))
}

// moves reports whether a save changes anything by which lists select or sort the article,
// except for the time of the save.
func (ch change) moves() bool {
	next := ch.nextAt(ch.now)
	return ch.old.Slug != ch.Slug || ch.old.Status != ch.Status || ch.old.ListedAt != ch.listedAt() ||
		!equal(ch.old.PublishedAt, ch.PublishedAt) || !equal(ch.old.ExpiresAt, ch.ExpiresAt) || !equal(ch.old.NextAt, next) ||
		ch.old.CategoryID != ch.Category || regionOf(ch.old) != ch.Region || ch.old.PublisherID != ch.Publisher ||
		ch.old.Terminals != terminal.SetOf(ch.Terminals...)
}

func equal[T comparable](a, b *T) bool { return a == b || a != nil && b != nil && *a == *b }

// logChange appends to the change feed what readers notice of ch, which was saved as a.
func (s *Service) logChange(ctx context.Context, c *ent.Client, ch change, a *ent.Article) error {
	kind, noticed := kindOf(ch.old, a, ch.now)
	if !noticed {
		return nil
	}
	entry := changefeed.Entry{Kind: kind, Type: "Article", ID: a.ID, Version: a.Version, Reason: ch.reason}
	if ch.old != nil && knownToReaders(ch.old, ch.now) {
		entry.Was = changefeed.PlacementOf(ch.old)
	}
	if policy.IsLogged(a) {
		entry.Place, entry.Item = changefeed.PlacementOf(a), ch.Frozen()
	}
	return s.log.Append(ctx, c, entry)
}

// kindOf returns what readers notice when old becomes a; old is nil for a new article.
func kindOf(old, a *ent.Article, now instant.Instant) (kind changefeed.Kind, noticed bool) {
	before, after := old != nil && policy.IsLogged(old), policy.IsLogged(a)
	switch {
	case after && old == nil:
		return changefeed.Created, true
	case before && after:
		return changefeed.Updated, true
	case after:
		return changefeed.Published, true
	case old == nil || !knownToReaders(old, now):
		return "", false
	case a.Status == article.StatusEXPIRED:
		return changefeed.Expired, true
	default:
		return changefeed.Unpublished, true
	}
}

// knownToReaders reports whether readers may have seen a by now, logged or not: a comment
// on it can be in the feed before it is.
func knownToReaders(a *ent.Article, now instant.Instant) bool {
	return policy.IsLogged(a) || policy.IsReleased(a, now)
}

// notBefore returns now, or the time that the log has a as published since, which has come
// even where the clock of this machine is behind: a save must not take a back.
func notBefore(a *ent.Article, now instant.Instant) instant.Instant {
	if policy.IsLogged(a) {
		return max(now, a.ListedAt)
	}
	return now
}
