package loadgen

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"time"

	entarticle "github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/body/render"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/optional"
	"github.com/tonggao/tonggao/internal/foundation/slug"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
)

// draft is an article with what is below it, ready to be written.
type draft struct {
	article.Record
	document, hash, lead, text string
	frozen                     json.RawMessage // as the change log keeps it
	comments                   []remark
}

// remark is a comment.
type remark struct {
	id, text, author, address string
	status                    comment.Status
	at                        instant.Instant
}

// drafts makes the articles from number first on. Their ids come one after the
// other; what is in them is made side by side, each from a source of its own.
func (g *site) drafts(first, size, of int) []*draft {
	list := make([]*draft, size)
	for i := range list {
		list[i] = g.begin(first+i, of)
	}
	var all sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	numbered := make([]int, size)
	for i := range numbered {
		numbered[i] = i
	}
	for part := range slices.Chunk(numbered, (size+workers-1)/workers) {
		all.Go(func() {
			for _, i := range part {
				w := writer{g, rand.New(rand.NewPCG(g.seed, uint64(first+i)))}
				w.fill(list[i])
			}
		})
	}
	all.Wait()
	return list
}

// begin gives an article its place in time, and ids to it and to its comments.
func (g *site) begin(number, of int) *draft {
	at := timeOf(number, of)
	if g.slot++; at != g.newest {
		g.newest, g.slot = at, int64(at)
	}
	d := &draft{Record: article.Record{ID: g.ids.New(typeid.Article, at), Status: entarticle.StatusPUBLISHED, PublishedAt: &at,
		CreatedAt: at, UpdatedAt: at, Version: 1, SearchSlot: g.slot}, comments: make([]remark, commentsEach)}
	for i := range d.comments {
		d.comments[i].at = at.Add(time.Duration(1+(number*7919+i*1021)%(24*60)+i*24*60) * time.Minute)
		d.comments[i].id = g.ids.New(typeid.Comment, d.comments[i].at)
	}
	return d
}

// timeOf is when an article was published. Times go up in even steps, cut to the
// minute, and so many articles share each.
func timeOf(number, of int) instant.Instant {
	number -= number % sharing
	at := end.Add(-time.Duration(float64(span) * float64(of-number) / float64(of+1)))
	return at - at%instant.Instant(time.Minute/time.Microsecond)
}

// writer writes one article.
type writer struct {
	*site
	random *rand.Rand
}

func (w writer) fill(d *draft) {
	d.ViewCount = int64(w.random.ExpFloat64() * 400)
	d.OriginAddress = fmt.Sprintf("198.51.100.%d", 1+w.random.IntN(254))
	d.Content = article.Content{
		Slug: slug.FromID(d.ID), Title: w.title(), Author: optional.String(fmt.Sprintf("作者%d", w.random.IntN(500))), Tags: w.tags(),
		CommentsOpen: true, Terminals: terminal.All(), Category: w.pick(w.categories),
		Publisher: w.publishers[w.zipf(len(w.publishers))], Body: w.document(fewest + w.random.IntN(most-overshoot-fewest)),
	}
	if w.random.IntN(5) > 0 {
		d.Region = optional.String(w.pick(w.regions))
	}
	d.document, d.hash = string(d.Body.AppendJSON(nil)), body.Hash(d.Body)
	d.lead, d.text = render.Excerpt(d.Body, leadSize), render.Text(d.Body)
	d.frozen, _ = json.Marshal(d.Frozen()) // strings, times and a document always marshal
	d.Body = body.Document{}               // several times as large as what was made of it
	for i := range d.comments {
		c := &d.comments[i]
		c.text, c.status = w.sentence(), comment.StatusAPPROVED
		c.author, c.address = fmt.Sprintf("读者%d", w.random.IntN(5000)), fmt.Sprintf("203.0.113.%d", 1+w.random.IntN(254))
		if w.random.IntN(10) == 0 {
			c.status = comment.StatusPENDING
		}
	}
}

// zipf prefers small numbers, as a few publishers write most.
func (w writer) zipf(n int) int {
	f := w.random.Float64()
	return int(f * f * f * float64(n))
}
