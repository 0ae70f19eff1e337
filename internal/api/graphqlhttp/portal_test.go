package graphqlhttp_test

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// portalSDL is the schema of a small portal, large enough to be attacked.
const portalSDL = `
scalar Time
scalar JSON
type Query {
	site: Site!
	node(id: ID!): Node
	nodes(ids: [ID!]!): [Node]!
	articles(filter: ArticleFilter, orderBy: Order, since: Time, first: Int, after: String, last: Int): ArticleConnection!
	categories: [Category!]!
	echo(text: String, json: JSON): String
	limited: String
	away: String
	broken: String
	panics: String
	slow: String
	manyBroken: [Broken!]!
}
type Mutation { addComment(input: CommentInput!): Article  rename(name: String!): Site }
interface Node { id: ID! }
type Site { name: String! home: Site! }
type Broken { why: String }
type Article implements Node { id: ID! title: String! category: Category! related(first: Int! = 6): [Article!]! comments(first: Int, last: Int): CommentConnection! }
type Category implements Node { id: ID! name: String! parent: Category children: [Category!]! articles(first: Int, last: Int): ArticleConnection! }
type ArticleConnection { edges: [ArticleEdge!]! totalCount: Int! }
type ArticleEdge { node: Article! cursor: String! }
type CommentConnection { edges: [CommentEdge!]! }
type CommentEdge { node: Comment! }
type Comment implements Node { id: ID! text: String! replies(first: Int): CommentConnection! article: Article! }
enum Order { NEWEST OLDEST }
input ArticleFilter { tag: String, category: ID, and: [ArticleFilter!] }
input CommentInput { article: ID!, text: String! }
`

// newPortal returns a schema of portalSDL with a little content, and fields that fail in every way.
func newPortal() *schema {
	site := object{"name": "养老之家"}
	site["home"] = resolver(func(context.Context, map[string]any) (any, error) { return site, nil })
	fails := func(err error) resolver {
		return func(context.Context, map[string]any) (any, error) { return nil, err }
	}
	broken := object{"why": fails(errors.New("no such table: articles"))}
	return newSchema(portalSDL, object{
		"site":       site,
		"nodes":      []any{},
		"categories": []any{object{"id": "cat_1", "name": "行业动态"}},
		"articles": object{"totalCount": 1, "edges": []any{
			object{"cursor": "c1", "node": object{"id": "art_1", "title": "今冬供暖提前"}},
		}},
		"echo":    resolver(func(_ context.Context, args map[string]any) (any, error) { return args["text"], nil }),
		"limited": fails(&fault.Error{Code: fault.Limited, Message: "too many comments; wait a little", Retry: 1500 * time.Millisecond}),
		"away":    fails(&fault.Error{Code: fault.Unavailable, Message: "the database cannot be reached right now", Retry: 1500 * time.Millisecond}),
		"broken":  fails(errors.Join(errors.New("UNIQUE constraint failed: article.slug"), sql.ErrNoRows)),
		"slow":    fails(context.DeadlineExceeded),
		"panics":  resolver(func(context.Context, map[string]any) (any, error) { panic("index out of range") }),
		"manyBroken": []any{
			broken, broken, broken, broken, broken, broken, broken, broken, broken,
		},
		"addComment": fails(fault.Invalid{{Code: "REQUIRED", Field: []string{"text"}, Message: "write something"}}),
		"rename":     site,
	})
}
