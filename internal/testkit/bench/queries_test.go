package bench_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// BenchmarkQuery measures other common queries, through the handler.
func BenchmarkQuery(b *testing.B) {
	p := start(b)
	top := called(b, p.handler, http.MethodPost, "/graphql", operation(b, `{ categories { id } }`, nil))()
	_, category, _ := strings.Cut(string(top), `"id":"`)
	category, _, _ = strings.Cut(category, `"`)
	for _, q := range []struct{ name, query, finds string }{
		{"typename", `{ __typename }`, "Query"},
		{"titles", `{ articles(first: 20) { edges { node { title } } } }`, commonWord},
		{"count", `{ articles { totalCount } }`, strconv.Itoa(articles())},
		{"search-common", `{ search(query: "` + commonWord + `", first: 20) { edges { node { title } } } }`, commonWord},
		{"search-rare", `{ search(query: "` + rareWord + `", first: 20) { edges { node { title } } } }`, rareWord},
		{"category", `{ category(id: "` + category + `") { name breadcrumb { name } children { name } articles(first: 20) { edges { node { title publisher { name } } } } } }`, commonWord},
		{"categories", `{ categories { name children { name articles(first: 3) { edges { node { title } } } } } }`, commonWord},
	} {
		ask := called(b, p.handler, http.MethodPost, "/graphql", operation(b, q.query, nil))
		if got := string(ask()); !strings.Contains(got, q.finds) {
			b.Fatalf("%s: found no %s: %.500s", q.name, q.finds, got)
		}
		b.Run(q.name, func(b *testing.B) { measure(b, ask) })
	}
}
