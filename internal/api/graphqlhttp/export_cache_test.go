package graphqlhttp

import "github.com/vektah/gqlparser/v2/ast"

// DocumentCache is the cache of parsed documents, for its tests.
type DocumentCache = documentCache

// NewDocumentCache is for the tests of the cache.
func NewDocumentCache(bytes int64) *DocumentCache { return newDocumentCache(bytes) }

// Documents lists what is kept, the last used first.
func (c *documentCache) Documents() (docs []*ast.QueryDocument) {
	for e := c.order.Front(); e != nil; e = e.Next() {
		docs = append(docs, e.Value.(*cached).doc)
	}
	return docs
}
