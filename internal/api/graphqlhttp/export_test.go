package graphqlhttp

// DocumentCache is the cache of parsed documents, for its tests.
type DocumentCache = documentCache

// NewDocumentCache is for the tests of the cache.
func NewDocumentCache(bytes int64) *DocumentCache { return newDocumentCache(bytes) }

// Len returns how many documents are cached.
func (c *documentCache) Len() int {
	c.documents.CleanUp()
	return c.documents.EstimatedSize()
}

// Bytes returns how many bytes the cached documents are counted with.
func (c *documentCache) Bytes() int64 { return int64(c.documents.WeightedSize()) }
