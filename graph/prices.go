package graph

import "github.com/tonggao/tonggao/internal/api/querycost"

// Prices is the cost table of the schema: what fields cost in addition to their selection,
// the assumed length of lists without a page size, and how often a document may contain an
// expensive field. A point is about one row read by an index.
var Prices = querycost.Prices{
	Base: map[string]int64{
		"Query.search": 50, "Query.changes": 50, "Subscription.changes": 50, "Query.trending": 20, "Query.reportFigures": 100, "Article.related": 20,
		"Article.previous": 3, "Article.next": 3, "Article.qrCode": 120, "Article.body": 5,
		"ArticleConnection.totalCount": 200, "CommentConnection.totalCount": 10, "PublisherConnection.totalCount": 20, "ReportConnection.totalCount": 50,
		"WebhookConnection.totalCount": 10, "WebhookAttemptConnection.totalCount": 50,
		"PictureConnection.totalCount": 50, "Article.coverImage": 2, "Picture.usedBy": 10, "Image.variants": 2,
		"Viewer.personalData": 200, "Category.articleCount": 5, "Region.articleCount": 5, "Publisher.articleCount": 5, // one statement for all siblings
	},
	Size: map[string]int64{
		"Query.categories": 10, "Query.regions": 20, "Category.children": 10,
		"Article.breadcrumb": 3, "Category.breadcrumb": 3, "Body.images": 5, "Body.losses": 5, "Picture.usedBy": 10, "Image.variants": 3, "Picture.variants": 3,
		"Report.history": 10, "ReportStatus.history": 10, "Report.attachments": 5, "ReportStatus.attachments": 5, "Person.attachments": 5,
	},
	Most: map[string]int{
		"Mutation.addComment": 1, "Mutation.fileReport": 1, "Mutation.recordView": 1, "Mutation.reveal": 1, "Mutation.eraseMyself": 1, "Viewer.personalData": 1,
		"Query.search": 2, "Query.trending": 2, "Query.reportStatus": 1, "Query.reportFigures": 1,
	},
}
