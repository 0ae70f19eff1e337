// Package graph holds the GraphQL resolvers, one file per type of schema.graphqls. A
// resolver translates a field into a call of a service, and its result into GraphQL, in a
// few lines. It decides nothing: internal/store/policy decides what a viewer may see and
// do, and the services decide what input is valid.
//
// Fields of many rows are loaded in batches (loadBatch, a dataloader), so the number of
// statements of a request depends on its fields and not on the number of rows: there is no
// N+1 problem, and TestStatementsDoNotFollowRows keeps it so. The HTTP transport is
// internal/api/graphqlhttp.
package graph

import (
	"github.com/99designs/gqlgen/graphql"

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
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/qrcode"
	"github.com/tonggao/tonggao/internal/moderation/privacy"
	"github.com/tonggao/tonggao/internal/moderation/report"
	"github.com/tonggao/tonggao/internal/moderation/takedown"
	"github.com/tonggao/tonggao/internal/moderation/wordlist"
	"github.com/tonggao/tonggao/internal/store/changefeed"
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
	WriteLimit  *WriteLimit
	Site        *site.Service
	ChangeLog   *changefeed.Log
	Views       *viewcount.Counter
	Webhooks    *webhook.Service
	Rendered    *render.Cache
	QRCodes     *qrcode.Cache
	ChangePages *broadcast.Broadcaster[*changefeed.Page]
	Clock       instant.Clock
	BaseURL     string // the public address of the server, such as https://api.example.com; may be empty
}

// Schema returns the executable schema that r resolves.
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

// Query returns the resolver of queries. With the methods below it implements
// generated.ResolverRoot.
func (r *Resolver) Query() generated.QueryResolver { return &queryResolver{r} }

// Mutation returns the resolver of mutations.
func (r *Resolver) Mutation() generated.MutationResolver { return &mutationResolver{r} }

// Article returns the resolver of articles.
func (r *Resolver) Article() generated.ArticleResolver { return &articleResolver{r} }

// Body returns the resolver of bodies.
func (r *Resolver) Body() generated.BodyResolver { return &bodyResolver{r} }

// Category returns the resolver of categories.
func (r *Resolver) Category() generated.CategoryResolver { return &categoryResolver{r} }

// Comment returns the resolver of comments.
func (r *Resolver) Comment() generated.CommentResolver { return &commentResolver{r} }

// Publisher returns the resolver of publishers.
func (r *Resolver) Publisher() generated.PublisherResolver { return &publisherResolver{r} }

// Region returns the resolver of regions.
func (r *Resolver) Region() generated.RegionResolver { return &regionResolver{r} }

// Report returns the resolver of reports.
func (r *Resolver) Report() generated.ReportResolver { return &reportResolver{r} }

// Takedown returns the resolver of takedowns.
func (r *Resolver) Takedown() generated.TakedownResolver { return &takedownResolver{r} }

// Picture returns the resolver of uploaded pictures.
func (r *Resolver) Picture() generated.PictureResolver { return &pictureResolver{r} }

// ReportEvent returns the resolver of the events of a report.
func (r *Resolver) ReportEvent() generated.ReportEventResolver { return &reportEventResolver{r} }

// ReportStatus returns the resolver of what the holder of a receipt sees.
func (r *Resolver) ReportStatus() generated.ReportStatusResolver { return &reportStatusResolver{r} }
