package graphqlhttp

import (
	"container/list"
	"context"
	"hash/maphash"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tonggao/tonggao/internal/api/querycost"
)

const (
	// A document longer than this is parsed anew each time.
	largestCached = 16 << 10
	// What a parsed document takes, measured: a token is at most a field with
	// its position, and a cached document keeps its text.
	bytesAToken = 320
	// How many documents that were seen once are remembered.
	seenOnce = 8 << 10
)

// documentCache keeps the parsed documents that were asked for last, as many as
// fit into so many bytes. The executor puts only valid documents into it.
//
// A document is kept from its second appearance on, so that a flood of
// documents that are each sent once drives nothing out.
type documentCache struct {
	mu    sync.Mutex
	room  int64
	order *list.List // of *cached, the last used first
	byKey map[string]*list.Element

	seed maphash.Seed
	seen [seenOnce]uint64 // hashes
}

type cached struct {
	query string
	doc   *ast.QueryDocument
	bytes int64
}

var _ graphql.Cache[*ast.QueryDocument] = (*documentCache)(nil)

func newDocumentCache(bytes int64) *documentCache {
	return &documentCache{room: bytes, order: list.New(), byKey: map[string]*list.Element{}, seed: maphash.MakeSeed()}
}

// Get is the document parsed from query, if it is kept.
func (c *documentCache) Get(_ context.Context, query string) (*ast.QueryDocument, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.byKey[query]
	if !ok {
		return nil, false
	}
	c.order.MoveToFront(e)
	return e.Value.(*cached).doc, true
}

// Add keeps a document, if it is small and was seen before.
func (c *documentCache) Add(_ context.Context, query string, doc *ast.QueryDocument) {
	if len(query) > largestCached {
		return
	}
	bytes := int64(len(query)) + bytesAToken*int64(querycost.Measure(query).Tokens)
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.byKey[query]; ok || !c.again(query) {
		return
	}
	c.byKey[query] = c.order.PushFront(&cached{query, doc, bytes})
	for c.room -= bytes; c.room < 0; {
		c.dropLast()
	}
}

// again reports whether query was seen before, as far as is remembered.
func (c *documentCache) again(query string) bool {
	h := maphash.String(c.seed, query)
	slot := &c.seen[h%seenOnce]
	again := *slot == h
	*slot = h
	return again
}

func (c *documentCache) dropLast() {
	last := c.order.Remove(c.order.Back()).(*cached)
	delete(c.byKey, last.query)
	c.room += last.bytes
}
