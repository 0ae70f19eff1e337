package importer

import (
	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/sync/importer/record"
)

// branch is where a category of a site is in its tree.
type branch struct {
	parent string // key
	level  int    // from 1
}

// grow adds a category to the tree.
func (m *mover) grow(c *record.Category) {
	level := 1
	if above, ok := m.tree[c.Parent]; ok && c.Parent != c.Key {
		level = above.level + 1
	}
	m.tree[c.Key] = branch{c.Parent, level}
}

// parentOf returns the key of the category above c. Where the tree has more levels than
// here, or no such category, it is the nearest possible one.
func (w *writer) parentOf(c *record.Category) string {
	if c.Parent == "" {
		return ""
	}
	if _, ok := w.tree[c.Parent]; !ok || c.Parent == c.Key {
		w.lose("its parent %s does not exist, so it is at the top", c.Parent)
		return ""
	}
	parent := c.Parent
	for w.tree[parent].level >= category.Levels {
		parent = w.tree[parent].parent
	}
	if parent != c.Parent {
		w.lose("categories have at most %d levels here, so it is further up", category.Levels)
	}
	return parent
}
