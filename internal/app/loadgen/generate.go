// Package loadgen generates synthetic content for load tests. The same seed and number of
// articles generate the same content to the byte, so that two machines measure the same
// site, and the content is shaped like a real one: a few publishers write most articles,
// several articles share a time, bodies have 1,500 to 4,000 Chinese characters. The texts
// are built from our own words and mean nothing.
//
// It writes in bulk, for speed. Its invariant: every row, index entry and change-log entry
// is what article.Service and an import would have written.
package loadgen

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/store/changefeed"
)

// The size of the content.
const (
	regionCount    = 10
	publisherCount = 2000
	commentsEach   = 3
	sameTime       = 3   // articles that share a time
	batch          = 250 // articles in one transaction
	span           = 10 * 365 * 24 * time.Hour
	topCategories  = 4
	middleEach     = 4
	leavesEach     = 2 // 4 + 4·4 + 4·4·2 = 52, and 8 more leaves below the first
	extraLeaves    = 8
	minSize        = 1500 // characters of a body
	maxSize        = 4000
	overshoot      = 400 // greatest excess of a body over the size it was planned with
)

// end is the time of the newest generated content. It is fixed, so that every run generates
// the same.
var end, _ = instant.Parse("2026-01-01T00:00:00+08:00")

// Options select the amount and the variant of the content.
type Options struct {
	Articles int
	Seed     uint64
}

// A site is the content that is being generated.
type site struct {
	store                           *store.Store
	log                             *changefeed.Log
	seed                            uint64
	ids                             *typeid.Source
	regions, categories, publishers []string
	newest                          instant.Instant // of the articles so far
	slot                            int64           // of the newest
}

// Run writes the content into an empty database. It calls progress with the number of
// articles after each batch. It is long work.
func Run(ctx context.Context, s *store.Store, o Options, progress func(articles int)) error {
	ctx = store.LongWork(viewer.AsSystem(ctx))
	var seed [32]byte
	copy(seed[:], "tonggao generate")
	binary.BigEndian.PutUint64(seed[16:], o.Seed)
	g := &site{store: s, log: changefeed.New(s), seed: o.Seed, ids: typeid.NewSource(rand.NewChaCha8(seed))}
	if err := s.Tx(ctx, g.structure); err != nil {
		return fmt.Errorf("generate regions, publishers and categories: %w", err)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	done := 0
	for drafts := range g.prepare(ctx, o.Articles) {
		err := s.Tx(ctx, func(ctx context.Context, c *ent.Client) error { return g.write(ctx, c, drafts) })
		if err != nil {
			return fmt.Errorf("generate articles from number %d on: %w", done, err)
		}
		done += len(drafts)
		progress(done)
	}
	return ctx.Err()
}

// prepare generates batches of articles, one ahead of the one that is being written, until
// ctx ends.
func (g *site) prepare(ctx context.Context, articles int) <-chan []*draft {
	ready := make(chan []*draft)
	go func() {
		defer close(ready)
		for first := 0; first < articles && ctx.Err() == nil; first += batch {
			select {
			case ready <- g.drafts(first, min(batch, articles-first), articles):
			case <-ctx.Done():
			}
		}
	}()
	return ready
}

// structure writes regions, publishers and categories.
func (g *site) structure(ctx context.Context, c *ent.Client) error {
	at := end.Add(-span)
	var entries []changefeed.Entry
	for i := range regionCount {
		id := g.ids.New(typeid.Region, at)
		g.regions = append(g.regions, id)
		row, err := c.Region.Create().SetID(id).SetSlug(fmt.Sprintf("region-%d", i+1)).SetName(fmt.Sprintf("第%d市", i+1)).
			SetPosition(i).SetCreatedAt(at).SetUpdatedAt(at).Save(ctx)
		if err != nil {
			return err
		}
		entries = append(entries, changefeed.RegionEntry(changefeed.Created, row))
	}
	rows := make([]*ent.PublisherCreate, publisherCount)
	for i := range rows {
		id := g.ids.New(typeid.Publisher, at)
		g.publishers = append(g.publishers, id)
		rows[i] = c.Publisher.Create().SetID(id).SetName(fmt.Sprintf("发布者%04d", i+1)).SetPublic(i%3 == 0).SetCreatedAt(at).SetUpdatedAt(at)
	}
	written, err := c.Publisher.CreateBulk(rows...).Save(ctx)
	if err != nil {
		return err
	}
	for _, row := range written {
		entries = append(entries, changefeed.PublisherEntry(changefeed.Created, row))
	}
	tree, err := g.tree(ctx, c, at)
	if err != nil {
		return err
	}
	return g.log.Append(ctx, c, append(entries, tree...)...)
}

// tree writes 60 categories in three levels. Articles are in the leaves.
func (g *site) tree(ctx context.Context, c *ent.Client, at instant.Instant) (entries []changefeed.Entry, err error) {
	add := func(parent optional.String, position int) (optional.String, error) {
		number := len(entries) + 1
		id := g.ids.New(typeid.Category, at)
		create := c.Category.Create().SetID(id).SetSlug(fmt.Sprintf("category-%d", number)).SetName(fmt.Sprintf("栏目%d", number)).SetPosition(position).SetCreatedAt(at).SetUpdatedAt(at)
		if parent != "" {
			create.SetParentID(string(parent))
		}
		row, err := create.Save(ctx)
		if err == nil {
			entries = append(entries, changefeed.CategoryEntry(changefeed.Created, row, nil))
		}
		return optional.String(id), err
	}
	for i := range topCategories {
		top, err := add("", i)
		if err != nil {
			return nil, err
		}
		for j := range middleEach {
			middle, err := add(top, j)
			if err != nil {
				return nil, err
			}
			leaves := leavesEach
			if i == 0 {
				leaves += extraLeaves / middleEach
			}
			for k := range leaves {
				leaf, err := add(middle, k)
				if err != nil {
					return nil, err
				}
				g.categories = append(g.categories, string(leaf))
			}
		}
	}
	return entries, nil
}
