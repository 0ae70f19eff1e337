package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestListsUseIndexes checks SQLite's plan of every list of the API in each of its orders:
// it reads an index and stops, and neither sorts nor scans a table.
func TestListsUseIndexes(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	p := apptest.Start(t, s)
	c := p.Category("行业新闻", "news", nil)
	publisher := p.Publisher("青禾养老网编辑部", true)
	region := p.Region("临澜市", "linlan")
	articles := p.Many(20, 2, []*ent.Category{c}, []*ent.Publisher{publisher})
	a := articles[0]
	illustrate(t, p, articles)
	lists := map[string]string{
		"search":             `{ search(query: "养老") { edges { node { title } } } }`,
		"comments":           `{ comments { edges { node { text } } } }`,
		"comments of one":    fmt.Sprintf(`{ comments(filter: { article: %q }) { edges { node { text } } } }`, a.ID),
		"waiting comments":   `{ comments(filter: { status: PENDING }) { edges { node { text } } } }`,
		"reports":            `{ reports { edges { node { id } } } }`,
		"reports in a state": `{ reports(filter: { status: FILED }) { edges { node { id } } } }`,
		"reports on one":     fmt.Sprintf(`{ reports(filter: { target: %q }) { edges { node { id } } } }`, a.ID),
		"threads":            fmt.Sprintf(`{ article(id: %q) { comments { edges { node { text replies { edges { node { text } } } } } } } }`, a.ID),
		"webhooks":           `{ webhooks { edges { node { name } } } }`,
		"attempts":           `{ webhooks { edges { node { attempts { edges { node { event } } } deadLetters { edges { node { event } } } } } } }`,
		"neighbours":         fmt.Sprintf(`{ article(id: %q) { previous { title } next { title } related { title } revisions { title } } }`, a.ID),
		"pictures":           `{ pictures { edges { node { url } } } }`,
		"pictures shown":     `{ articles { edges { node { coverImage { variants { url } } body { images { variants { url } } } } } } }`,
		"by slug":            fmt.Sprintf(`{ article(slug: %q) { title } }`, a.Slug),
	}
	for _, order := range []string{"PUBLISHED_DESC", "PUBLISHED_ASC", "VIEWS_DESC", "UPDATED_DESC"} {
		for name, filter := range map[string]string{
			"all": "", "exactly a category": fmt.Sprintf("category: %q, exact: true", c.ID), "a region": fmt.Sprintf("region: %q", region.ID),
			"a publisher": fmt.Sprintf("publisher: %q", publisher.ID), "drafts": "status: DRAFT",
		} {
			if name == "drafts" && !strings.HasPrefix(order, "PUBLISHED") {
				continue // drafts are few, so these orders need no index
			}
			lists[name+", "+order] = fmt.Sprintf(`{ articles(filter: { %s }, orderBy: %s) { edges { node { title } } } }`, filter, order)
		}
	}
	lists["a tag"] = `{ articles(filter: { tag: "养老" }) { edges { node { title } } } }`
	for name, query := range lists {
		roles := []viewer.Role{viewer.Anonymous, viewer.Moderator}
		switch {
		case strings.HasPrefix(name, "webhooks") || name == "attempts":
			roles = []viewer.Role{viewer.Integrator, viewer.Admin} // other roles have no webhooks
		case strings.HasPrefix(name, "reports"):
			roles = roles[1:] // only moderators ask for those
		case name == "pictures":
			roles = []viewer.Role{viewer.Moderator, viewer.Publisher}
		}
		for _, role := range roles {
			for _, plan := range plans(p, p.Token(role, publisher.ID), query) {
				if plan.sortsBelow() || plan.sorts() && !plan.perParent() {
					t.Errorf("%s, as %s, sorts:\n%s", name, role, plan)
				}
				for _, table := range []string{"articles", "comments", "reports", "bodies", "taggings", "publishers", "revisions", "pictures", "webhooks", "webhook_attempts"} {
					if plan.scansTable(table) {
						t.Errorf("%s, as %s, reads all %s:\n%s", name, role, table, plan)
					}
				}
			}
		}
	}
}
