package qrcode

import "github.com/maypok86/otter/v2"

// Pictures are the pictures of a QR code.
type Pictures struct {
	SVG string
	PNG string // in a data URI
}

// Cache caches pictures by their text, bounded by bytes.
type Cache struct {
	pictures *otter.Cache[string, Pictures]
}

// NewCache returns a cache of at most that many bytes, at least 1.
func NewCache(bytes int64) *Cache {
	return &Cache{otter.Must(&otter.Options[string, Pictures]{
		MaximumWeight: uint64(bytes),
		Weigher:       func(text string, p Pictures) uint32 { return uint32(len(text) + len(p.SVG) + len(p.PNG)) },
		Executor:      func(evict func()) { evict() }, // at once, without a goroutine
	})}
}

// Get returns the pictures of a text, drawn where they are not cached.
func (c *Cache) Get(text string) (Pictures, error) {
	if p, ok := c.pictures.GetIfPresent(text); ok {
		return p, nil
	}
	code, err := Encode(text)
	if err != nil {
		return Pictures{}, err
	}
	png, err := code.DataURI()
	if err != nil {
		return Pictures{}, err
	}
	p := Pictures{code.SVG(), png}
	c.pictures.SetIfAbsent(text, p)
	return p, nil
}
