package graphqlhttp

import (
	"context"
	"hash/maphash"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/maypok86/otter/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/tonggao/tonggao/internal/api/querycost"
)

const (
	// Longer documents are parsed for each request.
	maxCachedQuery = 16 << 10
	// The memory of a parsed document per token, measured: a token is at most a field
	// with its position, and a cached document keeps its text.
	bytesPerToken = 320
	// How many hashes of documents that were seen once are remembered.
	seenOnce = 8 << 10
)

// documentCache caches parsed documents, bounded by bytes. The executor adds only valid
// documents.
//
// A document is cached from its second appearance on, so that a flood of documents that
// are each sent once evicts nothing.
type documentCache struct {
	documents *otter.Cache[string, *ast.QueryDocument]
	seed      maphash.Seed
	seen      [seenOnce]atomic.Uint64 // hashes
}

var _ graphql.Cache[*ast.QueryDocument] = (*documentCache)(nil)

// newDocumentCache creates a cache of at most the given number of bytes, at least 1.
func newDocumentCache(bytes int64) *documentCache {
	return &documentCache{seed: maphash.MakeSeed(), documents: otter.Must(&otter.Options[string, *ast.QueryDocument]{
		MaximumWeight: uint64(bytes),
		Weigher: func(query string, _ *ast.QueryDocument) uint32 {
			return uint32(len(query) + bytesPerToken*querycost.Measure(query).Tokens)
		},
		Executor: func(evict func()) { evict() }, // at once, without a goroutine
	})}
}

// Get returns the document parsed from query, if it is cached.
func (c *documentCache) Get(_ context.Context, query string) (*ast.QueryDocument, bool) {
	return c.documents.GetIfPresent(query)
}

// Add caches a document if it is small and was seen before.
func (c *documentCache) Add(_ context.Context, query string, doc *ast.QueryDocument) {
	if len(query) <= maxCachedQuery && c.seenBefore(query) {
		c.documents.SetIfAbsent(query, doc)
	}
}

// seenBefore reports whether query was seen before, as far as it is remembered, and
// remembers it.
func (c *documentCache) seenBefore(query string) bool {
	h := maphash.String(c.seed, query)
	return c.seen[h%seenOnce].Swap(h) == h
}
