package graph_test

import (
	"fmt"
	"testing"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/graph"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestFiltersHaveIndexes asks as the public for articles with each filter of the schema in each
// order of the schema. An index serves both, so that the plan neither sorts nor scans a table,
// or the list is refused. A filter or an order that is new in the schema has to be added here.
func TestFiltersHaveIndexes(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, storetest.SQLite(t))
	c, publisher, region := p.Category("行业新闻", "news", nil), p.Publisher("青禾养老网编辑部", true), p.Region("临澜市", "linlan")
	p.Many(20, 0, []*ent.Category{c}, []*ent.Publisher{publisher})
	filters := map[string]string{"category": fmt.Sprintf("category: %q", c.ID), "exact": fmt.Sprintf("category: %q, exact: true", c.ID),
		"region": fmt.Sprintf("region: %q", region.ID), "nationwide": "nationwide: true", "publisher": fmt.Sprintf("publisher: %q", publisher.ID),
		"tag": `tag: "养老"`, "terminal": "terminal: WAP", "publishedAfter": `publishedAfter: "2026-01-01T00:00:00Z"`,
		"publishedBefore": `publishedBefore: "2026-01-01T00:00:00Z"`, "status": "status: PUBLISHED"}
	byTime := map[string]bool{"PUBLISHED_DESC": true, "PUBLISHED_ASC": true}
	needsTime := map[string]bool{"tag": true, "publishedAfter": true, "publishedBefore": true}
	schema := new(graph.Resolver).Schema().Schema()
	for _, field := range schema.Types["ArticleFilter"].Fields {
		filter, known := filters[field.Name]
		if !known {
			t.Errorf("the filter %s is not tried", field.Name)
			continue
		}
		for _, order := range schema.Types["ArticleOrder"].EnumValues {
			query := fmt.Sprintf(`{ articles(filter: { %s }, orderBy: %s) { edges { node { title } } } }`, filter, order.Name)
			if needsTime[field.Name] && !byTime[order.Name] {
				if code := p.Ask("", query, nil).Code(); code != "BAD_USER_INPUT" {
					t.Errorf("%s in the order %s: %q, want it refused", field.Name, order.Name, code)
				}
				continue
			}
			for _, plan := range plans(p, "", query) {
				if plan.has("`articles`") && (plan.sortsBelow() || plan.sorts() && !plan.perParent() || plan.scansTable("articles")) {
					t.Errorf("%s in the order %s:\n%s", field.Name, order.Name, plan)
				}
			}
		}
	}
}
