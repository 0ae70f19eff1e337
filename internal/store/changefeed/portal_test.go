package changefeed_test

import (
	"context"
	"testing"

	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/testkit/portal"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

var (
	system     = viewer.AsSystem(context.Background())
	integrator = viewer.With(context.Background(), viewer.Viewer{Role: viewer.Integrator, TokenID: "tok_i"})
)

// fixture is a portal whose items can be viewed as clients see them.
type fixture struct {
	*portal.Writer
	t testing.TB
}

func open(t testing.TB, s *storetest.Store, seed uint64) *fixture {
	t.Helper()
	return &fixture{portal.NewWriter(t, s, seed), t}
}

// view is what the server shows of an item, by its id, as the change log writes it.
func (n *fixture) view(ctx context.Context, f changefeed.Filter) map[string]string {
	n.t.Helper()
	c, v := n.Client(ctx), view{fixture: n, filter: f, items: map[string]string{}, parents: map[string]string{}}
	categories, err := c.Category.Query().All(ctx)
	n.Must(err)
	for _, row := range categories {
		if row.ParentID != nil {
			v.parents[row.ID] = *row.ParentID
		}
		v.add(changefeed.CategoryEntry(changefeed.Created, row, nil))
	}
	publishers, err := c.Publisher.Query().All(system)
	n.Must(err)
	for _, row := range publishers {
		v.add(changefeed.PublisherEntry(changefeed.Created, row))
	}
	regions, err := c.Region.Query().All(ctx)
	n.Must(err)
	for _, row := range regions {
		v.add(changefeed.RegionEntry(changefeed.Created, row))
	}
	articles, err := c.Article.Query().All(ctx)
	n.Must(err)
	shown := map[string]bool{}
	for _, row := range articles {
		if shown[row.ID] = v.holds(row); shown[row.ID] {
			doc, err := c.Body.Get(ctx, row.ID)
			n.Must(err)
			r, err := article.RecordOf(row, doc)
			n.Must(err)
			v.add(changefeed.Entry{Type: "Article", ID: row.ID, Item: r.Frozen()})
		}
	}
	comments, err := c.Comment.Query().All(ctx)
	n.Must(err)
	for _, row := range comments {
		if shown[row.ArticleID] {
			v.add(changefeed.CommentEntry(changefeed.Created, row, 1))
		}
	}
	return v.items
}
