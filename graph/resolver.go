// Package graph is the GraphQL face: it turns fields of schema.graphqls into
// calls of services and their answers into GraphQL. Resolvers are a few lines;
// what a viewer may see is decided below, in internal/store/policy, what is right in
// the services. One file a domain.
//
// A field of many rows is loaded for all of them at once (forAll), so a request
// costs as many statements as it has fields that need one, however many rows it
// returns.
package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/graph/generated"
	"github.com/tonggao/tonggao/internal/api/broadcast"
	"github.com/tonggao/tonggao/internal/body/render"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/content/comment"
	"github.com/tonggao/tonggao/internal/content/media"
	"github.com/tonggao/tonggao/internal/content/publisher"
	"github.com/tonggao/tonggao/internal/content/region"
	"github.com/tonggao/tonggao/internal/content/site"
	"github.com/tonggao/tonggao/internal/content/viewcount"
	"github.com/tonggao/tonggao/internal/foundation/dataloader"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/moderation/privacy"
	"github.com/tonggao/tonggao/internal/moderation/report"
	"github.com/tonggao/tonggao/internal/moderation/takedown"
	"github.com/tonggao/tonggao/internal/moderation/wordlist"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/store/pagination"
	"github.com/tonggao/tonggao/internal/sync/webhook"
)

// Resolver holds the services that answer the graph's fields.
type Resolver struct {
	Articles    *article.Service
	Categories  *category.Service
	Publishers  *publisher.Service
	Regions     *region.Service
	Comments    *comment.Service
	Reports     *report.Service
	Takedowns   *takedown.Service
	Privacy     *privacy.Service
	Pictures    *media.Service
	WordLists   *wordlist.Service
	Writes      *Writes
	Site        *site.Service
	ChangeLog   *changefeed.Log
	Views       *viewcount.Counter
	Webhooks    *webhook.Service
	Rendered    *render.Cache
	ChangePages *broadcast.Broadcaster[*changefeed.Page]
	Clock       instant.Clock
	BaseURL     string // the address the server is known by, such as https://api.example.com; may be empty
}

// Schema is the executable schema that r answers.
func (r *Resolver) Schema() graphql.ExecutableSchema {
	return generated.NewExecutableSchema(generated.Config{Resolvers: r})
}

// The resolvers of each type.
type (
	queryResolver     struct{ *Resolver }
	mutationResolver  struct{ *Resolver }
	articleResolver   struct{ *Resolver }
	bodyResolver      struct{ *Resolver }
	categoryResolver  struct{ *Resolver }
	commentResolver   struct{ *Resolver }
	publisherResolver struct{ *Resolver }
	regionResolver    struct{ *Resolver }
	reportResolver    struct{ *Resolver }

	takedownResolver     struct{ *Resolver }
	reportEventResolver  struct{ *Resolver }
	reportStatusResolver struct{ *Resolver }
)

// Query implements generated.ResolverRoot, as do the methods below.
func (r *Resolver) Query() generated.QueryResolver { return &queryResolver{r} }

// Mutation resolves mutations.
func (r *Resolver) Mutation() generated.MutationResolver { return &mutationResolver{r} }

// Article resolves fields of articles.
func (r *Resolver) Article() generated.ArticleResolver { return &articleResolver{r} }

// Body resolves the forms of a text.
func (r *Resolver) Body() generated.BodyResolver { return &bodyResolver{r} }

// Category resolves fields of categories.
func (r *Resolver) Category() generated.CategoryResolver { return &categoryResolver{r} }

// Comment resolves fields of comments.
func (r *Resolver) Comment() generated.CommentResolver { return &commentResolver{r} }

// Publisher resolves fields of publishers.
func (r *Resolver) Publisher() generated.PublisherResolver { return &publisherResolver{r} }

// Region resolves fields of regions.
func (r *Resolver) Region() generated.RegionResolver { return &regionResolver{r} }

// Report resolves fields of reports.
func (r *Resolver) Report() generated.ReportResolver { return &reportResolver{r} }

// Measure resolves fields of measures.
func (r *Resolver) Takedown() generated.TakedownResolver { return &takedownResolver{r} }

// Picture resolves fields of uploaded pictures.
func (r *Resolver) Picture() generated.PictureResolver { return &pictureResolver{r} }

// ReportEvent resolves fields of the steps of a case.
func (r *Resolver) ReportEvent() generated.ReportEventResolver { return &reportEventResolver{r} }

// ReportStatus resolves fields of what a receipt tells.
func (r *Resolver) ReportStatus() generated.ReportStatusResolver { return &reportStatusResolver{r} }

// forAll is what fetch finds for id, fetched once for all rows that were loaded
// together with row. Each field of the request's text is fetched by itself: two
// aliases of one edge do not disturb each other.
func loadBatch[T, R any](ctx context.Context, g dataloader.Group[T], row T, id string, fetch func(context.Context, []T) (map[string]R, error)) (R, error) {
	found, err := dataloader.Load(ctx, g, row, graphql.GetFieldContext(ctx).Field.Field, fetch)
	return found[id], err
}

// byIDs makes a fetch out of one that wants ids; id names a row's.
func byIDs[T, R any](id func(T) string, fetch func(context.Context, []string) (map[string]R, error)) func(context.Context, []T) (map[string]R, error) {
	return func(ctx context.Context, rows []T) (map[string]R, error) {
		seen := make(map[string]bool, len(rows))
		ids := make([]string, 0, len(rows))
		for _, row := range rows {
			if id := id(row); id != "" && !seen[id] {
				seen[id] = true
				ids = append(ids, id)
			}
		}
		if len(ids) == 0 {
			return nil, nil
		}
		return fetch(ctx, ids)
	}
}

// request is what a connection's arguments ask for.
func request(ctx context.Context, first *int, after *string, last *int, before *string) pagination.Request {
	return pagination.Request{First: first, After: after, Last: last, Before: before,
		NoRows: !ent.Selected(ctx, "edges", "pageInfo")}
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func orNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
