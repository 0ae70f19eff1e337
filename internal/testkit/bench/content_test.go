package bench_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/search"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// How much content there is.
const (
	comments   = 4 // of each article
	publishers = 30
	branches   = 4 // of each category, on three levels
	batch      = 500
)

// articles is how many articles there are; with -short, enough for a run to succeed.
func articles() int {
	if testing.Short() {
		return 2 * batch
	}
	return 20 * batch
}

// Words of the articles: commonWord is in all of them, rareWord in three.
const commonWord, rareWord = "养老服务", "榫卯"

// fill writes the articles of a busy portal into s, in few statements.
func fill(b *testing.B, s *storetest.Store) {
	b.Helper()
	err := s.Tx(viewer.AsSystem(context.Background()), func(ctx context.Context, c *ent.Client) error {
		w := writer{ctx: ctx, c: c, s: s, now: s.Clock()}
		w.categories()
		for from := 0; from < articles(); from += batch {
			w.articles(from)
		}
		return w.err
	})
	if err != nil {
		b.Fatalf("fill the database: %v", err)
	}
}

// writer writes until the first error.
type writer struct {
	ctx                context.Context
	c                  *ent.Client
	s                  *storetest.Store
	now                instant.Instant
	leaves, publishers []string
	err                error
}

func (w *writer) try(err error) {
	if w.err == nil {
		w.err = err
	}
}

// categories writes the publishers and the tree of categories.
func (w *writer) categories() {
	for i := range publishers {
		id := typeid.New(typeid.Publisher, w.now)
		w.publishers = append(w.publishers, id)
		w.try(w.c.Publisher.Create().SetID(id).SetName(fmt.Sprintf("青禾养老网编辑部%d", i)).SetPublic(i%3 == 0).
			SetCreatedAt(w.now).SetUpdatedAt(w.now).Exec(w.ctx))
	}
	w.category("行业", "", 2)
}

func (w *writer) category(name, parent string, below int) {
	for i := range branches {
		id := typeid.New(typeid.Category, w.now)
		create := w.c.Category.Create().SetID(id).SetSlug(id).SetName(fmt.Sprintf("%s%d", name, i)).
			SetPosition(i).SetCreatedAt(w.now).SetUpdatedAt(w.now)
		if parent != "" {
			create.SetParentID(parent)
		}
		w.try(create.Exec(w.ctx))
		if below == 0 {
			w.leaves = append(w.leaves, id)
			continue
		}
		w.category(name, id, below-1)
	}
}

// articles writes a batch, the newest first, with bodies, comments and search index.
func (w *writer) articles(from int) {
	rows := make([]*ent.ArticleCreate, batch)
	bodies := make([]*ent.BodyCreate, batch)
	said := make([]*ent.CommentCreate, 0, batch*comments)
	texts := make(map[int64]string, batch)
	for i := range rows {
		n := from + i
		at := w.now.Add(-time.Duration(n) * 7 * time.Minute)
		id := typeid.New(typeid.Article, at)
		title := fmt.Sprintf("第%d篇:社区%s走进院子", n, commonWord)
		if n%(articles()/3) == 7 {
			title += "," + rareWord + "老屋翻新"
		}
		text := strings.Repeat(title+"。老人说,这样的日子踏实。", 20)
		texts[int64(at)] = text
		rows[i] = w.c.Article.Create().SetID(id).SetSlug(id).SetStatus(article.StatusPUBLISHED).SetTitle(title).
			SetLead(text[:len("第")*40]).SetTags([]string{"养老"}).SetCategoryID(w.leaves[n%len(w.leaves)]).
			SetPublisherID(w.publishers[n%len(w.publishers)]).SetPublishedAt(at).SetListedAt(at).SetCreatedAt(at).
			SetUpdatedAt(at).SetSearchSlot(int64(at)).SetViewCount(int64(n * 31 % 9973)).SetCommentCount(comments)
		bodies[i] = w.c.Body.Create().SetID(id).SetArticleID(id).SetHash(id).
			SetDocument(`{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"` + text + `"}]}]}`)
		for j := range comments {
			said = append(said, w.c.Comment.Create().SetID(typeid.New(typeid.Comment, at)).SetArticleID(id).
				SetText(fmt.Sprintf("第%d条评论:写得实在。", j)).SetStatus(comment.StatusAPPROVED).SetCreatedAt(at).SetUpdatedAt(at))
		}
	}
	w.try(w.c.Article.CreateBulk(rows...).Exec(w.ctx))
	w.try(w.c.Body.CreateBulk(bodies...).Exec(w.ctx))
	w.try(w.c.Comment.CreateBulk(said...).Exec(w.ctx))
	for slot, text := range texts {
		w.try(search.Put(w.ctx, w.c, w.s.Engine, slot, text))
	}
}
