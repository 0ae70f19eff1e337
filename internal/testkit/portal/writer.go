package portal

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	entcomment "github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/content/comment"
	"github.com/tonggao/tonggao/internal/content/publisher"
	"github.com/tonggao/tonggao/internal/content/region"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/moderation/takedown"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// A Writer makes random writes to a portal, the same ones for the same seed: it writes,
// edits, publishes, withdraws, comments, moderates, moves, renames, takes down and deletes.
type Writer struct {
	*Portal
	Random *rand.Rand

	ArticleIDs, CategoryIDs, PublisherIDs, RegionIDs, CommentIDs []string // ids of what was created

	comments int
	down     map[string]string // what is taken down, with its status before
}

// NewWriter returns a writer over s and creates the categories, publishers and regions
// that it writes into.
func NewWriter(t testing.TB, s *storetest.Store, seed uint64) *Writer {
	t.Helper()
	w := &Writer{Portal: newPortal(t, s, henan), Random: rand.New(rand.NewPCG(seed, 4)), down: map[string]string{}}
	for i := range 2 {
		w.PublisherIDs = append(w.PublisherIDs, w.Portal.Publisher(fmt.Sprintf("林小满%d", i), i == 0).ID)
		r, err := w.Regions.Create(System(), region.CreateInput{Name: fmt.Sprintf("临澜市%d", i)})
		w.Must(err)
		w.RegionIDs = append(w.RegionIDs, r.ID)
	}
	for range 4 {
		w.AddCategory()
	}
	return w
}

// henan is the region of every address.
func henan(string) string { return "河南" }

// try accepts a refusal, which chance may bring about, and ends the test on a failure.
func (w *Writer) try(err error) {
	w.t.Helper()
	if err != nil && fault.CodeOf(err) == fault.Internal {
		w.t.Fatal(err)
	}
}

// one returns one of the ids, or nothing where there is none.
func (w *Writer) one(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return ids[w.Random.IntN(len(ids))]
}

// AddCategory creates a category, mostly below another one.
func (w *Writer) AddCategory() {
	in := category.CreateInput{Name: fmt.Sprintf("栏目%d", len(w.CategoryIDs))}
	if parent := w.one(w.CategoryIDs); parent != "" && w.Random.IntN(4) > 0 {
		in.Parent = &parent
	}
	c, err := w.Categories.Create(System(), in)
	if w.try(err); err == nil {
		w.CategoryIDs = append(w.CategoryIDs, c.ID)
	}
}

func (w *Writer) terminals() []terminal.Terminal {
	return [][]terminal.Terminal{{terminal.Web}, {terminal.App, terminal.Web}, {terminal.App}}[w.Random.IntN(3)]
}

// Act makes one write.
func (w *Writer) Act() {
	w.Advance(time.Duration(1+w.Random.IntN(50)) * time.Second)
	switch w.Random.IntN(20) {
	case 0, 1, 2:
		w.Write()
	case 3, 4:
		w.edit()
	case 5, 6:
		w.publish()
	case 7:
		_, err := w.Articles.Unpublish(System(), article.UnpublishInput{Article: w.one(w.ArticleIDs)})
		w.try(err)
	case 8:
		w.try(w.Articles.Delete(System(), w.one(w.ArticleIDs)))
	case 9:
		w.Advance(time.Duration(w.Random.IntN(200)) * time.Second)
		w.Must(w.Articles.LogDue(System()))
	case 10, 11, 17, 18, 19:
		w.addComment()
	case 12:
		w.moderate()
	case 13:
		w.move()
	case 14:
		w.rename()
	case 15:
		w.TakeDown()
	default:
		w.AddCategory()
		w.try(w.Categories.Delete(System(), w.one(w.CategoryIDs)))
	}
}

// Write writes an article and publishes it.
func (w *Writer) Write() {
	text := "第一段说养老。"
	in := article.CreateInput{Title: fmt.Sprintf("第%d篇", len(w.ArticleIDs)), Category: w.one(w.CategoryIDs), Publisher: &w.PublisherIDs[w.Random.IntN(2)],
		Body: article.BodyInput{Markdown: &text}, CommentsOpen: true, Terminals: w.terminals(), Tags: []string{"养老"}}
	if w.Random.IntN(2) == 0 {
		in.Region = &w.RegionIDs[w.Random.IntN(2)]
	}
	a, err := w.Articles.Create(System(), in)
	if w.try(err); err == nil {
		w.ArticleIDs = append(w.ArticleIDs, a.ID)
		_, err = w.Articles.Publish(System(), article.PublishInput{Article: a.ID})
		w.try(err)
	}
}

func (w *Writer) edit() {
	a, err := w.Client(System()).Article.Get(System(), w.one(w.ArticleIDs))
	if err != nil {
		return
	}
	in := article.UpdateInput{Article: a.ID, Version: a.Version}
	switch w.Random.IntN(4) {
	case 0:
		in.Category = new(w.one(w.CategoryIDs))
	case 1:
		in.Region = new(append(w.RegionIDs, "")[w.Random.IntN(3)])
	case 2:
		in.Terminals = w.terminals()
	default:
		in.Title = new(fmt.Sprintf("改过的标题%d", w.Random.IntN(1000)))
	}
	_, err = w.Articles.Update(System(), in)
	w.try(err)
}

func (w *Writer) publish() {
	in, now := article.PublishInput{Article: w.one(w.ArticleIDs)}, w.Clock()
	if w.Random.IntN(2) == 0 {
		in.At = new(now.Add(time.Duration(w.Random.IntN(100)-20) * time.Second))
	}
	if w.Random.IntN(2) == 0 {
		in.ExpiresAt = new(now.Add(time.Duration(90+w.Random.IntN(200)) * time.Second))
	}
	_, err := w.Articles.Publish(System(), in)
	w.try(err)
}

func (w *Writer) addComment() {
	w.comments++
	in := comment.AddInput{Article: w.one(w.ArticleIDs), Text: fmt.Sprintf("第%d条评论", w.comments)}
	if parent, err := w.Client(System()).Comment.Get(System(), w.one(w.CommentIDs)); err == nil && parent.ParentID == nil {
		in.Article, in.Parent = parent.ArticleID, &parent.ID
	}
	c, err := w.Comments.Add(System(), in)
	if w.try(err); err == nil {
		w.CommentIDs = append(w.CommentIDs, c.ID)
		_, err = w.Comments.Moderate(System(), comment.ModerateInput{Comment: c.ID, Status: entcomment.StatusAPPROVED})
		w.try(err)
	}
}

func (w *Writer) moderate() {
	status := []entcomment.Status{entcomment.StatusAPPROVED, entcomment.StatusREJECTED, entcomment.StatusPENDING}[w.Random.IntN(3)]
	_, err := w.Comments.Moderate(System(), comment.ModerateInput{Comment: w.one(w.CommentIDs), Status: status})
	w.try(err)
}

func (w *Writer) move() {
	in := category.UpdateInput{Category: w.one(w.CategoryIDs), Parent: new("")}
	if w.Random.IntN(3) > 0 {
		in.Parent = new(w.one(w.CategoryIDs))
	}
	_, err := w.Categories.Update(System(), in)
	w.try(err)
}

// TakeDown takes an article or a comment down, or restores the one that is down.
func (w *Writer) TakeDown() {
	for id, before := range w.down {
		delete(w.down, id)
		if typeid.Is(typeid.Comment, id) {
			if there, err := w.Client(System()).Comment.Query().Where(entcomment.ID(id)).Exist(System()); err != nil || !there {
				w.Must(err)
				return // it was deleted with its article
			}
		}
		w.try(w.Tx(System(), func(ctx context.Context, c *ent.Client) error {
			return w.target(id).Restore(ctx, c, id, before, "查无实据")
		}))
		return
	}
	id := w.one(append(w.ArticleIDs, w.CommentIDs...))
	w.try(w.Tx(System(), func(ctx context.Context, c *ent.Client) (err error) {
		w.down[id], err = w.target(id).TakeDown(ctx, c, id, "侵权")
		if err != nil {
			delete(w.down, id)
		}
		return err
	}))
}

func (w *Writer) target(id string) takedown.Target {
	if typeid.Is(typeid.Comment, id) {
		return w.Comments
	}
	return w.Articles
}

func (w *Writer) rename() {
	name := fmt.Sprintf("新名字%d", w.Random.IntN(1000))
	_, err := w.Categories.Update(System(), category.UpdateInput{Category: w.one(w.CategoryIDs), Name: &name})
	w.try(err)
	_, err = w.Publishers.Update(System(), publisher.UpdateInput{Publisher: w.one(w.PublisherIDs), Name: &name, Public: new(w.Random.IntN(2) == 0)})
	w.try(err)
	_, err = w.Regions.Update(System(), region.UpdateInput{Region: w.one(w.RegionIDs), Name: &name})
	w.try(err)
}
