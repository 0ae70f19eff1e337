package graphqlhttp

import (
	"context"
	"hash/maphash"
	"math"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tonggao/tonggao/internal/api/querycost"
)

const (
	// Longer documents are parsed for every request.
	maxCachedDocument = 16 << 10
	// Memory of a parsed document, measured: a token is at most a field with its
	// position, and a cached document keeps its text.
	bytesPerToken = 320
	// How many hashes of documents that were seen once are remembered.
	seenSlots = 8 << 10
)

// documentCache caches parsed documents by their text: the least recently used are evicted
// when they exceed a number of bytes. The executor adds only valid documents.
//
// A document is admitted when it is seen for the second time, so a flood of documents that
// are each sent once evicts nothing.
type documentCache struct {
	mu   sync.Mutex
	free int64 // bytes
	lru  *simplelru.LRU[string, cachedDocument]

	seed maphash.Seed
	seen [seenSlots]uint64 // hashes
}

type cachedDocument struct {
	doc   *ast.QueryDocument
	bytes int64
}

var _ graphql.Cache[*ast.QueryDocument] = (*documentCache)(nil)

func newDocumentCache(bytes int64) *documentCache {
	c := &documentCache{free: bytes, seed: maphash.MakeSeed()}
	c.lru, _ = simplelru.NewLRU(math.MaxInt, func(_ string, evicted cachedDocument) { c.free += evicted.bytes }) // fails only for a size below 1
	return c
}

// Get returns the document parsed from query, if it is cached.
func (c *documentCache) Get(_ context.Context, query string) (*ast.QueryDocument, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	found, ok := c.lru.Get(query)
	return found.doc, ok
}

// Add caches a document that is short and was seen before.
func (c *documentCache) Add(_ context.Context, query string, doc *ast.QueryDocument) {
	if len(query) > maxCachedDocument {
		return
	}
	bytes := int64(len(query)) + bytesPerToken*int64(querycost.Measure(query).Tokens)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lru.Contains(query) || !c.seenBefore(query) {
		return
	}
	c.lru.Add(query, cachedDocument{doc, bytes})
	for c.free -= bytes; c.free < 0; {
		c.lru.RemoveOldest()
	}
}

// seenBefore reports whether the hash of query is remembered, and remembers it.
func (c *documentCache) seenBefore(query string) bool {
	h := maphash.String(c.seed, query)
	slot := &c.seen[h%seenSlots]
	seen := *slot == h
	*slot = h
	return seen
}
