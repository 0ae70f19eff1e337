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

// A draft is an article with its comments, ready to be written.
type draft struct {
	article.Record
	document, hash, lead, text string
	frozen                     json.RawMessage // for the change log
	comments                   []remark
}

// A remark is a comment of a draft.
type remark struct {
	id, text, author, address string
	status                    comment.Status
	at                        instant.Instant
}

// drafts generates size articles from number first on. IDs are assigned in order; the
// content is generated in parallel, each article from a random source of its own.
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

// begin assigns the time and the IDs of an article and its comments.
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

// timeOf returns when an article was published. Times increase in even steps of whole
// minutes; sameTime articles share each.
func timeOf(number, of int) instant.Instant {
	number -= number % sameTime
	at := end.Add(-time.Duration(float64(span) * float64(of-number) / float64(of+1)))
	return at - at%instant.Instant(time.Minute/time.Microsecond)
}

// A writer generates the content of one article.
type writer struct {
	*site
	random *rand.Rand
}

// fill generates the content of d and its comments.
func (w writer) fill(d *draft) {
	d.ViewCount = int64(w.random.ExpFloat64() * 400)
	d.OriginAddress = fmt.Sprintf("198.51.100.%d", 1+w.random.IntN(254))
	d.Content = article.Content{
		Slug: slug.FromID(d.ID), Title: w.title(), Author: optional.String(fmt.Sprintf("作者%d", w.random.IntN(500))), Tags: w.tags(),
		CommentsOpen: true, Terminals: terminal.All(), Category: w.pick(w.categories),
		Publisher: w.publishers[w.zipf(len(w.publishers))], Body: w.document(minSize + w.random.IntN(maxSize-overshoot-minSize)),
	}
	if w.random.IntN(5) > 0 {
		d.Region = optional.String(w.pick(w.regions))
	}
	d.document, d.hash = string(d.Body.AppendJSON(nil)), body.Hash(d.Body)
	d.lead, d.text = render.Excerpt(d.Body, leadSize), render.Text(d.Body)
	d.frozen, _ = json.Marshal(d.Frozen()) // strings, times and a document always marshal
	d.Body = body.Document{}               // the parsed form is several times as large as the stored one
	for i := range d.comments {
		c := &d.comments[i]
		c.text, c.status = w.sentence(), comment.StatusAPPROVED
		c.author, c.address = fmt.Sprintf("读者%d", w.random.IntN(5000)), fmt.Sprintf("203.0.113.%d", 1+w.random.IntN(254))
		if w.random.IntN(10) == 0 {
			c.status = comment.StatusPENDING
		}
	}
}

// zipf returns a number below n, mostly a small one: a few publishers write most articles.
func (w writer) zipf(n int) int {
	f := w.random.Float64()
	return int(f * f * f * float64(n))
}
