package article_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	entarticle "github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
)

func TestPut(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, n *fixture) {
		at := n.Clock()
		r := article.Record{
			ID: typeid.New(typeid.Article, at), Status: entarticle.StatusPUBLISHED, PublishedAt: &at, CreatedAt: at, UpdatedAt: at,
			Version: 7, ViewCount: 597, OriginAddress: "203.0.113.9", ImportKey: new("page:1"),
			Content: article.Content{Slug: "put", Title: "放进来的", Tags: []string{"甲"}, CommentsOpen: true, Terminals: terminal.All(),
				Category: n.news, Publisher: n.writer, Body: body.Doc(body.Paragraph(body.Text("正文")))},
		}
		put := func(want article.Outcome) {
			t.Helper()
			if got, err := n.Put(system, r); got != want || err != nil {
				t.Errorf("got %s, %v, want %s", got, err, want)
			}
		}
		put(article.Created)
		put(article.Unchanged)
		r.Title, r.ViewCount = "改了标题", 600
		put(article.Updated)
		put(article.Unchanged)

		kept, err := n.ByImportKey(system, "page:1")
		n.Must(err)
		r.SearchSlot = kept.SearchSlot
		if diff := cmp.Diff(r, kept); diff != "" {
			t.Errorf("what was put is not what is there: %s", diff)
		}
		if diff := cmp.Diff([]string{"CREATED", "UPDATED"}, n.log(r.ID)); diff != "" {
			t.Errorf("the change log: %s", diff)
		}
		r.ID = "art_wrong"
		_, err = n.Put(system, r)
		if diff := cmp.Diff([]string{"INVALID id"}, complaints(err)); diff != "" {
			t.Errorf("%v", err)
		}
		r.ID = typeid.New(typeid.Article, at)
		if _, err := n.Put(editor, r); err == nil {
			t.Error("an editor put a record")
		}
	})
}
