package app_test

import (
	"context"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/comment"
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
