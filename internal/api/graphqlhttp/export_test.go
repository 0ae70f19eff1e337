package graphqlhttp

import "github.com/vektah/gqlparser/v2/ast"

// DocumentCache exposes the document cache to its tests.
type DocumentCache = documentCache

// NewDocumentCache exposes newDocumentCache.
func NewDocumentCache(bytes int64) *DocumentCache { return newDocumentCache(bytes) }

// Documents returns the cached documents.
func (c *documentCache) Documents() (docs []*ast.QueryDocument) {
	for _, d := range c.lru.Values() {
		docs = append(docs, d.doc)
	}
	return docs
}
