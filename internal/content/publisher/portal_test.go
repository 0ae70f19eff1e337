package publisher_test

import (
	"context"
	"testing"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/internal/content/publisher"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/portal"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// fixture is a portal with the service under test.
type fixture struct {
	*portal.Portal
	*publisher.Service
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
	return &fixture{Portal: portal.New(t, s), Service: publisher.New(s.Store, changefeed.New(s.Store))}
}

// add creates a publisher.
func (n *fixture) add(t *testing.T, name string, public bool) *ent.Publisher {
	t.Helper()
	row, err := n.Create(editor, publisher.CreateInput{Name: name, Public: public})
	check.NoError(t, err)
	return row
}

// write writes an article of a publisher.
func (n *fixture) write(id string, status article.Status) error {
	return n.NewArticle(status, func(c *ent.ArticleCreate) { c.SetPublisherID(id) }).Exec(system)
}

// logged returns the change feed's entries about a publisher, without its times.
func (n *fixture) logged(id string) string { return portal.Entries(n.Changes(id)) }

// count returns how many publishers and entries of the change feed there are.
func (n *fixture) count(t *testing.T) (publishers, entries int) {
	t.Helper()
	publishers, err := n.Client(system).Publisher.Query().Count(system)
	check.NoError(t, err)
	entries, err = n.Client(system).Change.Query().Count(system)
	check.NoError(t, err)
	return publishers, entries
}
