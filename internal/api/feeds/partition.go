package feeds

import (
	"context"
	"fmt"
	"sync"
	"time"

	"entgo.io/ent/dialect/sql"

	entarticle "github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/changefeed"
)

// partition caches how the sitemap of a terminal is divided into parts. Computing it reads the
// whole site, so it is computed again only after the change log has grown, and at most once a
// minute.
type partition struct {
	mu      sync.Mutex
	entries int64 // of the change log, when it was computed
	reached int64 // the position of the database that it was computed on
	at      instant.Instant
	parts   []part
}

const maxPartitionAge = time.Minute

// parts returns the parts of the sitemap that have an article, and the position of the
// change log that they reflect.
func (h *Handler) parts(ctx context.Context, t terminal.Terminal) (_ []part, reached int64, err error) {
	entries, _, err := changefeed.Newest(ctx, h.Store)
	if err != nil {
		return nil, 0, err
	}
	had, atLeast := store.Positions(ctx)
	p := h.partitions[t]
	p.mu.Lock()
	defer p.mu.Unlock()
	now := h.Store.Clock()
	if p.at != 0 && p.reached >= atLeast && (p.entries == entries || now.Time().Sub(p.at.Time()) < maxPartitionAge) {
		return p.parts, p.reached, nil
	}
	parts, err := h.divide(ctx, t)
	if err != nil {
		return nil, 0, err
	}
	p.entries, p.reached, p.at, p.parts = entries, had, now, parts
	return parts, had, nil
}

// divide counts the public articles of each span and finds when they last changed.
func (h *Handler) divide(ctx context.Context, t terminal.Terminal) (parts []part, err error) {
	var spans []struct {
		Span, Count, Modified int64
	}
	err = h.listed(ctx, t).Modify(func(s *sql.Selector) {
		listed, updated := s.C(entarticle.FieldListedAt), s.C(entarticle.FieldUpdatedAt)
		s.Select().AppendSelectExprAs(sql.Expr(fmt.Sprintf("%s / %d", listed, partSpan)), "span").
			AppendSelectAs("COUNT(*)", "count").
			AppendSelectExprAs(sql.Expr(fmt.Sprintf("MAX(CASE WHEN %s > %s THEN %s ELSE %s END)", updated, listed, updated, listed)), "modified").
			Where(sql.GTE(listed, 0)).GroupBy("span").OrderBy("span")
	}).Scan(ctx, &spans)
	if err != nil {
		return nil, fmt.Errorf("count the articles of the sitemap: %w", err)
	}
	for _, s := range spans {
		p := part{terminal: t, span: s.Span, modified: instant.Instant(s.Modified)}
		for ; p.n*partURLs < s.Count; p.n++ {
			parts = append(parts, p)
		}
	}
	return parts, nil
}
