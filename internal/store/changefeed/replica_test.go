package changefeed_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/testkit/effort"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// view collects what the server shows through a filter.
type view struct {
	*fixture
	filter  changefeed.Filter
	items   map[string]string
	parents map[string]string
}

func (v view) add(e changefeed.Entry) {
	v.t.Helper()
	if len(v.filter.Types) > 0 && !slices.Contains(v.filter.Types, changefeed.ItemType(e.Type)) {
		return
	}
	text, err := json.Marshal(e.Item)
	v.Must(err)
	v.items[e.ID] = string(text)
}

func (v view) holds(a *ent.Article) bool {
	f := v.filter
	within := f.Category == nil
	for id := a.CategoryID; id != "" && !within; id = v.parents[id] {
		within = id == *f.Category
	}
	return within && (f.Region == nil || a.RegionID != nil && *a.RegionID == *f.Region) && (f.Terminal == nil || a.Terminals.Has(*f.Terminal))
}

// replica is a consumer: its copy and its cursor.
type replica struct {
	filter changefeed.Filter
	cursor *string
	items  map[string]held
}

// held is an item with what a consumer must know to remove what hangs on it.
type held struct {
	text     string
	category string // of an article, or where a comment's article stood
	article  string // of a comment
}

// apply is the whole of what docs/changes.md asks of a consumer.
func (r *replica) apply(c *changefeed.Change) error {
	switch {
	case len(c.Beneath) > 0:
		for id, item := range r.items {
			if a, ok := r.items[item.article]; ok {
				item.category = a.category
			}
			if slices.Contains(c.Beneath, item.category) {
				defer delete(r.items, id)
			}
		}
		return nil
	case c.Item == nil:
		delete(r.items, c.ItemID)
		for id, item := range r.items {
			if item.article == c.ItemID {
				delete(r.items, id)
			}
		}
		return nil
	}
	var refers struct{ Article string }
	err := json.Unmarshal(c.Item, &refers)
	item := held{text: string(c.Item), article: refers.Article}
	if c.Category != nil {
		item.category = *c.Category
	}
	r.items[c.ItemID] = item
	return err
}

// read takes one page and, unless it crashes, keeps it.
func (r *replica) read(ctx context.Context, log *changefeed.Log, first int, crash bool) (more bool, err error) {
	at, err := log.Cursor(ctx, r.cursor, r.filter)
	if err != nil {
		return false, err
	}
	page, err := log.Page(ctx, at, first, r.filter)
	if err != nil {
		return false, err
	}
	stop := len(page.Edges)
	if crash && stop > 0 {
		stop /= 2
	}
	for _, e := range page.Edges[:stop] {
		if err := r.apply(e.Node); err != nil {
			return false, err
		}
		if crash {
			r.cursor = &e.Cursor // a consumer that stores each change separately
		}
	}
	if !crash {
		r.cursor = page.PageInfo.EndCursor()
	}
	return page.More, nil
}

// filters are what the consumers of a test ask for.
func (n *fixture) filters(i int) (f changefeed.Filter) {
	if i%5 == 0 {
		return f
	}
	if n.Random.IntN(2) == 0 {
		f.Category = new(n.CategoryIDs[n.Random.IntN(4)])
	}
	if n.Random.IntN(4) == 0 {
		f.Region = &n.RegionIDs[n.Random.IntN(2)]
	}
	if n.Random.IntN(4) == 0 {
		f.Terminal = new(terminal.App)
	}
	if n.Random.IntN(4) == 0 {
		f.Types = [][]changefeed.ItemType{{changefeed.Article}, {changefeed.Article, changefeed.Comment}, {changefeed.Category, changefeed.Article}}[n.Random.IntN(3)]
	}
	return f
}

// TestReplicasEndEqual lets consumers follow a portal, crash, come back and read
// pages of all sizes, while everything happens to it that can: at the end, each
// copy is what the server shows, byte for byte. TONGGAO_TEST_EFFORT multiplies
// the number of portals.
func TestReplicasEndEqual(t *testing.T) {
	t.Parallel()
	seeds, consumers := effort.N(3), 12
	for seed := range seeds {
		t.Run(strconv.Itoa(seed), func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, s *storetest.Store) { replicas(t, s, uint64(seed), consumers) })
		})
	}
}

func replicas(t *testing.T, s *storetest.Store, seed uint64, consumers int) {
	n := open(t, s, seed)
	list := make([]*replica, consumers)
	for i := range list {
		list[i] = &replica{filter: n.filters(i), items: map[string]held{}}
	}
	for range 60 {
		n.Act()
		for range 4 {
			r := list[n.Random.IntN(consumers)]
			_, err := r.read(integrator, n.Log, 1+n.Random.IntN(12), n.Random.IntN(5) == 0)
			n.Must(err)
		}
	}
	n.Advance(time.Hour)
	n.Must(n.Articles.LogDue(system))
	for _, r := range list {
		n.drain(r)
		n.compare(r)
	}
}

func describe(f changefeed.Filter) string {
	text, _ := json.Marshal(f)
	return string(text)
}

func difference(got, want map[string]string) (text string) {
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if got[id] != want[id] {
			text += fmt.Sprintf("  %s: has %.300s\n      the server shows %.300s\n", id, got[id], want[id])
		}
	}
	for _, id := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[id]; !ok {
			text += fmt.Sprintf("  %s: is gone from the server, has %.300s\n", id, got[id])
		}
	}
	return text
}
