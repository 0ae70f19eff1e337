package render

import (
	"container/list"
	"sync"
)

// Key names one form of one body.
type Key struct {
	Body string // body.Hash of the document
	Form string // the terminal or form, and whatever of the Options differs
}

// Cache keeps finished forms up to a number of bytes; those that were not asked
// for the longest go first. Forms are pure functions of a body, so nothing ever
// has to be taken out because it changed. It may be used by many at once.
type Cache struct {
	limit int

	mu      sync.Mutex
	size    int
	recent  *list.List // of *entry, the one asked for last in front
	entries map[Key]*list.Element
}

type entry struct {
	key  Key
	form string
}

// entryBytes is what the bookkeeping of one entry takes, about.
const entryBytes = 256

func (e *entry) size() int { return len(e.form) + len(e.key.Body) + len(e.key.Form) + entryBytes }

// NewCache makes a cache of at most limit bytes; one of 0 keeps nothing.
func NewCache(limit int) *Cache {
	return &Cache{limit: limit, recent: list.New(), entries: map[Key]*list.Element{}}
}

// Get gives the form of the key, and makes it where it is not kept. Two who ask
// at the same moment may both make it.
func (c *Cache) Get(key Key, form func() string) string {
	if kept, ok := c.lookup(key); ok {
		return kept
	}
	made := form()
	c.keep(&entry{key, made})
	return made
}

// Bytes is what is kept now.
func (c *Cache) Bytes() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.size
}

func (c *Cache) lookup(key Key) (string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	element, ok := c.entries[key]
	if !ok {
		return "", false
	}
	c.recent.MoveToFront(element)
	return element.Value.(*entry).form, true
}

func (c *Cache) keep(e *entry) {
	if e.size() > c.limit {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.entries[e.key]; ok {
		return
	}
	c.entries[e.key] = c.recent.PushFront(e)
	c.size += e.size()
	for c.size > c.limit {
		oldest := c.recent.Remove(c.recent.Back()).(*entry)
		delete(c.entries, oldest.key)
		c.size -= oldest.size()
	}
}
