package render

import "github.com/maypok86/otter/v2"

// Key names one form of one body.
type Key struct {
	Body string // body.Hash of the document
	Form string // the terminal or form, and the Options that the form depends on
}

// Cache keeps rendered forms, bounded by bytes; it evicts by frequency and recency of
// use. Forms are pure functions of a body, so that no entry is ever invalidated. A Cache
// may be used by several goroutines.
type Cache struct {
	limit int
	forms *otter.Cache[Key, string] // nil keeps nothing
}

// entryBytes is the approximate overhead of one entry.
const entryBytes = 256

func weigh(key Key, form string) uint32 {
	return uint32(len(form) + len(key.Body) + len(key.Form) + entryBytes)
}

// NewCache creates a cache of at most limit bytes. A limit of 0 keeps nothing.
func NewCache(limit int) *Cache {
	if limit <= 0 {
		return &Cache{}
	}
	return &Cache{limit: limit, forms: otter.Must(&otter.Options[Key, string]{
		MaximumWeight: uint64(limit), Weigher: weigh,
		Executor: func(evict func()) { evict() }, // at once, without a goroutine
	})}
}

// Get returns the form of key, and calls render where it is not cached. Concurrent
// callers may each render it.
func (c *Cache) Get(key Key, render func() string) string {
	if c.forms == nil {
		return render()
	}
	if form, ok := c.forms.GetIfPresent(key); ok {
		return form
	}
	form := render()
	if int(weigh(key, form)) <= c.limit { // a larger one would evict others first
		c.forms.Set(key, form)
	}
	return form
}

// Bytes returns how many bytes the cache holds.
func (c *Cache) Bytes() int {
	if c.forms == nil {
		return 0
	}
	return int(c.forms.WeightedSize())
}
