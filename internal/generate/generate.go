// Package generate makes synthetic content for load tests: deterministic, so that
// two machines measure the same site, and shaped like a real one (Zipf-like
// publishers, equal times, texts of 1,500 to 4,000 Chinese characters).
//
// The same seed and number of articles give the same content to the byte. The
// texts are made of our own words and mean nothing.
package generate

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/tonggao/tonggao/ent"
	entarticle "github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/internal/article"
	"github.com/tonggao/tonggao/internal/gid"
	"github.com/tonggao/tonggao/internal/instant"
	"github.com/tonggao/tonggao/internal/maybe"
	"github.com/tonggao/tonggao/internal/store"
	"github.com/tonggao/tonggao/internal/terminal"
	"github.com/tonggao/tonggao/internal/viewer"
)

// Shape of the site.
const (
	regionCount     = 10
	publisherCount  = 2000
	commentsEach    = 3
	batch           = 250 // articles in one transaction
	span            = 10 * 365 * 24 * time.Hour
	topCategories   = 4
	middleEach      = 4
	leavesEach      = 2 // 4 + 4·4 + 4·4·2 = 52, and 8 more leaves below the first
	extraLeaves     = 8
	fewestCharacter = 1500
	mostCharacters  = 4000
)

// end is the newest moment of generated content. It is fixed, because now is
// another one on every run.
var end, _ = instant.Parse("2026-01-01T00:00:00+08:00")

// Options say how much.
type Options struct {
	Articles int
	Seed     uint64
}

// site is the content under way.
type site struct {
	articles                        *article.Service
	random                          *rand.Rand
	ids                             *gid.Source
	regions, categories, publishers []string
}

// Run writes the content. Progress is told how many articles there are, batch by
// batch.
func Run(ctx context.Context, s *store.Store, articles *article.Service, o Options, progress func(articles int)) error {
	ctx = viewer.AsSystem(ctx)
	var seed [32]byte
	copy(seed[:], "tonggao generate")
	binary.BigEndian.PutUint64(seed[16:], o.Seed)
	source := rand.NewChaCha8(seed)
	g := &site{articles: articles, random: rand.New(source), ids: gid.NewSource(source)}
	if err := s.Tx(ctx, g.places); err != nil {
		return fmt.Errorf("generate the places: %w", err)
	}
	for done := 0; done < o.Articles; {
		size := min(batch, o.Articles-done)
		err := s.Tx(ctx, func(ctx context.Context, c *ent.Client) error {
			for n := range size {
				if err := g.article(ctx, c, done+n, o.Articles); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("generate articles from %d on: %w", done, err)
		}
		done += size
		progress(done)
	}
	return nil
}

func (g *site) places(ctx context.Context, c *ent.Client) error {
	at := end.Add(-span)
	for i := range regionCount {
		id := g.ids.New(gid.Region, at)
		g.regions = append(g.regions, id)
		name := fmt.Sprintf("第%d市", i+1)
		if err := c.Region.Create().SetID(id).SetSlug(fmt.Sprintf("region-%d", i+1)).SetName(name).SetPosition(i).
			SetCreatedAt(at).SetUpdatedAt(at).Exec(ctx); err != nil {
			return err
		}
	}
	rows := make([]*ent.PublisherCreate, publisherCount)
	for i := range rows {
		id := g.ids.New(gid.Publisher, at)
		g.publishers = append(g.publishers, id)
		rows[i] = c.Publisher.Create().SetID(id).SetName(fmt.Sprintf("发布者%04d", i+1)).SetPublic(i%3 == 0).SetCreatedAt(at).SetUpdatedAt(at)
	}
	if err := c.Publisher.CreateBulk(rows...).Exec(ctx); err != nil {
		return err
	}
	return g.tree(ctx, c, at)
}

// tree makes 60 categories in three levels; articles are filed in the leaves.
func (g *site) tree(ctx context.Context, c *ent.Client, at instant.Instant) error {
	number := 0
	add := func(parent *string, position int) (string, error) {
		number++
		id := g.ids.New(gid.Category, at)
		return id, c.Category.Create().SetID(id).SetSlug(fmt.Sprintf("category-%d", number)).SetName(fmt.Sprintf("栏目%d", number)).
			SetPosition(position).SetNillableParentID(parent).SetCreatedAt(at).SetUpdatedAt(at).Exec(ctx)
	}
	for i := range topCategories {
		top, err := add(nil, i)
		if err != nil {
			return err
		}
		for j := range middleEach {
			middle, err := add(&top, j)
			if err != nil {
				return err
			}
			leaves := leavesEach
			if i == 0 {
				leaves += extraLeaves / middleEach
			}
			for k := range leaves {
				leaf, err := add(&middle, k)
				if err != nil {
					return err
				}
				g.categories = append(g.categories, leaf)
			}
		}
	}
	return nil
}

func (g *site) article(ctx context.Context, c *ent.Client, number, of int) error {
	// Times go down in even steps, cut to the minute: many are equal.
	at := end.Add(-time.Duration(float64(span) * float64(of-number) / float64(of+1)))
	at -= at % instant.Instant(time.Minute/time.Microsecond)
	r := article.Record{
		ID: g.ids.New(gid.Article, at), Status: entarticle.StatusPUBLISHED, PublishedAt: &at, CreatedAt: at, UpdatedAt: at,
		Version: 1, ViewCount: int64(g.random.ExpFloat64() * 400), OriginAddress: fmt.Sprintf("198.51.100.%d", 1+g.random.IntN(254)),
		Content: article.Content{
			Title: g.title(), Author: maybe.String(fmt.Sprintf("作者%d", g.random.IntN(500))), Tags: g.tags(),
			CommentsOpen: true, Terminals: terminal.All(), Category: g.categories[g.random.IntN(len(g.categories))],
			Publisher: g.publishers[g.zipf(len(g.publishers))], Body: g.document(fewestCharacter + g.random.IntN(mostCharacters-fewestCharacter)),
		},
	}
	if g.random.IntN(5) > 0 {
		r.Region = maybe.String(g.regions[g.random.IntN(len(g.regions))])
	}
	if _, err := g.articles.Put(ctx, r); err != nil {
		return err
	}
	return g.comments(ctx, c, r)
}

// zipf prefers small numbers, as a few publishers write most.
func (g *site) zipf(n int) int {
	f := g.random.Float64()
	return int(f * f * f * float64(n))
}

func (g *site) comments(ctx context.Context, c *ent.Client, r article.Record) error {
	rows := make([]*ent.CommentCreate, commentsEach)
	approved := 0
	for i := range rows {
		at := r.PublishedAt.Add(time.Duration(1+g.random.IntN(48*60)) * time.Minute)
		status := comment.StatusAPPROVED
		if g.random.IntN(10) == 0 {
			status = comment.StatusPENDING
		} else {
			approved++
		}
		rows[i] = c.Comment.Create().SetID(g.ids.New(gid.Comment, at)).SetArticleID(r.ID).SetText(g.sentence()).
			SetAuthor(maybe.String(fmt.Sprintf("读者%d", g.random.IntN(5000)))).SetStatus(status).SetCreatedAt(at).SetUpdatedAt(at).
			SetOriginAddress(fmt.Sprintf("203.0.113.%d", 1+g.random.IntN(254)))
	}
	if err := c.Comment.CreateBulk(rows...).Exec(ctx); err != nil {
		return err
	}
	return c.Article.UpdateOneID(r.ID).SetCommentCount(approved).Exec(ctx)
}
