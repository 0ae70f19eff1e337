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
)

// plan is how the sitemap of a terminal is divided. Making it goes through the
// whole site, so it is made again only where the change log went on since, and not
// more than once a minute, however many ask.
type plan struct {
	mu       sync.Mutex
	position int64 // of the change log
	made     instant.Instant
	parts    []part
}

// planAge is how long a plan is good enough, whatever changes.
const planAge = time.Minute

// parts is the parts of the sitemap that have something to show.
func (d *Desk) parts(ctx context.Context, t terminal.Terminal) ([]part, error) {
	last, err := d.last(ctx)
	if err != nil {
		return nil, err
	}
	p := d.plans[t]
	p.mu.Lock()
	defer p.mu.Unlock()
	now := d.Store.Clock()
	if p.made != 0 && (p.position == last.ID || now.Time().Sub(p.made.Time()) < planAge) {
		return p.parts, nil
	}
	parts, err := d.divide(ctx, t)
	if err != nil {
		return nil, fmt.Errorf("divide the sitemap: %w", err)
	}
	p.position, p.made, p.parts = last.ID, now, parts
	return parts, nil
}

// divide counts what everybody sees in each span, and looks when it last changed.
func (d *Desk) divide(ctx context.Context, t terminal.Terminal) (parts []part, err error) {
	var spans []struct {
		Span, Count, Changed int64
	}
	err = d.listed(ctx, t).Modify(func(s *sql.Selector) {
		listed, updated := s.C(entarticle.FieldListedAt), s.C(entarticle.FieldUpdatedAt)
		s.Select().AppendSelectExprAs(sql.Expr(fmt.Sprintf("%s / %d", listed, partSpan)), "span").
			AppendSelectAs("COUNT(*)", "count").
			AppendSelectExprAs(sql.Expr(fmt.Sprintf("MAX(CASE WHEN %s > %s THEN %s ELSE %s END)", updated, listed, updated, listed)), "changed").
			Where(sql.GTE(listed, 0)).GroupBy("span").OrderBy("span")
	}).Scan(ctx, &spans)
	if err != nil {
		return nil, err
	}
	for _, s := range spans {
		p := part{terminal: t, span: s.Span, changed: instant.Instant(s.Changed)}
		for ; p.n*partURLs < s.Count; p.n++ {
			parts = append(parts, p)
		}
	}
	return parts, nil
}
