package region_test

import (
	"context"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/change"
	"github.com/tonggao/tonggao/internal/content/region"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/portal"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// fixture is a portal with the service under test.
type fixture struct {
	*portal.Portal
	*region.Service
}

var (
	system = portal.System()
	editor = as(viewer.Editor)
	public = context.Background()
)

func as(role viewer.Role) context.Context {
	return viewer.With(context.Background(), viewer.Viewer{Role: role, TokenID: "tok_x", Publisher: "pub_x"})
}

func open(t *testing.T, s *storetest.Store) *fixture {
	return &fixture{Portal: portal.New(t, s), Service: region.New(s.Store, changefeed.New(s.Store))}
}

// add creates a region.
func (n *fixture) add(t *testing.T, name, slug string, position int) *ent.Region {
	t.Helper()
	row, err := n.Create(editor, region.CreateInput{Name: name, Slug: &slug, Position: position})
	check.NoError(t, err)
	return row
}

// write writes an article about a region.
func (n *fixture) write(id string, status article.Status) error {
	return n.NewArticle(status, func(c *ent.ArticleCreate) { c.SetRegionID(id) }).Exec(system)
}

// logged returns the change feed's entries about all regions, without their times.
func (n *fixture) logged(t *testing.T) string {
	t.Helper()
	rows, err := n.Client(system).Change.Query().Where(change.ItemType("Region")).Order(ent.Asc(change.FieldID)).All(system)
	check.NoError(t, err)
	return portal.Entries(rows)
}

// listed returns the names and slugs of all regions, in order.
func (n *fixture) listed(t *testing.T) string {
	t.Helper()
	rows, err := n.List(public)
	check.NoError(t, err)
	names := make([]string, len(rows))
	for i, row := range rows {
		names[i] = row.Name + " " + row.Slug
	}
	return strings.Join(names, ", ")
}
