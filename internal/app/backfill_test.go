package app_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/comment"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/setting"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestBackfill empties the change log, as the migration does to what older versions
// logged, and appends all items again, once.
func TestBackfill(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s)
		news, publisher := p.Category("行业新闻", "news", nil), p.Publisher("青禾社区", true)
		p.Region("临澜市", "linlan")
		a := p.Article(article.CreateInput{Title: "公开的", Category: news.ID, Publisher: &publisher.ID}, s.Clock().Add(-time.Hour))
		p.Draft(article.CreateInput{Title: "草稿", Category: news.ID, Publisher: &publisher.ID})
		p.Comment(comment.AddInput{Article: a.ID, Text: "饭菜可口。"}, true)
		p.Comment(comment.AddInput{Article: a.ID, Text: "待审。"}, false)
		count := func() int {
			t.Helper()
			n, err := s.Client(apptest.System()).Change.Query().Count(apptest.System())
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		want := count() // of each thing that is to be seen, its creation
		if _, err := s.Client(apptest.System()).Change.Delete().Exec(apptest.System()); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := p.Backfill(context.Background()); err != nil {
				t.Fatal(err)
			}
			if got := count(); got != want {
				t.Errorf("%d entries, want %d", got, want)
			}
		}
	})
}

// TestBackfillPictures gives the addresses of pictures that older versions stored the canonical
// form, and records the pictures behind them, of an article that is taken down as well.
func TestBackfillPictures(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		const hash = "0123456789abcdef0123456789abcdef01234567"
		const file, old = "/media/" + hash + "/320.png", "/x/../media//" + hash + "/320.png?v=1"
		p := apptest.Start(t, s)
		news, publisher := p.Category("行业新闻", "news", nil).ID, p.Publisher("青禾社区", true).ID
		text := "![院子](/yard.png) [大图](/large.png)"
		a := p.Article(article.CreateInput{Title: "院子", Category: news, Publisher: &publisher, Body: article.BodyInput{Markdown: &text}}, s.Clock().Add(-time.Hour))
		p.Article(article.CreateInput{Title: "没有图片", Category: news, Publisher: &publisher}, s.Clock().Add(-time.Hour))
		p.MustAsk(p.Token(viewer.Moderator, ""), `mutation($item: ID!) { takeDown(input: { item: $item, reason: "权利人通知" }) { takedown { id } } }`,
			map[string]any{"item": a.ID}, new(any))
		sys := apptest.System()
		c := s.Client(sys)
		doc := c.Body.GetX(sys, a.ID).Document
		c.Body.UpdateOneID(a.ID).SetDocument(strings.NewReplacer("/yard.png", old, "/large.png", old).Replace(doc)).ExecX(sys)
		if err := setting.Delete(sys, c, "picture_addresses_canonical"); err != nil {
			t.Fatal(err)
		}
		if err := p.Backfill(context.Background()); err != nil {
			t.Fatal(err)
		}
		if got := c.Body.GetX(sys, a.ID).Document; strings.Contains(got, old) || strings.Count(got, file) != 2 {
			t.Errorf("the document: %s", got)
		}
		if uses := c.PictureUse.Query().AllX(sys); len(uses) != 1 || uses[0].Hash != hash || !uses[0].Down {
			t.Errorf("the uses: %v", uses)
		}
	})
}
