package article_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	entreport "github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/comment"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/portal"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestCreateTogether creates articles at the same moment and schedules them for the same
// second: none is refused.
func TestCreateTogether(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := portal.New(t, s)
		const writers = 16
		at := s.Clock().Add(time.Hour)
		first := p.Draft(article.CreateInput{}) // makes the category and the publisher
		said := check.Together(writers, func(int) error {
			a, err := p.Articles.Create(portal.System(), article.CreateInput{Title: "渡口夜航", Category: first.CategoryID, Publisher: &first.PublisherID,
				Body: article.BodyInput{Markdown: new("夜航加开两班。")}})
			if err == nil {
				_, err = p.Articles.Publish(portal.System(), article.PublishInput{Article: a.ID, At: &at})
			}
			return err
		})
		check.Equal(t, "the errors", strings.Join(said, ""), "")
	})
}

// TestCreateOnce sends a create twice with one idempotency key.
func TestCreateOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := portal.New(t, s)
		first := p.Draft(article.CreateInput{})
		in := article.CreateInput{Title: "渡口夜航", Category: first.CategoryID, Publisher: &first.PublisherID,
			Body: article.BodyInput{Markdown: new("夜航加开两班。")}, IdempotencyKey: new("9d0e5a52-a-key-of-a-client")}
		a, err := p.Articles.Create(portal.System(), in)
		check.NoError(t, err)
		b, err := p.Articles.Create(portal.System(), in)
		check.NoError(t, err)
		check.Equal(t, "the article of the second request", b.ID, a.ID)
		in.Title = "渡口早航"
		_, err = p.Articles.Create(portal.System(), in)
		check.Equal(t, "another article with the same key", check.Problems(err), "CONFLICT")
	})
}

// TestDeleteKeepsHeldComments deletes articles whose comments are under legal hold or not.
func TestDeleteKeepsHeldComments(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p, system := portal.New(t, s), portal.System()
		report := func(id string, status entreport.Status) {
			p.Must(s.Client(system).Report.Create().SetID(typeid.New(typeid.Report, s.Clock())).SetKind(entreport.KindOTHER).SetStatus(status).SetTarget(id).
				SetStatement("评论里有广告。").SetReceipt(string(status)).SetFiledAt(s.Clock()).SetDueAt(s.Clock()).SetSnapshot("{}").SetSnapshotHash("").Exec(system))
		}
		for _, test := range []struct {
			name, says string
			hold       func(id string)
		}{
			{"visible", "", func(string) {}},
			{"taken down", "CONFLICT", func(id string) {
				p.Must(s.Tx(system, func(ctx context.Context, c *ent.Client) error {
					_, err := p.Comments.TakeDown(ctx, c, id, "法院通知第17号")
					return err
				}))
			}},
			{"reported", "CONFLICT", func(id string) { report(id, entreport.StatusACCEPTED) }},
			{"waiting for material", "CONFLICT", func(id string) { report(id, entreport.StatusNEEDS_MATERIAL) }},
			{"the report was rejected", "", func(id string) { report(id, entreport.StatusREJECTED) }},
		} {
			a := p.Article(article.CreateInput{Title: test.name}, s.Clock())
			p.Comment(comment.AddInput{Article: a.ID}, true)
			held := p.Comment(comment.AddInput{Article: a.ID, Text: "渡船几点开？"}, true)
			test.hold(held.ID)
			err := p.Articles.Delete(system, a.ID)
			check.Equal(t, test.name, check.Problems(err), test.says)
			if err != nil && !strings.Contains(err.Error(), "1 of its comments") {
				t.Errorf("%s: the message does not name their number: %v", test.name, err)
			}
			check.Equal(t, test.name+": the comment is kept", s.Client(system).Comment.Query().CountX(system) > 0, err != nil)
			if err != nil {
				_, err := s.Client(system).Comment.Delete().Exec(system)
				check.NoError(t, err)
			}
		}
	})
}
