// Package invalidation decides whether an answer that was computed earlier still holds. A
// Reads collects what an answer depends on, a Writes what a transaction changes, and a
// Tracker remembers in which generation each thing was changed last.
//
// The store passes every statement to it, so that forgetting costs speed and never truth:
// without more knowledge a statement reads or writes all rows of the tables that it names. A
// service narrows that by the context: OfArticles names the articles that statements concern,
// a Listing names the rows of a list, Unseen marks a write that no anonymous reader can see.
// What is read from memory and not by a statement is recorded with Read.
//
// Invariant: when a transaction of this process has been acknowledged, Unchanged is false for
// everything that depends on what it changed. What other processes change is applied by
// changefeed.Freshness. The package knows no answers and does no I/O.
package invalidation

import (
	"hash/maphash"
	"sync"
	"sync/atomic"

	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/setting"
)

// slots is how many generations a Tracker remembers. Keys that share one are invalidated
// together, which costs speed.
const slots = 1 << 16

var seed = maphash.MakeSeed()

// slotOf returns where the generation of a key is kept.
func slotOf(key string) uint32 { return uint32(maphash.String(seed, key) % slots) }

// Tracker remembers when what answers depend on was changed last.
type Tracker struct {
	generation atomic.Uint64 // grows with each change
	floor      atomic.Uint64 // everything that is older was invalidated
	changed    [slots]atomic.Uint64

	mu      sync.Mutex
	own     map[int64]bool // entries of the change log that this process committed
	counted map[int64]bool // its transactions that the log does not show, by the count after each
}

// New returns a tracker in which nothing was changed.
func New() *Tracker {
	t := &Tracker{own: map[int64]bool{}, counted: map[int64]bool{}}
	t.generation.Store(1)
	return t
}

// Generation returns the current generation. What is read after it was returned reflects all
// changes up to it.
func (t *Tracker) Generation() uint64 { return t.generation.Load() }

// Unchanged reports whether nothing of d was changed after a generation.
func (t *Tracker) Unchanged(d Dependencies, since uint64) bool {
	if t.floor.Load() > since {
		return false
	}
	for _, slot := range d {
		if t.changed[slot].Load() > since {
			return false
		}
	}
	return true
}

// invalidate begins a generation in which the keys were changed. The slots are written first:
// who sees the new generation sees them too.
func (t *Tracker) invalidate(keys map[string]struct{}) {
	if len(keys) == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	next := t.generation.Load() + 1
	for key := range keys {
		t.changed[slotOf(key)].Store(next)
		t.changed[slotOf(anyOf(tableOf(key)))].Store(next)
	}
	t.generation.Store(next)
}

// InvalidateAll begins a generation in which everything was changed.
func (t *Tracker) InvalidateAll() {
	t.mu.Lock()
	defer t.mu.Unlock()
	next := t.generation.Load() + 1
	t.floor.Store(next)
	t.generation.Store(next)
}

// maxOwn bounds the entries of this process that are remembered until they were seen in the log.
const maxOwn = 100_000

// Committed remembers the entries of the change log that a transaction of this process
// committed: what they change was invalidated already.
func (t *Tracker) Committed(seqs ...int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.own) > maxOwn {
		clear(t.own)
	}
	for _, seq := range seqs {
		t.own[seq] = true
	}
}

// Apply invalidates what an entry of the change log says was changed, unless this process
// committed it. An entry that is not final is applied once more.
func (t *Tracker) Apply(seq int64, e Entry, final bool) {
	t.mu.Lock()
	own := t.own[seq]
	if final {
		delete(t.own, seq)
	}
	t.mu.Unlock()
	switch keys := e.keys(); {
	case own:
	case keys == nil:
		t.InvalidateAll()
	default:
		t.invalidate(keys)
	}
}

// CommittedUnlogged remembers a transaction of this process that changed what the log does not
// show, by the count in the database after it.
func (t *Tracker) CommittedUnlogged(count int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.counted) > maxOwn {
		clear(t.counted)
	}
	t.counted[count] = true
}

// OthersCounted reports whether a transaction of another process, or one of this process that
// is not known to have been committed, raised the count from one value to another.
func (t *Tracker) OthersCounted(from, to int64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	others := to < from || to-from > int64(len(t.counted))
	for n := from + 1; n <= to && !others; n++ {
		others = !t.counted[n]
	}
	for n := range t.counted {
		if n <= to {
			delete(t.counted, n)
		}
	}
	return others
}

// Dependencies are what an answer depends on.
type Dependencies []uint32

// DependOn returns the dependencies of what was read of whole tables.
func DependOn(tables ...string) Dependencies {
	d := make(Dependencies, len(tables))
	for i, table := range tables {
		d[i] = slotOf(anyOf(table))
	}
	return d
}

// DependOnSetting returns the dependencies of what was read of one setting.
func DependOnSetting(name string) Dependencies {
	return Dependencies{slotOf(setting.Table), slotOf(keyOf(setting.Table, name))}
}

// DependOnSchedule returns the dependencies of when time will next show or hide an article.
func DependOnSchedule() Dependencies { return Dependencies{slotOf(article.Table), slotOf(listKey)} }
